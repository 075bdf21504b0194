"""The link by which a person sets a password, once and within three days: in an invitation, or where it was forgotten.

One in 24 hours at most goes to an address, whoever asks for it and however often (S24). Another may follow sooner where
the last one did not arrive, or where the person has signed in since: by then it was of use, and is used up.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Max
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from correspondence.models import Message, State
from correspondence.staff_mail import compose_staff, in_site_language

RESTS = timedelta(hours=24)  # an address, between two links
NOT_ARRIVED = (State.FAILED, State.CANCELLED)
DAYS = settings.PASSWORD_RESET_TIMEOUT // 86400


def address_of(user):
    """Return the address of the page on which this person sets a password, as things stand now."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return settings.SITE_URL + reverse("password_set", args=[uid, default_token_generator.make_token(user)])


def invite(user, *, by, now):
    """Queue the mail that invites a person; return whether one was made (else one went within 24 hours)."""
    with in_site_language():
        subject = _("Your account at %(site)s") % {"site": settings.SITE_NAME}
        body = _(
            "Hello %(name)s,\n\n%(by)s invites you to work at %(site)s. Choose a password here, within %(days)d days:"
            "\n\n%(link)s\n\nAfter that you sign in with your e-mail address. If you did not expect this, do nothing."
        ) % {
            "name": user.get_full_name() or user.get_username(),
            "by": by.get_full_name() or by.get_username(),
            "site": settings.SITE_NAME,
            "days": DAYS,
            "link": address_of(user),
        }
    return _queue([user], subject, body, now)


def remind_of_password(address, *, now):
    """Queue one mail with a link for each account of an address; return whether one was made.

    Nobody else gets one: not who was invited and has no password yet, and not who has left.
    """
    users = get_user_model().objects.filter(email__iexact=address.strip(), is_active=True, is_staff=True).order_by("pk")
    users = [user for user in users if user.has_usable_password()]
    if not users:
        return False
    with in_site_language():
        subject = _("A new password at %(site)s") % {"site": settings.SITE_NAME}
        lines = [f"{user.get_username()}: {address_of(user)}" for user in users]
        body = _(
            "Hello,\n\nsomebody, probably you, has asked for a new password at %(site)s. Choose it here, within "
            "%(days)d days:\n\n%(links)s\n\nIf it was not you, do nothing: your password stays as it is."
        ) % {"site": settings.SITE_NAME, "days": DAYS, "links": "\n".join(lines)}
    return _queue(users, subject, body, now)


def latest(user):
    """Return the newest mail with a link to this person's address, or None."""
    return _mails(user.email).defer("mime").order_by("-created_at", "-pk").first()


def _mails(address):
    return Message.objects.filter(approach=None, step__startswith=f"staff:{_about(address)}:")


def _about(address):
    return f"link:{hashlib.sha256(address.strip().lower().encode()).hexdigest()[:20]}"


def _queue(users, subject, body, now):
    """The key counts the mails to the address, before anything is decided: two asked for at once are the same mail."""
    address = users[0].email
    key = f"{_about(address)}:{_mails(address).count()}"
    made = _mails(address).filter(created_at__gt=now - RESTS).exclude(state__in=NOT_ARRIVED)
    last = made.aggregate(last=Max("created_at"))["last"]
    if last and not any(user.last_login and user.last_login > last for user in users):
        return False
    compose_staff(users[0], key, subject, body, now=now)
    return True
