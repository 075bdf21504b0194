"""What would be sent if nobody replied: the plan, played to the close with the functions that plan in earnest.

What waits for approval is taken to be approved when its hour comes. What cannot be known: that a contact rests because
another campaign writes to it, and limits on the number of mails.
"""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from campaigns import window
from campaigns.models import Approach

from . import doubts, merged
from .explaining import Explanations
from .models import Message, State, WordingKind
from .plan_part import TOO_LATE, Part
from .wording import Blocked


class Row(NamedTuple):
    """One mail to one company, or why it gets none."""

    at: datetime | None  # None: nothing is planned
    approach: Approach
    step: str  # its key; "" where nothing is planned
    zone: str  # name of the company's time zone
    addresses: int
    because: str  # why it is not sent, as a sentence; "" where it is


def rows(campaign, now):
    """Return the Rows of the companies that are awaited, by instant, up to the close; what nobody planned comes last.

    The number of queries is the same for any number of companies.
    """
    game = _Game(campaign, now)
    found = [row for approach in game.records.approaches for row in game.play(approach)]
    return sorted(found, key=lambda row: (row.at is None, row.at or now, row.approach.position, row.approach.pk))


class _Game(Part):
    """The approaches of a campaign that nobody locked: the plan moves on in memory, and nothing is written."""

    def __init__(self, campaign, now):
        awaited = campaign.approaches.awaiting()
        super().__init__(awaited.order_by("position", "pk"), {}, now)
        self.mails, self.found = merged.Records(awaited), {}
        self.explained = Explanations(campaign, self.records.approaches, now)
        reminders = (WordingKind.REMINDER, WordingKind.LAST_NOTICE)
        made = Message.objects.filter(approach__in=awaited, kind__in=reminders)
        made = made.filter(state__in=(State.PROPOSED, *doubts.ON_ITS_WAY)).order_by("pk")
        self.made = {key: (step, at) for key, step, at in made.values_list("approach", "step", "not_before")}
        self.made_kinds = dict(made.values_list("approach", "kind"))

    def play(self, row):
        """Yield the Rows of one approach."""
        mine, campaign, free = window.of(row), row.campaign, self.now

        def said(at, step, addresses=0, because=""):
            return Row(at, row, step, mine.zone, addresses, because)

        if not row.remind_at and row.pk not in self.made:
            yield said(None, "", because=self.explained.of(row).sentence)
        for step, kind, planned in self.steps(row):
            at = mine.next_opening(max(planned, free))
            if campaign.closes_at and at >= campaign.closes_at:
                yield said(at, step, because=_("It would come after the close."))
                return
            if at - planned > TOO_LATE and planned < self.now:
                yield said(planned, step, because=_("It is skipped: its day is more than three days past."))
            elif reason := self.held(row):
                yield said(at, step, because=reason)
                return
            else:
                addresses, reason = self.merged(row, step, kind)
                yield said(at, step, addresses, reason)
                free = planned + TOO_LATE if reason else at + doubts.CONTACT_RESTS

    def steps(self, row):
        """Yield (step key, kind, planned instant) of what waits and of what is planned, moving the plan on."""
        if row.pk in self.made:
            step, at = self.made[row.pk]
            self.records.mailed[row.pk].add(step)  # also where it was made after they were read
            yield step, self.made_kinds[row.pk], at or self.now
        steps = {step.key: step for step in row.campaign.steps.all()}
        while row.remind_at:
            step, key, at = steps.get(row.next_step), row.next_step, row.remind_at
            if key not in self.records.mailed[row.pk] and not (step and step.retired_at):
                yield key, step.wording if step else WordingKind.REMINDER, at
            self.records.mailed[row.pk].add(key)
            self.advance(row)

    def held(self, row):
        """Return why nothing at all leaves for an approach before a person has looked, or ""."""
        if row.paused_at:
            return _("On hold.")
        if row.campaign.paused_at:
            return _("The campaign's mail is paused.")
        leave = (State.PROPOSED, *doubts.ON_ITS_WAY)
        states = {step: state for step, state in self.states[row.pk].items() if state not in leave}
        return doubts.of(states, self.records.events[row.pk])

    def merged(self, row, step, kind):
        """Return (how many addresses, "") of a mail, or (0, why it cannot be made)."""
        letters = self.letters_of(row.campaign)
        key = (row.pk, kind, letters.escalates(step))
        if key not in self.found:
            try:
                _words, to = self.mails.words(row.pk, kind, letters, step)
                self.found[key] = len(to), ""
            except Blocked as fault:
                self.found[key] = 0, str(fault)
        return self.found[key]
