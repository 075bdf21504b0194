"""Writes what became of a mail: its state, its recipients' results, and the event on its approach.

Every function here is called inside the transaction that it belongs to, or is one.
"""

import logging
import random
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns import days, status, window
from campaigns.models import Approach
from campaigns.status import Reach
from companies.models import Contact, Health

from . import claims, control, recheck
from .answers import Meaning
from .models import REMINDERS, Recipient, State, WordingKind

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=4)
LAST_ATTEMPT = 35  # with the waits below: five days
PATIENCE = timedelta(hours=4)  # with one recipient who is refused for now, before the mail goes to the others
EVENTS = {**dict.fromkeys(REMINDERS, "reminded"), WordingKind.THANKS: ""}


class Said(NamedTuple):
    """The server's last word on a mail that passed its point; not yet written."""

    message: object
    token: object
    answer: object
    envelope: object


def backoff(attempts):
    """Return how long to wait after so many attempts: 5 minutes, doubled each time up to 4 hours, give or take 20 %."""
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)


def out_of_patience(message, now):
    """Return the ids of the message's recipients that were first refused "for now" at least PATIENCE ago."""
    rows = message.recipients.all()
    return {row.pk for row in rows if row.last_code and not row.result and row.at and now - row.at >= PATIENCE}


def stopped(message, token, verdict, now):
    """leased -> cancelled or queued, as the recheck says; return the state, or "lost" where the lease was taken."""
    if verdict.reason and verdict.wait is None:
        done = claims.leave(message, token, State.LEASED, State.CANCELLED, stop_reason=verdict.reason[:300])
        return State.CANCELLED if done else "lost"
    at, values = verdict.wait or timedelta(), {}
    if verdict.wait == recheck.NEXT_WINDOW:
        at = window.next_opening(message.approach, now)
        values["leaves_until"] = window.closing(message.approach, at)
    return _requeue(message, token, now + at if isinstance(at, timedelta) else at, verdict.reason, **values)


def untried(message, token, because, now):
    """leased -> queued: the mail's turn did not come; it counts as no attempt."""
    return _requeue(message, token, now + claims.SOON if because else now, because)


def not_accepted(message, token, envelope, now):
    """leased -> queued or failed, after MAIL and RCPT. Contacts whose address is dead are marked bounced."""
    with transaction.atomic():
        if envelope.ours:
            control_reason = server_refused(envelope.ours, now)
            return _requeue(message, token, now + claims.SOON, control_reason)
        values, state = _last(envelope.last), State.FAILED
        if envelope.not_now and message.attempts < LAST_ATTEMPT:
            values["not_before"], state = now + backoff(message.attempts), State.QUEUED
        if not claims.leave(message, token, State.LEASED, state, **values):
            return "lost"
        _write_refusals(envelope, now, gave_up=state == State.FAILED)
    return state


def said(pending, locked, now):
    """data -> sent, queued or failed, by the server's last answer; return (state, campaign's id where it counts anew).

    locked  what recheck.lock_approaches() returned: the approach is locked by the caller
    """
    message, token, answer, envelope = pending
    if 200 <= answer.code < 300:
        if not claims.mark_sent(message, token, now, answer):
            return "lost", None
        if envelope.refused or envelope.waiting:
            _write_refusals(envelope, now, gave_up=True)
        return State.SENT, accepted(message, list(envelope.goes_to.values()), locked, now)
    if answer.code >= 500:
        server_refused(answer, now)
        done = claims.leave(message, token, State.DATA, State.FAILED, **_last(answer))
        return (State.FAILED if done else "lost"), None
    return _try_again(message, token, answer, now), None


def not_sent(message, token, because, now):
    """data -> queued: the connection broke before the last byte left, so nothing arrived."""
    return _try_again(message, token, None, now, because)


def uncertain(message, token, because):
    """data -> unknown: the last byte left and nobody answered. Only a person or the relay's log says more."""
    return claims.leave(message, token, State.DATA, State.UNKNOWN, last_text=because[:500], last_code=None)


def accepted(message, recipients, locked, now, at=None):
    """Record an accepted attempt: on its recipients, and as an event of its approach; return the campaign's id or None.

    locked  what recheck.lock_approaches() returned; at  the instant of the attempt, where it is not now
    """
    claims.mark_taken(recipients, now)
    if message.approach_id is None:
        return None
    facts = {"channel": "email", "result": "accepted", "attempt": message.pk, "step": message.step}
    approach = locked[message.approach_id]
    on = days.exactly(days.today(at or now, approach.time_zone))
    if approach.reach != Reach.INVITED:
        row = Approach.objects.select_related("campaign").get(pk=message.approach_id)
        status.invite(row, now=now, on=on, **facts)
        return row.campaign_id
    if kind := EVENTS.get(message.kind, "contacted"):
        status.log_attempt(Approach(pk=message.approach_id), kind, now=now, on=on, **facts)
    return None


def server_refused(answer, now):
    """The server refuses us: hold all mail where it means it (5xx), and say so to whoever reads the log."""
    because = _("The mail server refuses us: %(code)s %(text)s") % {"code": answer.code, "text": answer.text}
    if answer.code >= 500 and control.hold(because, by=None, now=now).held_at == now:  # of many workers one says so
        log.error("Mail is held. %s", because)
    return because


def _requeue(message, token, at, because, **values):
    values |= {"not_before": at, "stop_reason": because[:300], "attempts": F("attempts") - 1}
    done = claims.leave(message, token, State.LEASED, State.QUEUED, **values)
    return State.QUEUED if done else "lost"


def _try_again(message, token, answer, now, because=""):
    values = _last(answer) if answer else {"last_code": None, "last_text": because[:500]}
    state = State.QUEUED if message.attempts < LAST_ATTEMPT else State.FAILED
    if state == State.QUEUED:
        values["not_before"] = now + backoff(message.attempts)
    return state if claims.leave(message, token, State.DATA, state, **values) else "lost"


def _last(answer):
    return {"last_code": answer.code, "last_text": answer.text[:500], "stop_reason": ""}


def _write_refusals(envelope, now, gave_up):
    for pk, answer, meant in envelope.refused:
        row = Recipient.objects.filter(pk=pk)
        row.update(result=Recipient.Result.REFUSED, at=now, **_said(answer))
        if meant == Meaning.DEAD:
            Contact.objects.filter(received=pk, health=Health.WORKING).update(health=Health.BOUNCED)
    for pk, answer in envelope.waiting:
        row = Recipient.objects.filter(pk=pk)
        if gave_up:
            row.update(result=Recipient.Result.TEMPORARY, at=now, **_said(answer))
        else:
            row.filter(last_code=None).update(at=now)  # of the first refusal
            row.update(**_said(answer))


def _said(answer):
    return {"last_code": answer.code, "last_text": answer.text[:500]}
