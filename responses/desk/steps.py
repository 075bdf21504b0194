"""The campaign's steps with their days and state: invitation, reminders, closing date."""

from typing import NamedTuple

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import closing
from campaigns.models import Event
from campaigns.templatetags.frame import partial_date
from correspondence.templatetags.outgoing import clock_time

DONE, CURRENT, AHEAD = "done", "current", "ahead"
BY_HAND = "by hand"  # stands for the steps that belong to one company alone


class Step(NamedTuple):
    name: str
    said: str
    state: str


def steps(campaign, names, now):
    """Return the Steps in their order, the first that is not done as the current one; two queries.

    names  {step key: name} of the campaign's reminder steps, see explaining.step_names()
    """
    sent, coming = _sent(campaign, names), _coming(campaign, names)
    found = [_invitation(campaign, sent.pop("invited", None))]
    rank = {key: place for place, key in enumerate(names)}  # of steps that went on one day
    for key, one in sorted(sent.items(), key=lambda pair: (pair[1].first, rank.get(pair[0], len(rank)))):
        said = one.said()
        if key in coming:
            said += " " + _when(*coming.pop(key), campaign)
        found.append(Step(names.get(key) or _("Reminder"), said, DONE))
    for key, (at, number) in sorted(coming.items(), key=lambda pair: pair[1][0]):
        found.append(Step(names.get(key) or _("Reminder planned by hand"), _when(at, number, campaign), AHEAD))
    found.append(_close(campaign, now))
    if AHEAD in (states := [step.state for step in found]):
        found[states.index(AHEAD)] = found[states.index(AHEAD)]._replace(state=CURRENT)
    return found


class _Went:
    """What went out of one step: from its first day to its last, to how many."""

    def __init__(self):
        self.first = self.last = None
        self.number = 0

    def add(self, on, number):
        self.first, self.last = min(self.first or on, on), max(self.last or on, on)
        self.number += number

    def said(self):
        if self.first == self.last:
            text = ngettext("Sent %(first)s to %(number)d.", "Sent %(first)s to %(number)d.", self.number)
        else:
            text = _("Sent %(first)s to %(last)s, to %(number)d.")
        return text % {"first": partial_date(self.first), "last": partial_date(self.last), "number": self.number}


def _sent(campaign, names):
    """Return {step key, or the day of a reminder that has none: _Went}, the invitation as "invited"."""
    rows = Event.objects.standing().filter(approach__campaign=campaign, kind__in=["invited", "reminded"])
    found = {}
    for kind, step, on, number in rows.order_by().values_list("kind", "step", "on").annotate(Count("approach")):
        key = "invited" if kind == "invited" else step if step in names else on.isoformat()
        found.setdefault(key, _Went()).add(on, number)
    return found


def _coming(campaign, names):
    """Return {step key: (first instant, to how many)} of what is planned before the close."""
    rows = campaign.approaches.awaiting().exclude(remind_at=None).order_by()
    if campaign.closes_at:
        rows = rows.filter(remind_at__lt=campaign.closes_at)
    found = {}
    for step, at, number in rows.values_list("next_step").annotate(Min("remind_at"), Count("pk")):
        key = step if step in names else BY_HAND
        first, before = found.get(key, (at, 0))
        found[key] = min(first, at), before + number
    return found


def _invitation(campaign, went):
    by = ""
    if campaign.deadline:
        by = " " + _("Reply asked by %(day)s.") % {"day": partial_date(campaign.deadline_stated)}
    if went is None:
        return Step(_("Invitation"), _("Not sent yet.") + by, AHEAD)
    return Step(_("Invitation"), went.said() + by, DONE)


def _when(at, number, campaign):
    text = ngettext("%(time)s, to %(number)d.", "From %(time)s, to %(number)d.", number)
    said = text % {"time": clock_time(at, campaign.time_zone), "number": number}
    if campaign.paused_at:
        return said + " " + _("Paused.")
    if campaign.reminders_leave == campaign.ReminderMode.APPROVED:
        return said + " " + _("Then it waits for approval.")
    return said + " " + _("It leaves by itself.")


def _close(campaign, now):
    day = partial_date(campaign.closes_stated) if campaign.closes_on else ""
    if campaign.closed_at:
        return Step(_("Closing date"), _("Closed on %(day)s.") % {"day": day}, DONE)
    if not day:
        return Step(_("Closing date"), _("None is set."), AHEAD)
    if closing.closing_due(campaign, now):
        return Step(_("Closing date"), _("%(day)s is over. A person closes.") % {"day": day}, AHEAD)
    then = _("Then “no response” becomes public.") if campaign.published_on else _("Then “no response” is recorded.")
    return Step(_("Closing date"), f"{day}. {then}", AHEAD)
