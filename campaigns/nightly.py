"""The nightly check: does the stored status say what the events say? What differs is kept until a person mends it."""

import logging
from collections import defaultdict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from . import schedule
from .models import Approach, Campaign, Daily, Event
from .spreadsheet import staging
from .status import Reach, Reply, lock, state

log = logging.getLogger(__name__)
NIGHT = 2  # the hour of the site's zone from which a day's check is due
LISTED = 100  # differences that are kept by name; the others are counted


def check(now):
    """Compare everything, keep what differs for My work and the alarm, and return it as mismatches() does."""
    found = mismatches()
    named = [[approach.pk, str(approach)] for approach, _stored, _computed in found[:LISTED]]
    values = {"day": _today(now), "at": now, "number": len(found), "found": named}
    Daily.objects.update_or_create(name=Daily.Name.CHECK, defaults=values)
    return found


def work_once(now):
    """Check, and delete what is kept for a week only, where it is night and this day's check was not made yet.

    Every tick asks, so that a night in which nothing ran is made up for in the morning. Who claims the day checks.
    """
    if now.astimezone(ZoneInfo(settings.TIME_ZONE)).hour < NIGHT:
        return
    day = _today(now)
    _row, mine = Daily.objects.get_or_create(name=Daily.Name.CHECK, defaults={"day": day, "at": now, "number": 0})
    if mine or Daily.objects.filter(name=Daily.Name.CHECK, day__lt=day).update(day=day):
        staging.delete_old(now)
        check(now)


def mend(*, now):
    """Store what the events say of each approach that the last check named; return those approaches."""
    named = Daily.objects.filter(name=Daily.Name.CHECK).values_list("found", flat=True).first() or []
    mended = []
    for pk, _name in named:
        with transaction.atomic():
            row = lock(Approach(pk=pk))
            if _store(row, _computed(row, list(row.events.all()))):
                mended.append(row)
    check(now)
    return mended


def mismatches():
    """Return [(Approach, stored, computed)] where they differ, and log an error for each.

    stored and computed are tuples of reach, reply, its day and how that is stated. A campaign at a time, in memory.
    """
    found = []
    for campaign in Campaign.objects.all():
        events = defaultdict(list)
        for event in Event.objects.filter(approach__campaign=campaign).defer("remark", "reason", "source"):
            events[event.approach_id].append(event)
        for approach in Approach.objects.filter(campaign=campaign).select_related("campaign"):
            if _stored(approach) != _computed(approach, events[approach.pk]):
                found += _again(approach)  # somebody may have moved it between the two readings
        campaign.refresh_count()
    return found


def difference(approach):
    """Return (stored, computed) of one approach in words, each [reach, reply, day]."""
    both = _stored(approach), _computed(approach, list(approach.events.all()))
    return tuple([Reach(reach).label, Reply(reply).label, *([day] if day else [])] for reach, reply, _on, day in both)


def _again(approach):
    with transaction.atomic():
        row = lock(approach)
        stored, computed = _stored(row), _computed(row, list(row.events.all()))
    if stored == computed:
        return []
    log.error("Stored status differs from the events: %s: %s, not %s", approach, stored, computed)
    return [(approach, stored, computed)]


def _store(row, computed):
    """Write what the events say, with what hangs on it; return whether it differed."""
    if _stored(row) == computed:
        return False
    row.reach, row.reply, row.reply_on, row.reply_stated = computed
    if row.reach != Reach.NOT_APPROACHED:
        row.not_approached_because = ""
    if row.reply != Reply.ANSWERED_BY_OTHER:
        row.answered_by, row.answered_by_name = None, ""
    row.next_step, row.remind_at = schedule.upcoming(row)
    row.save()
    return True


def _stored(approach):
    return approach.reach, approach.reply, approach.reply_on, approach.reply_stated


def _computed(approach, events):
    return tuple(state(events, approach.campaign.counts_as_response))


def _today(now):
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
