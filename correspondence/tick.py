"""What happens when the clock rings, in one process: for `manage.py tick`, the demo and a site without Celery."""

from collections import Counter
from typing import NamedTuple

from django.db.models import Max
from django.utils.translation import ngettext

from campaigns.closing import close_those_that_close_by_themselves
from campaigns.models import Campaign, Event

from . import alarm, allowances, control, digest, outbox, reminders

RECENT = 5000  # events that a tick looks back at; the nightly check counts everything


class Ticked(NamedTuple):
    """What one tick did: why mail is held (or ""), the Counter of reminders.plan() and that of outbox.sweep()."""

    held: str
    planned: Counter
    swept: Counter

    def lines(self):
        """Return sentences, one for each thing that happened; none where nothing did."""
        said = {
            "written": ngettext("%(n)d reminder written", "%(n)d reminders written", self.planned["written"]),
            "skipped": ngettext("%(n)d step skipped", "%(n)d steps skipped", self.planned["skipped"]),
        }
        sent = {
            "sent": ngettext("%(n)d mail sent", "%(n)d mails sent", self.swept["sent"]),
            "cancelled": ngettext("%(n)d mail stopped", "%(n)d mails stopped", self.swept["cancelled"]),
            "failed": ngettext("%(n)d mail failed", "%(n)d mails failed", self.swept["failed"]),
            "unknown": ngettext("%(n)d mail in doubt", "%(n)d mails in doubt", self.swept["unknown"]),
        }
        lines = [self.held] if self.held else []
        lines += [text % {"n": self.planned[key]} for key, text in said.items() if self.planned[key]]
        return lines + [text % {"n": self.swept[key]} for key, text in sent.items() if self.swept[key]]


def tick(now):
    """Do all that is due at `now`, and return it as Ticked."""
    held = control.tick(now)
    close_those_that_close_by_themselves(now)
    planned = reminders.plan(now)
    digest.send(now)
    alarm.raise_alarm(now)
    swept = outbox.sweep(now)
    refresh_counts()
    allowances.forget(now)
    return Ticked(held, planned, swept)


def refresh_counts():
    """Count campaigns anew whose newest events are not in their stored figures yet; return how many."""
    newest = Event.objects.aggregate(last=Max("id"))["last"] or 0
    recent = Event.objects.filter(id__gt=newest - RECENT).order_by("id")
    last = dict(recent.values_list("approach__campaign", "id"))  # grouped here: SQLite would group all approaches
    campaigns = Campaign.objects.filter(pk__in=last).select_related("count")
    behind = [one for one in campaigns if not hasattr(one, "count") or one.count.last_event < last[one.pk]]
    for campaign in behind:
        campaign.refresh_count()
    return len(behind)
