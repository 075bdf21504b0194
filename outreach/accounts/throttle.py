"""How often a password may be tried: 10 times in 15 minutes for one account from one address, 100 times an hour from
one address whatever the account.

django-axes asks us before a password is looked at, and tells us when it was wrong. A try during a lockout is not
counted, so a lockout ends after 15 minutes at the latest, and accounts that do not exist are counted like the others.
Whoever has signed in from an address before is not held up by what strangers try from there. Times are real times.
"""

import ipaddress
from datetime import timedelta

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.models import AccessFailureLog, AccessLog
from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext as _

ACCOUNT_TRIES, ACCOUNT_WAITS = 10, timedelta(minutes=15)
ADDRESS_TRIES, ADDRESS_WAITS = 100, timedelta(hours=1)
REMEMBERED = timedelta(days=30)  # that somebody signed in from an address


class Throttle(AbstractAxesHandler, AxesBaseHandler):
    """The handler of AXES_HANDLER: two windows over the list of failed sign-ins, and nothing else is kept of them."""

    def get_failures(self, request, credentials=None):
        """Return the number of tries that count against this one: those of its account, or of its address."""
        return max(self._of_account(request, credentials), self._of_address(request, credentials))

    def is_locked(self, request, credentials=None):
        return (
            self._of_account(request, credentials) >= ACCOUNT_TRIES
            or self._of_address(request, credentials) >= ADDRESS_TRIES
        )

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return
        request.axes_credentials = credentials  # for refused()
        if request.axes_locked_out:
            return
        now = request.axes_attempt_time
        AccessFailureLog.objects.filter(attempt_time__lte=now - ADDRESS_WAITS).delete()
        AccessFailureLog.objects.create(username=_name(credentials), ip_address=request.axes_ip_address)
        request.axes_locked_out = self.is_locked(request, credentials)

    def user_logged_in(self, sender, request, user, **kwargs):
        """Forget the failures of this account from this address, and remember that it is at home there."""
        here = {"username": user.get_username(), "ip_address": request.axes_ip_address}
        AccessFailureLog.objects.filter(**here).delete()
        AccessLog.objects.filter(attempt_time__lte=request.axes_attempt_time - REMEMBERED).delete()
        if here["ip_address"] and not AccessLog.objects.filter(**here).exists():
            AccessLog.objects.create(**here)

    def user_logged_out(self, sender, request, user, **kwargs):
        """Nothing is kept of it."""

    def _of_account(self, request, credentials):
        since = request.axes_attempt_time - ACCOUNT_WAITS
        tries = AccessFailureLog.objects.filter(ip_address=request.axes_ip_address, attempt_time__gt=since)
        return tries.filter(username=_name(credentials)).count()

    def _of_address(self, request, credentials):
        here = request.axes_ip_address
        if AccessLog.objects.filter(username=_name(credentials), ip_address=here).exists():
            return 0
        since = request.axes_attempt_time - ADDRESS_WAITS
        return AccessFailureLog.objects.filter(ip_address=here, attempt_time__gt=since).count()


def _name(credentials):
    """Return the account as it was typed, so far as the list takes it."""
    return str((credentials or {}).get("username") or "").replace("\0", "")[:255]


def address_of(request):
    """Return the visitor's IP address, or None. Behind a proxy it is the last one of X-Forwarded-For, which our own
    proxy wrote; the others a visitor can make up, and without a proxy all of them.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or said
    try:
        address = ipaddress.ip_address(said)
    except ValueError:  # a socket has no address
        return None
    if address.version == 6:  # whoever has one has at least these
        address = ipaddress.ip_network((address, 64), strict=False).network_address
    return str(address)


def refused(request, response, credentials):
    """429 with a plain sentence, the same for every account, and the way out that is never closed: a link by mail."""
    tries, wait = Throttle()._of_account(request, credentials), ACCOUNT_WAITS
    if tries < ACCOUNT_TRIES:
        tries, wait = Throttle()._of_address(request, credentials), ADDRESS_WAITS
    said = _("You have tried %(n)d times. Wait %(minutes)d minutes or ask a campaign lead.") % {
        "n": tries,
        "minutes": wait / timedelta(minutes=1),
    }
    page = render(request, "admin/registration/refused.html", {"title": _("Too many tries"), "said": said}, status=429)
    page.headers["Cache-Control"] = "no-store, private"
    return page
