"""Which reminder is due, and the row that is written for it. Decides; sends nothing.

The stored `remind_at` says when to look next, so a clock that slept skips nobody. A message and the move of
`remind_at` are one transaction, under the approach's lock.
"""

from collections import Counter
from time import monotonic

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import schedule, status
from campaigns.models import Approach
from campaigns.records import Records
from campaigns.status import Reply

from . import claims, control
from .models import REMINDERS, Message, State
from .plan_part import Part

TOGETHER = 200  # approaches in one transaction


def due(now):
    """Return the approaches whose step has come: awaited, not paused, the campaign open until its close."""
    rows = Approach.objects.awaiting().filter(remind_at__lte=now, paused_at=None, campaign__paused_at=None)
    rows = rows.exclude(remind_at=None)  # the very words of the index approach_due, which SQLite does not use without
    return rows.filter(Q(campaign__closes_at=None) | Q(campaign__closes_at__gt=now))


def plan(now, *, seconds=45):
    """Write one reminder for each approach that is due; once, however often and by however many it is called.

    seconds  after which the rest is left to the next tick
    returns  a Counter: written, skipped, waiting (doubt, a contact's rest, the hour), blocked; {} while mail is held
    """
    counts = Counter()
    if control.stopped(now):
        return counts
    withdraw()
    letters, ends = {}, monotonic() + seconds
    keys = list(due(now).order_by("remind_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), TOGETHER):
        if monotonic() > ends:
            break
        counts += claims.retried(lambda: _plan_part(keys[start : start + TOGETHER], letters, now))  # noqa: B023
    return counts


def withdraw():
    """Cancel proposed reminders whose company has answered or whose campaign has closed; return how many."""
    proposed = Message.objects.filter(state=State.PROPOSED, kind__in=REMINDERS)
    off = proposed.exclude(approach__in=Approach.objects.awaiting())
    return off.update(state=State.CANCELLED, stop_reason=_("The company has replied, or the campaign has closed."))


def start(campaign, *, by, now):
    """Set the next step for invited companies that have none (imported ones); a person's verb. Return how many."""
    started = 0
    waits = campaign.approaches.awaiting().filter(reply=Reply.NONE, remind_at=None)
    keys = list(waits.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), TOGETHER):
        with transaction.atomic():
            records = Records(waits.select_for_update(of=("self",)).filter(pk__in=keys[start : start + TOGETHER]))
            for row in records.approaches:
                row.next_step, row.remind_at = records.upcoming(row)
            records.store_plans(records.approaches)
            started += sum(row.remind_at is not None for row in records.approaches)
    return started


def skip(approach, *, by, now, reason=""):
    """Leave out the next step of an approach, with an event, and set the one after it."""
    with transaction.atomic():
        row = _locked(approach.pk)
        if row.remind_at:
            status.record(row, "skipped", now=now, step=row.next_step, by=by, reason=reason)
            row.next_step, row.remind_at = schedule.upcoming(row, after=row.remind_at)
            row.save(update_fields=["next_step", "remind_at", "edited_at"])
    approach.next_step, approach.remind_at = row.next_step, row.remind_at


def _plan_part(keys, letters, now):
    """Lock these approaches, as far as they are still due, and do their steps; return the Counter."""
    with transaction.atomic():
        rows = due(now).select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
        return Part(rows, letters, now).write()


def _locked(pk):
    return Approach.objects.select_for_update(of=("self",)).select_related("campaign", "company").get(pk=pk)
