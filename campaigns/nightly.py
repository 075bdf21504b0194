"""The nightly check: does the stored status say what the events say?"""

import logging
from collections import defaultdict

from django.db import transaction

from .models import Approach, Campaign, Event
from .status import lock, state

log = logging.getLogger(__name__)


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


def _again(approach):
    with transaction.atomic():
        row = lock(approach)
        stored, computed = _stored(row), _computed(row, list(row.events.all()))
    if stored == computed:
        return []
    log.error("Stored status differs from the events: %s: %s, not %s", approach, stored, computed)
    return [(approach, stored, computed)]


def _stored(approach):
    return approach.reach, approach.reply, approach.reply_on, approach.reply_stated


def _computed(approach, events):
    return tuple(state(events, approach.campaign.counts_as_response))
