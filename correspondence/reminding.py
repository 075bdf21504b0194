"""Reminding a company now, because a person wants it: its next reminder is merged at once and waits for approval."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import planning, schedule, status
from campaigns.status import IllegalMove, Reply

from .compose import compose
from .doubts import doubt
from .models import State, WordingKind
from .wording import Blocked


def propose_next(approach, *, by, now, letters):
    """Make the next reminder of an approach before its day; the step after it stays where it is.

    Where no step is left, the reminder is one of its own. It is proposed also where the campaign's reminders leave by
    themselves: what a person brings forward, a person looks at.

    letters  the campaign's Letters
    returns  the Message
    raises   IllegalMove where nothing is awaited, the company is on hold, or it is doubtful what it has got so far;
             Blocked where the mail cannot be merged
    """
    with transaction.atomic():
        row = status.lock(approach)
        if not planning.awaited(row):
            raise IllegalMove(_("Nothing is awaited from %(company)s.") % {"company": row.listed_as})
        if row.paused_at:
            raise IllegalMove(_("%(company)s is on hold.") % {"company": row.listed_as})
        if reason := doubt(row, list(row.events.all())):
            raise Blocked(reason)
        return bring_forward(row, now=now, letters=letters)


def in_place(row, kind, letters):
    """Say whether a reminder of this kind, written now, takes the place of the approach's next step.

    It does where that step has the same wording: else a company would be reminded today, and by its plan soon after.
    """
    step = letters.steps.get(row.next_step)
    return bool(row.remind_at) and (step.wording if step else WordingKind.REMINDER) == kind


def bring_forward(row, *, now, letters):
    """Propose the next reminder of a locked approach now, and plan the one after it; return the Message, or Blocked."""
    key = row.next_step or schedule.following(row)[0] or f"batch:{uuid.uuid4()}"
    step = letters.steps.get(key)
    kind = step.wording if step else WordingKind.REMINDER
    message = compose(row, key, kind, now=now, state=State.PROPOSED, letters=letters)
    if row.remind_at:
        row.next_step, row.remind_at = "", None
        if row.reply == Reply.NONE:
            row.next_step, row.remind_at = schedule.upcoming(row, after=now)
        row.save(update_fields=["next_step", "remind_at", "edited_at"])
    return message
