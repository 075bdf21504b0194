"""How an approach stands: both vocabularies, the legal moves, and the only writers of `reach` and `reply`.

A status is what the events say. Every writer here locks the approach's row, appends events, computes the state of today
from them and stores it. Nothing is edited or deleted: mending is a retraction with a reason, plus the right fact.
"""

import enum
from datetime import date
from typing import NamedTuple

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from . import days, schedule


class Reach(models.TextChoices):
    PLANNED = "planned", _("Planned")
    INVITED = "invited", _("Invited")
    UNREACHED = "unreached", _("Could not be reached")
    NOT_APPROACHED = "not_approached", _("Not asked")


class NotApproachedBecause(models.TextChoices):
    ALREADY_PUBLIC = "already_public", _("The answer is already public")
    LITIGATION = "litigation", _("A court case is open")
    NO_CONTACT = "no_contact", _("No contact was found")


class Reply(models.TextChoices):
    NONE = "none", _("Nothing yet")
    SILENT = "silent", _("No response")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ENGAGED = "engaged", _("Talked, sent nothing in writing")
    DECLINED = "declined", _("Declined")
    DECLINED_WITH_STATEMENT = "declined_with_statement", _("Declined, with a statement")
    PARTIAL = "partial", _("Partial response")
    RESPONDED = "responded", _("Responded")
    REFERS_TO_PUBLIC = "refers_to_public", _("Points to what is public")
    ANSWERED_BY_OTHER = "answered_by_other", _("Answered by another company")
    NOT_CONCERNED = "not_concerned", _("Says that it is not concerned")


AWAITED = frozenset({Reply.NONE, Reply.ACKNOWLEDGED, Reply.ENGAGED})
OUTCOMES = frozenset(Reply) - AWAITED - {Reply.SILENT}  # a company's last word, until it says another
COUNTS_BY_DEFAULT = (Reply.RESPONDED, Reply.PARTIAL, Reply.REFERS_TO_PUBLIC, Reply.ANSWERED_BY_OTHER)

MOVES = {
    Reach.PLANNED: {Reach.INVITED, Reach.UNREACHED, Reach.NOT_APPROACHED},
    Reach.INVITED: {Reach.UNREACHED},
    Reach.UNREACHED: {Reach.INVITED, Reach.NOT_APPROACHED},
    Reach.NOT_APPROACHED: {Reach.PLANNED, Reach.INVITED, Reach.UNREACHED},
    Reply.NONE: frozenset(Reply) - {Reply.NONE},
    Reply.SILENT: frozenset(Reply) - {Reply.NONE, Reply.SILENT},
    Reply.ACKNOWLEDGED: OUTCOMES | {Reply.ENGAGED},
    Reply.ENGAGED: OUTCOMES,
    **{outcome: OUTCOMES - {outcome} for outcome in OUTCOMES},
}
FIELD = {Reach: "reach", Reply: "reply"}
_STATE = ("reach", "reply", "reply_on", "reply_stated", "next_step", "remind_at", "not_approached_because")
ATTEMPTS = ("invited", "reminded", "contacted")  # kinds of Event that try to reach the company


class IllegalMove(Exception):
    """The move is not in the table, or the facts do not bear it; str() says why, for a person."""


class State(NamedTuple):
    """What the events say. `reach` is None before the approach is in any figure; `reply_on` is None for reply none."""

    reach: Reach | None
    reply: Reply
    reply_on: date | None = None
    reply_stated: str = ""


class Known(enum.Enum):
    NOW = enum.auto()  # with every event that is recorded


def standing(events, known=Known.NOW):
    """Return the events that count, as known at the instant `known`: no retractions, nothing that they took back."""
    if known is not Known.NOW:
        events = [event for event in events if event.at <= known]
    back = {event.retracts_id for event in events if event.retracts_id}
    return [event for event in events if event.id not in back and not event.retracts_id]


def state(events, counting, *, as_of=None, known=Known.NOW, added_on=date.min):
    """Return the State that one approach's events give.

    events    Event rows (or alike) in the order of recording
    counting  the kinds of reply that the campaign counts as a response
    as_of     a date; None for today, which no event is after
    known     an instant: as was known then; by default with all that is recorded
    added_on  before this day, and before its first event, the approach is in no figure
    """
    latest = {"reach": [], "reply": []}
    for event in standing(events, known):
        if event.field and (as_of is None or event.on <= as_of):
            latest[event.field].append(event)
    for moves in latest.values():
        moves.sort(key=lambda event: (event.on, event.id))
    if latest["reach"]:
        reach = Reach(latest["reach"][-1].after)
    else:
        reach = Reach.PLANNED if as_of is None or as_of >= added_on else None
    replies = latest["reply"]
    if not replies:
        return State(reach, Reply.NONE)
    first = last = replies[-1]
    if last.after in counting:  # the day of a response is the first day from which it counts without a break
        for event in reversed(replies):
            if event.after not in counting:
                break
            first = event
    return State(reach, Reply(last.after), first.on, first.stated)


def accepted(events):
    """Return the attempts that were accepted (or logged by hand) and have not come back, in the order of their days."""
    accepted = []
    for event in sorted(standing(events), key=lambda event: (event.on, event.id)):
        if event.kind in ATTEMPTS and event.result == "accepted":
            accepted.append(event)
        elif event.kind == "returned" and (mine := [a for a in accepted if event.attempt in (None, a.attempt)]):
            accepted.remove(mine[-1])  # the mail that it names, or the latest where it names none
    return accepted


def delivered(events):
    """The fairness gate: say whether anything that was sent reached the company."""
    return bool(accepted(events))


def advance(approach, to, *, now, on=None, kind="moved", because="", **facts):
    """Move to `to`, a Reach or a Reply, and log it; the only door to either field, beside retract() and close().

    on      the days.Day from which it counts; today where it is None. A fact found late takes its place in the past and
            changes today only if nothing later stands.
    because a NotApproachedBecause, for reach not_approached
    facts   further fields of the Event: by, reason, channel, result, attempt, step, remark, source
    returns False if another process moved the approach first, and then nothing was written
    raises  IllegalMove where the table or the facts do not bear it
    """
    field = FIELD[type(to)]
    with transaction.atomic():
        row = lock(approach)
        if getattr(row, field) != getattr(approach, field):
            return False
        log = _Log(row, now)
        log.move(to, on or log.today(), kind, facts)
        log.settle(because=because)
    _copy(row, approach)
    return True


def record(approach, kind, *, now, on=None, **facts):
    """Log a fact that moves nothing by itself (a reminder, a call, a mail that came back); return its Event.

    Where it leaves no attempt that reached the company, a `silent` is taken back in the same transaction.
    """
    with transaction.atomic():
        row = lock(approach)
        log = _Log(row, now)
        event = log.append(kind, on or log.today(), facts)
        log.settle()
    _copy(row, approach)
    return event


def invite(row, *, now, on=None, **facts):
    """Move to invited an approach that the caller has locked, in the caller's transaction: the outbox's short way.

    row  an Approach with its campaign, as the database has it; on, facts  as in advance()
    """
    log = _Log(row, now)
    log.move(Reach.INVITED, on or log.today(), "invited", facts)
    log.settle()


def log_attempt(row, kind, *, now, on, **facts):
    """Log an accepted attempt on an invited approach that the caller has locked. It moves nothing: one query.

    row  an Approach, of which only the primary key is read
    """
    return row.events.create(kind=kind, on=on.on, stated=on.stated, at=now, **facts)


def retract(event, *, now, reason, by=None):
    """Take back an event, with a reason; return the retraction. IllegalMove where what is left would not hold."""
    with transaction.atomic():
        row = lock(event.approach)
        log = _Log(row, now)
        if event.kind == "retracted" or event not in standing(log.events):
            raise IllegalMove(_("This was already taken back."))
        back = log.take_back(event, reason, by)
        log.settle()
    _copy(row, event.approach)
    return back


def lock(approach):
    """Return the approach's row, locked until the transaction ends; sending, receiving and staff lock the same row."""
    rows = type(approach).objects.select_for_update(of=("self",)).select_related("campaign")
    return rows.get(pk=approach.pk)


class _Log:
    """The events of one locked approach, and the facts that a writer adds to them."""

    def __init__(self, row, now):
        self.row, self.now = row, now
        self.events = list(row.events.all())
        self.before = (row.reach, row.reply)

    def today(self):
        return days.exactly(days.today(self.now, self.row.campaign.time_zone))

    def state(self):
        return state(self.events, self.row.campaign.counts_as_response)

    def append(self, kind, on, facts):
        if on.on > self.today().on:
            raise IllegalMove(_("%(day)s has not come yet.") % {"day": on.stated})
        event = self.row.events.create(kind=kind, on=on.on, stated=on.stated, at=self.now, **facts)
        self.events.append(event)
        return event

    def take_back(self, event, reason, by=None):
        facts = {"retracts": event, "field": event.field, "reason": reason, "by": by}
        return self.append("retracted", days.Day(event.on, event.stated), facts)

    def move(self, to, on, kind, facts):
        if to in OUTCOMES | AWAITED:
            self.make_room(to, on, facts.get("by"))
        field = FIELD[type(to)]
        before = getattr(self.state(), field)
        if not any(e.field == field and e.on > on.on for e in standing(self.events)):
            self.check(before, to, on)
        self.append(kind, on, {**facts, "field": field, "before": before, "after": to})

    def make_room(self, to, on, by):
        """A reply proves that the company was reached, and outdoes what was recorded in ignorance of it: that it was
        silent or out of reach, or that it had only confirmed receipt or talked.
        """
        for event in standing(self.events):
            mistaken = event.after == Reply.SILENT or (event.field == "reach" and event.after != Reach.INVITED)
            outdone = event.field == "reply" and event.after in AWAITED and event.on > on.on and to in OUTCOMES
            if (mistaken and event.on >= on.on) or outdone:
                self.take_back(event, str(_("A reply of an earlier day was found.")), by)
        if self.state().reach != Reach.INVITED:
            proof = {"result": "accepted", "source": str(_("proved by the reply")), "by": by}
            self.move(Reach.INVITED, on, "invited", proof)

    def check(self, before, to, on):
        """The table guards changes of today's state; a past fact with a later one after it changes nothing today."""
        row, company = self.row, {"company": self.row.listed_as}
        if to not in MOVES[before]:
            raise IllegalMove(f"{row}: {before.label} → {to.label}")
        if to == Reach.UNREACHED and self.state().reply not in (Reply.NONE, Reply.SILENT):
            raise IllegalMove(_("%(company)s has replied, so it was reached.") % company)
        if to == Reply.SILENT and not may_be_silent(row.campaign, on.on, self.events):
            raise IllegalMove(
                _("%(company)s cannot be shown as silent: the campaign is open, or nothing reached it.") % company
            )

    def settle(self, because=""):
        """Store the state of today; whatever moved, a reminder that was meant for the old state is off."""
        new, row = self.state(), self.row
        if new.reply == Reply.SILENT and not (new.reach == Reach.INVITED and delivered(self.events)):
            for silent in [e for e in standing(self.events) if e.after == Reply.SILENT]:
                self.take_back(silent, str(_("Nothing that we sent reached the company.")))
            new = self.state()
        if new.reply != Reply.NONE and new.reach != Reach.INVITED:
            raise IllegalMove(_("%(company)s has a reply, so it stays invited.") % {"company": row.listed_as})
        row.reach, row.reply, row.reply_on, row.reply_stated = new
        if row.reach != Reach.NOT_APPROACHED:
            row.not_approached_because = ""
        elif because:
            row.not_approached_because = because
        if row.reply != Reply.ANSWERED_BY_OTHER:
            row.answered_by, row.answered_by_name = None, ""
        if self.before[0] != row.reach:
            row.next_step, row.remind_at = schedule.upcoming(row, events=standing(self.events))
        elif self.before[1] != row.reply:
            row.next_step, row.remind_at = "", None
        row.save(update_fields=[*_STATE, "answered_by", "answered_by_name", "edited_at"])
        if self.before != (row.reach, row.reply) and not self.events[-1].attempt:
            transaction.on_commit(row.campaign.refresh_count)  # what the outbox moves, the next tick counts


def may_be_silent(campaign, on, events):
    """Say whether `silent` on the day `on` is fair: the campaign closed on it, and something reached the company."""
    return bool(campaign.closed_at) and on == campaign.closes_on and delivered(events)


def _copy(row, approach):
    for name in _STATE:
        setattr(approach, name, getattr(row, name))
