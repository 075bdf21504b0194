"""What planning asks about many approaches, read at once: the same number of queries, whatever their number."""

from collections import defaultdict

from django.db.models import Prefetch
from django.utils import timezone

from . import schedule
from .models import Approach, Campaign, ChosenContact, Event
from .status import standing


class Records:
    """Approaches with their recipients, events and steps.

    approaches  those of `rows`, in its order; each with its company, its recipients and its campaign, which all of one
                campaign share, with its steps
    events      {approach id: [Event]}, every one, in the order of recording
    mailed      {approach id: {step key}}: steps that a message was made for
    """

    def __init__(self, rows):
        chosen = Prefetch("chosen", ChosenContact.objects.select_related("contact"))
        self.approaches = list(rows.select_related("company").prefetch_related(chosen))
        keys = [row.pk for row in self.approaches]
        campaigns = Campaign.objects.prefetch_related("steps").in_bulk({row.campaign_id for row in self.approaches})
        for row in self.approaches:
            row.campaign = campaigns[row.campaign_id]
        self.events, self.mailed = defaultdict(list), defaultdict(set)
        for event in Event.objects.filter(approach__in=keys):
            self.events[event.approach_id].append(event)
        made = Approach.objects.filter(pk__in=keys).exclude(messages=None).order_by()
        for key, step in made.values_list("pk", "messages__step"):
            self.mailed[key].add(step)

    def upcoming(self, approach, after=None):
        """Return schedule.upcoming() of one of the approaches, without a query."""
        return schedule.upcoming(approach, after, standing(self.events[approach.pk]), self.mailed[approach.pk])

    def store_plans(self, approaches):
        """Write the next step of some of the approaches, which the caller has locked and changed."""
        alike, now = defaultdict(list), timezone.now()
        for row in approaches:
            alike[row.next_step, row.remind_at].append(row.pk)
        for (step, at), keys in alike.items():  # few: most companies have the same step on the same day
            Approach.objects.filter(pk__in=keys).update(next_step=step, remind_at=at, edited_at=now)
