"""What every staff page says about outgoing mail, and how an instant is said in a campaign's zone.

{% load outgoing %}
{% undo_band %}                          mail that waits and can be taken back; whether mail leaves at all
{{ instant|clock_time:zone }}            14:32, or 8 August 2022, 09:00 when that is not today
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import clock
from campaigns.models import Campaign
from correspondence.models import Control, Message, State

register = template.Library()

SHOWN = 3  # approvals in the band; the rest is counted
SILENCE = timedelta(minutes=2)  # without a sign of life from a worker


@register.filter
def clock_time(instant, zone):
    """Return an instant as people say it in the zone named `zone`: the time alone if it is today's there."""
    if instant is None:
        return ""
    local, today = instant.astimezone(ZoneInfo(zone)), clock.now().astimezone(ZoneInfo(zone)).date()
    time = date_format(local, "H:i")
    if local.date() == today:
        return time
    said = {"day": date_format(local, "DATE_FORMAT"), "time": time}
    # Translators: a day and a time of that day.
    return _("%(day)s, %(time)s") % said


@register.inclusion_tag("admin/correspondence/_bands.html", takes_context=True)
def undo_band(context):
    """Two queries: approvals whose mail has not left, and the control row; a third one where no worker reports."""
    user = context.get("user")
    if user is None or not user.is_staff or not context.get("has_permission"):
        return {}
    now = clock.now()
    mine = Message.objects.filter(state=State.QUEUED, not_before__gt=now, batch__campaign__in=Campaign.objects.of(user))
    of = "batch__campaign"
    named = mine.values("batch", of, f"{of}__title", f"{of}__headline", f"{of}__time_zone")
    found = named.annotate(count=Count("pk"), leaves=Min("not_before"), last=Max("not_before"))
    waiting = list(found.order_by("leaves")[: SHOWN + 1])
    for one in waiting:
        one["campaign"] = one[f"{of}__headline"] or one[f"{of}__title"]  # the name that every other page gives it
        one["minutes"] = max(1, round((one["leaves"] - now).total_seconds() / 60))
    return {
        **trouble(),
        "waiting": waiting[:SHOWN],
        "more": len(waiting) > SHOWN,
        "may_undo": user.has_perm("campaigns.send_mail"),
        "csrf_token": context.get("csrf_token"),
    }


def trouble():
    """Return what keeps mail from leaving: `silent` (no worker reports; since when, and how many wait), `held`, and
    since when the mail server is `given_up`.
    """
    control = Control.objects.filter(pk=1).first() or Control()
    seen = control.last_seen_at
    silent = seen is None or clock.real_now() - seen > SILENCE
    waits = Message.objects.filter(state=State.QUEUED).count() if silent else 0
    return {
        "silent": silent and (waits or seen is not None),  # a site that has just been started has nothing to report
        "seen": seen,
        "zone": settings.TIME_ZONE,
        "waits": waits,
        "held": control.held_at,
        "held_because": control.held_because,
        "held_by_setting": settings.OUTREACH_HOLD,
        "given_up": control.breaker_opened_at,
    }
