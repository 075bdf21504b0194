"""What comes next for an approach, and why, or why nothing does: the sentence that the desk shows beside a company."""

from collections import defaultdict
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from campaigns import days, schedule, status
from campaigns.models import Event
from campaigns.status import Reach, Reply
from campaigns.templatetags.frame import partial_date

from . import control, doubts, merged
from .letters import Letters
from .models import Message, State, WordingKind


class Explanation(NamedTuple):
    """`step` names the next step ("Reminder 2"), `at` is its instant; "" and None where nothing is planned."""

    step: str
    at: datetime | None
    sentence: str


def why(approach, now):
    """Return the sentence for one approach."""
    return Explanations(approach.campaign, [approach], now).of(approach).sentence


def step_names(steps, campaign):
    """Return {step key: "Reminder 1"} of a campaign's ReminderSteps, numbered in the order in which they come."""
    asked = campaign.asked_on or date(2000, 1, 1)
    coming = sorted(steps, key=lambda step: (schedule.step_day(step, asked, campaign.deadline) or date.max, step.days))
    active = [step for step in coming if not step.retired_at]
    reminders = [step for step in active if step.wording != WordingKind.LAST_NOTICE]
    names = {step.key: str(step.get_wording_display()) for step in coming}
    if len(reminders) > 1:
        said = _("Reminder %(number)d")
        names |= {step.key: said % {"number": number} for number, step in enumerate(reminders, start=1)}
    return names


class Explanations:
    """What comes next for some approaches of one campaign, in a number of queries that does not grow with them."""

    def __init__(self, campaign, approaches, now):
        keys = [approach.pk for approach in approaches]
        self.campaign, self.approaches, self.now = campaign, approaches, now
        self.steps = {step.key: step for step in campaign.steps.all()}
        self.names = step_names(self.steps.values(), campaign)
        self.events, self.states = defaultdict(list), defaultdict(dict)
        for event in Event.objects.filter(approach__in=keys).order_by("id"):
            self.events[event.approach_id].append(event)
        mails = Message.objects.filter(approach__in=keys).order_by("resend_no")
        for pk, step, state in mails.values_list("approach", "step", "state"):
            self.states[pk][step] = state

    def of(self, approach):
        """Return the Explanation of one of the approaches."""
        if not approach.remind_at:
            return Explanation("", None, self._sentence(approach))
        step = self.names.get(approach.next_step) or _("Reminder planned by hand")
        return Explanation(step, approach.remind_at, self._sentence(approach))

    def _sentence(self, approach):
        campaign = self.campaign
        if approach.reach != Reach.INVITED:
            return _("Not invited yet.") if approach.reach == Reach.PLANNED else approach.get_reach_display()
        if campaign.closed_at:
            return _("The campaign is closed.")
        if approach.reply not in status.AWAITED:
            return _("It has replied.")
        if State.PROPOSED in self.states[approach.pk].values():
            return _("A mail waits for approval.")
        if not approach.remind_at:
            return self._nothing_planned(approach)
        if campaign.paused_at or approach.paused_at:
            return _("On hold.") if approach.paused_at else _("The campaign's mail is paused.")
        return self._planned(approach)

    def _nothing_planned(self, approach):
        if approach.reply != Reply.NONE:
            return _("Wrote back, nothing planned.")
        return _("No step is left.") if self.steps else _("The campaign has no reminder steps.")

    def _planned(self, approach):
        campaign, at = self.campaign, approach.remind_at
        day = partial_date(days.today(at, campaign.time_zone))
        if campaign.closes_at and at >= campaign.closes_at:
            return _("Its next step would come after the close: none is sent.")
        if reason := doubts.of(self.states[approach.pk], self.events[approach.pk]):
            return _("A reminder waits: %(reason)s") % {"reason": reason}
        if approach.promised_for:
            return _("It promised an answer for %(day)s; a reminder follows on %(next)s.") % {
                "day": partial_date(approach.promised_stated),
                "next": day,
            }
        if approach.deadline and at > self.now:
            return _("It has time until %(day)s; the next reminder is due on %(next)s.") % {
                "day": partial_date(approach.deadline_stated),
                "next": day,
            }
        if at <= self.now:
            return self._stopped or self._faults.get(approach.pk) or _("A reminder is due now.")
        return _("The next reminder is due on %(day)s.") % {"day": day}

    @cached_property
    def _stopped(self):
        return control.stopped(self.now)

    @cached_property
    def _faults(self):
        """{approach id: why the mail that is due cannot be made}"""
        due = defaultdict(list)
        for approach in self.approaches:
            if approach.remind_at and approach.remind_at <= self.now:
                step = self.steps.get(approach.next_step)
                due[step.wording if step else WordingKind.REMINDER].append(approach.pk)
        letters = Letters(self.campaign)
        return {pk: said for kind, keys in due.items() for pk, said in merged.refused(keys, kind, letters).items()}
