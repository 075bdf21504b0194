"""A campaign that changes what counts as a response changes the days from which its responses count."""

from collections import defaultdict

from django.db import transaction

from .models import Approach, Event
from .status import lock, state


def restate(campaign):
    """Store anew what the events say of each approach, and the campaign's figures."""
    events = defaultdict(list)
    for event in Event.objects.filter(approach__campaign=campaign):
        events[event.approach_id].append(event)
    for approach in Approach.objects.filter(campaign=campaign).exclude(reply="none").order_by("pk"):
        now_is = state(events[approach.pk], campaign.counts_as_response)
        if (approach.reply_on, approach.reply_stated) != (now_is.reply_on, now_is.reply_stated):
            with transaction.atomic():
                row = lock(approach)
                _reach, _reply, row.reply_on, row.reply_stated = state(
                    list(row.events.all()), campaign.counts_as_response
                )
                row.save(update_fields=["reply_on", "reply_stated"])
    transaction.on_commit(campaign.refresh_count)
