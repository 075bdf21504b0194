"""Which reminder is due, and the row that is written for it. Decides; sends nothing.

The stored `remind_at` says when to look next, so a clock that slept skips nobody. A message and the move of
`remind_at` are one transaction, under the approach's lock.
"""

from collections import Counter
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import days, schedule, status
from campaigns.models import Approach, Campaign
from campaigns.status import Reach, Reply
from campaigns.templatetags.frame import partial_date
from companies.models import Health

from . import control
from .compose import compose, render
from .doubts import doubt, rested
from .letters import Letters
from .models import Message, State, WordingKind
from .wording import Blocked

TOO_LATE = timedelta(days=3)  # a step this long past is skipped: the next one follows soon enough


def due(now):
    """Return the approaches whose step has come: awaited, not paused, the campaign open until its close."""
    rows = Approach.objects.awaiting().filter(remind_at__lte=now, paused_at=None, campaign__paused_at=None)
    return rows.filter(Q(campaign__closes_at=None) | Q(campaign__closes_at__gt=now))


def plan(now, *, seconds=45):
    """Write one reminder for each approach that is due; once, however often and by however many it is called.

    seconds  after which the rest is left to the next tick
    returns  a Counter: written, skipped, waiting (doubt or a contact's rest), blocked; {} while mail is held
    """
    counts = Counter()
    if control.stopped(now):
        return counts
    withdraw()
    letters, ends = {}, monotonic() + seconds
    for pk in list(due(now).order_by("pk").values_list("pk", flat=True)):
        if monotonic() > ends:
            break
        outcome = "skipped"
        while outcome == "skipped":  # the step after one that is skipped may be due as well
            if outcome := _deal_with(pk, letters, now):
                counts[outcome] += 1
    return counts


def withdraw():
    """Cancel proposed reminders whose company has answered or whose campaign has closed; return how many."""
    proposed = Message.objects.filter(state=State.PROPOSED, kind__in=[WordingKind.REMINDER, WordingKind.LAST_NOTICE])
    off = proposed.exclude(approach__in=Approach.objects.awaiting())
    return off.update(state=State.CANCELLED, stop_reason=_("The company has replied, or the campaign has closed."))


def why(approach, now):
    """Return a sentence for the desk: what comes next for this approach, or why nothing does."""
    campaign = approach.campaign
    if approach.reach != Reach.INVITED:
        return _("Not invited yet.") if approach.reach == Reach.PLANNED else approach.get_reach_display()
    if campaign.closed_at:
        return _("The campaign is closed.")
    if approach.reply not in status.AWAITED:
        return _("It has replied.")
    if approach.messages.filter(state=State.PROPOSED).exists():
        return _("A mail waits for approval.")
    if not approach.remind_at:
        if approach.reply != Reply.NONE:
            return _("Wrote back, nothing planned.")
        return _("No step is left.") if campaign.steps.exists() else _("The campaign has no reminder steps.")
    if campaign.paused_at or approach.paused_at:
        return _("On hold.") if approach.paused_at else _("The campaign's mail is paused.")
    day = partial_date(days.today(approach.remind_at, campaign.time_zone))
    if campaign.closes_at and approach.remind_at >= campaign.closes_at:
        return _("Its next step would come after the close: none is sent.")
    if reason := doubt(approach, list(approach.events.all())):
        return _("A reminder waits: %(reason)s") % {"reason": reason}
    if approach.promised_for:
        return _("It promised an answer for %(day)s; a reminder follows on %(next)s.") % {
            "day": partial_date(approach.promised_stated),
            "next": day,
        }
    if approach.remind_at <= now:
        return control.stopped(now) or _trouble(approach, now) or _("A reminder is due now.")
    return _("The next reminder is due on %(day)s.") % {"day": day}


def start(campaign, *, by, now):
    """Set the next step for invited companies that have none (imported ones); a person's verb. Return how many."""
    started = 0
    waits = campaign.approaches.awaiting().filter(reply=Reply.NONE, remind_at=None)
    for pk in list(waits.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = _locked(pk)
            row.next_step, row.remind_at = schedule.upcoming(row)
            row.save(update_fields=["next_step", "remind_at", "edited_at"])
            started += bool(row.remind_at)
    return started


def skip(approach, *, by, now, reason=""):
    """Leave out the next step of an approach, with an event, and set the one after it."""
    with transaction.atomic():
        row = _locked(approach.pk)
        if row.remind_at:
            status.record(row, "skipped", now=now, step=row.next_step, by=by, reason=reason)
            _advance(row)
    approach.next_step, approach.remind_at = row.next_step, row.remind_at


def _deal_with(pk, letters, now):
    """Lock one approach and do its due step; return what was done, or "" where somebody was here before us."""
    with transaction.atomic():
        row = due(now).select_for_update(of=("self",)).select_related("campaign", "company").filter(pk=pk).first()
        if row is None:
            return ""
        if row.campaign_id not in letters:
            letters[row.campaign_id] = Letters(row.campaign)
        return _step(row, letters[row.campaign_id], now)


def _step(row, letters, now):
    """Deal with one due approach, locked; return what was done, for the count."""
    step = letters.steps.get(row.next_step)
    if step and step.retired_at:
        _advance(row)
        return "skipped"
    if now - row.remind_at > TOO_LATE:
        late = _("It was due on %(day)s.") % {"day": days.today(row.remind_at, row.campaign.time_zone)}
        status.record(row, "skipped", now=now, step=row.next_step, reason=late)
        _advance(row)
        return "skipped"
    contacts = row.chosen.filter(contact__health=Health.WORKING).values("contact")
    if doubt(row, list(row.events.all())) or rested(contacts, now):
        return "waiting"
    automatic = row.campaign.reminders_leave == Campaign.ReminderMode.AUTOMATIC
    kind = step.wording if step else WordingKind.REMINDER
    try:
        state = State.QUEUED if automatic else State.PROPOSED
        compose(row, row.next_step, kind, now=now, state=state, letters=letters)
    except Blocked:
        return "blocked"
    _advance(row)
    return "written"


def _trouble(approach, now):
    """Return why the mail that is due cannot be made, or ""."""
    letters = Letters(approach.campaign)
    step = letters.steps.get(approach.next_step)
    try:
        render(approach, step.wording if step else WordingKind.REMINDER, message_id="", now=now, letters=letters)
    except Blocked as fault:
        return str(fault)
    return ""


def _advance(row):
    """Set the step after the one that was just dealt with."""
    if row.reply == Reply.NONE:
        row.next_step, row.remind_at = schedule.upcoming(row, after=row.remind_at)
    else:
        row.next_step, row.remind_at = "", None
    row.save(update_fields=["next_step", "remind_at", "edited_at"])


def _locked(pk):
    return Approach.objects.select_for_update(of=("self",)).select_related("campaign", "company").get(pk=pk)
