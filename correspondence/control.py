"""The one row that every sender reads before a mail leaves: held or not, and when the clock last rang."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import clock

from . import generation, relay
from .models import Control

SLEPT = timedelta(hours=24)  # after this long without a tick nobody knows what happened: a restore, a clock that jumped
BACKWARDS = timedelta(hours=1)
PATIENCE = 10  # seconds, while a person waits for what the mail server says


def row():
    """Return the control row; made at the first call, for the database as it is."""
    return Control.objects.get_or_create(pk=1, defaults={"generation": generation.current})[0]


def stopped(now):
    """Return why nothing may leave, as a sentence, or "".

    Where the clock slept or jumped, or the database was restored, mail is held from now on.
    """
    if settings.OUTREACH_HOLD:
        return _("Mail is held by the setting OUTREACH_HOLD.")
    control = row()
    if control.held_at:
        return control.held_because or _("Mail is held.")
    if control.generation != generation.current():
        return hold(_("The database was restored: look at what waits, then release."), by=None, now=now).held_because
    if jumped(control, now):
        return hold(_caught(control, now), by=None, now=now).held_because
    return ""


def jumped(control, now):
    """The catch-up guard: say whether the last tick is a day ago, or in the future."""
    last = control.last_tick_at
    return last is not None and (now - last > SLEPT or last - now > BACKWARDS)


def tick(now):
    """Record that the clock rang; return stopped(now). The guard looks first, so a long sleep is seen."""
    reason = stopped(now)
    Control.objects.filter(pk=1).update(last_tick_at=now, last_seen_at=clock.real_now())
    return reason


def seen():
    """Record that a worker lives."""
    Control.objects.filter(pk=1).update(last_seen_at=clock.real_now())


def check_relay(now):
    """Connect to the mail server and log in, as for a mail; store and return what went wrong, or "" if it let us in."""
    fault = ""
    try:
        [way_out] = relay.chosen(wait=PATIENCE)
        way_out.open()
        way_out.close()
    except relay.Refused as refusal:
        fault = "{} {}".format(*refusal.args)
    except relay.Broken as broken:
        fault = str(broken) or _("No answer.")
    row()
    Control.objects.filter(pk=1).update(relay_checked_at=now, relay_fault=fault[:300])
    return fault[:300]


def hold(because, *, by, now):
    """Stop all mail; at most one more leaves per open connection. An earlier hold keeps its reason."""
    with transaction.atomic():
        row()
        control = Control.objects.select_for_update().get(pk=1)
        if not control.held_at:
            control.held_at, control.held_because, control.held_by = now, because[:300], by
            control.save(update_fields=["held_at", "held_because", "held_by"])
    return control


def release(*, by, now):
    """Let mail leave again: a person's act, after having looked at what waits. `by` is that person."""
    with transaction.atomic():
        row()
        control = Control.objects.select_for_update().get(pk=1)
        control.held_at, control.held_because, control.held_by = None, "", None
        control.generation = generation.current()
        control.released_at, control.released_by, control.last_tick_at = now, by, now
        control.save()
    return control


def _caught(control, now):
    if control.last_tick_at > now:
        return _("The clock went back: look at what waits, then release.")
    hours = int((now - control.last_tick_at).total_seconds() // 3600)
    return _("Nothing ran for %(hours)s hours: look at what waits, then release.") % {"hours": hours}
