"""What leaves in the coming days: mails that are queued, and reminders on the instant that is stored for them."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _

from campaigns import days
from correspondence.models import Message, State, WordingKind

AHEAD = 30  # days


class Day(NamedTuple):
    """`what` is [(name, number)]; `share` the number in hundredths of the busiest day's. `on` is None: due already."""

    on: date | None
    number: int
    what: list
    share: float


def coming(campaign, names, now):
    """Return the Days on which something leaves, soonest first; two queries.

    names  {step key: name}, see explaining.step_names()
    """
    found, today = defaultdict(Counter), days.today(now, campaign.time_zone)
    queued = Message.objects.filter(approach__campaign=campaign, state=State.QUEUED).order_by()
    for at, kind, number in queued.values_list("not_before", "kind").annotate(Count("pk")):
        found[_day(at, campaign, now)][WordingKind(kind).label if kind else _("Mail")] += number
    rows = campaign.approaches.awaiting().filter(paused_at=None).exclude(remind_at=None).order_by()
    if campaign.closes_at:
        rows = rows.filter(remind_at__lt=campaign.closes_at)
    if not campaign.paused_at:
        for at, step, number in rows.values_list("remind_at", "next_step").annotate(Count("pk")):
            found[_day(at, campaign, now)][names.get(step) or _("Reminder planned by hand")] += number
    until = today + timedelta(days=AHEAD)
    near = {on: what for on, what in found.items() if on is None or on <= until}
    most = max((sum(what.values()) for what in near.values()), default=1)
    return [
        Day(on, sum(what.values()), sorted(what.items()), 100 * sum(what.values()) / most)
        for on, what in sorted(near.items(), key=lambda pair: pair[0] or date.min)
    ]


def _day(at, campaign, now):
    return None if at <= now else days.today(at, campaign.time_zone)
