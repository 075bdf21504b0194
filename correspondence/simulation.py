"""What would be sent if nobody replied: the plan, played to the close with the functions that plan in earnest.

What waits for approval is taken to be approved when its hour comes, and an invitation that nobody approved to be
approved now: so a campaign can be looked at before it is launched. What cannot be known: that a contact rests because
another campaign writes to it, and limits on the number of mails.
"""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import days, schedule, status, window
from campaigns.models import Approach, Event
from campaigns.status import Reach
from campaigns.templatetags.frame import partial_date

from . import doubts, merged
from .explaining import Explanations
from .models import REMINDERS, Message, State, WordingKind
from .plan_part import TOO_LATE, Part
from .wording import Blocked

LAST = 2**62  # the id of an event that was not recorded: after all that were
INVITED_SOON = Q(step=WordingKind.INVITATION, state__in=doubts.ON_ITS_WAY)


class Row(NamedTuple):
    """One mail to one company, or why it gets none."""

    at: datetime | None  # None: nothing is planned
    approach: Approach
    step: str  # its key; "" where nothing is planned
    zone: str  # name of the company's time zone
    addresses: int
    because: str  # why it is not sent, as a sentence; "" where it is
    note: str = ""  # why it is sent then and not otherwise; "" where the steps alone say it


def rows(campaign, now):
    """Return the Rows of the companies that are awaited or not invited yet, by instant, up to the close.

    What nobody planned comes last.

    The number of queries is the same for any number of companies.
    """
    game = _Game(campaign, now)
    found = [row for approach in game.records.approaches for row in game.play(approach)]
    return sorted(found, key=lambda row: (row.at is None, row.at or now, row.approach.position, row.approach.pk))


class _Game(Part):
    """The approaches of a campaign that nobody locked: the plan moves on in memory, and nothing is written."""

    def __init__(self, campaign, now):
        awaited = campaign.approaches.awaiting()
        if not campaign.closed_at:
            awaited = awaited | campaign.approaches.filter(reach=Reach.PLANNED)
        super().__init__(awaited.order_by("position", "pk"), {}, now)
        self.mails, self.found = merged.Records(awaited), {}
        self.explained = Explanations(campaign, self.records.approaches, now)
        made = Message.objects.filter(approach__in=awaited, kind__in=REMINDERS)
        made = made.filter(state__in=(State.PROPOSED, *doubts.ON_ITS_WAY)).order_by("pk")
        soon = Message.objects.filter(INVITED_SOON, approach__in=awaited)
        self.leaves = dict(soon.values_list("approach", "not_before"))
        self.made = {key: (step, at) for key, step, at in made.values_list("approach", "step", "not_before")}
        self.made_kinds = dict(made.values_list("approach", "kind"))

    def play(self, row):
        """Yield the Rows of one approach."""
        mine, campaign, free = window.of(row), row.campaign, self.now

        def said(at, step, addresses=0, because="", note=""):
            return Row(at, row, step, mine.zone, addresses, because, note)

        if row.reach == Reach.PLANNED:
            at = max(self.leaves.get(row.pk) or free, free)
            addresses, reason = self.invitation(row, at)
            note = "" if row.pk in self.leaves else _("As if it were approved now.")
            yield said(at, WordingKind.INVITATION, addresses, reason, note if not reason else "")
            if reason:
                return
            self.invite(row, at)
            free = at + doubts.CONTACT_RESTS
        for at, step in self.skipped(row, mine):
            yield said(at, step, because=_("A person left it out."))
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
                yield said(at, step, addresses, reason, "" if reason else self.note(row, mine, planned))
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

    def invitation(self, row, at):
        """Return (how many addresses, "") of an invitation, or (0, why it does not leave)."""
        if reason := self.paused(row):
            return 0, reason
        if row.campaign.closes_at and at >= row.campaign.closes_at:
            return 0, _("It would come after the close.")
        state = self.states[row.pk].get(WordingKind.INVITATION)
        if state and state not in (State.PROPOSED, *doubts.ON_ITS_WAY):
            return 0, f"{State(state).label}."
        return self.merged(row, WordingKind.INVITATION, WordingKind.INVITATION)

    def invite(self, row, at):
        """Let the invitation of an approach arrive at an instant, and plan its reminders."""
        on = days.exactly(days.today(at, row.campaign.time_zone))
        facts = {"kind": "invited", "field": "reach", "after": Reach.INVITED, "result": "accepted", "at": at}
        self.records.events[row.pk].append(Event(id=LAST, approach=row, on=on.on, stated=on.stated, **facts))
        self.mails.invited[row.pk], row.reach = on, Reach.INVITED
        row.next_step, row.remind_at = self.records.upcoming(row)

    def skipped(self, row, mine):
        """Yield (instant, step key) of the steps to come that a person left out."""
        events = status.standing(self.records.events[row.pk])
        keys = {event.step for event in events if event.kind == "skipped"}
        invitations = [event.on for event in events if event.after == Reach.INVITED]
        if keys and invitations:
            for day, key in schedule.step_days(row, mine, max(invitations)):
                if key in keys and mine.opening(day) > self.now:
                    yield mine.opening(day), key

    def note(self, row, mine, planned):
        """Return what a person or the company said that moves a step to its instant, or ""."""
        if row.promised_for and planned == mine.opening(row.promised_for + window.ONE_DAY):
            return _("It promised an answer for %(day)s.") % {"day": partial_date(row.promised_stated)}
        if row.deadline:
            return _("It has time until %(day)s.") % {"day": partial_date(row.deadline_stated)}
        return ""

    def held(self, row):
        """Return why nothing at all leaves for an approach before a person has looked, or ""."""
        if reason := self.paused(row):
            return reason
        leave = (State.PROPOSED, *doubts.ON_ITS_WAY)
        states = {step: state for step, state in self.states[row.pk].items() if state not in leave}
        return doubts.of(states, self.records.events[row.pk])

    def paused(self, row):
        """Return that an approach is on hold or its campaign paused, or ""."""
        if row.paused_at:
            return _("On hold.")
        return _("The campaign's mail is paused.") if row.campaign.paused_at else ""

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
