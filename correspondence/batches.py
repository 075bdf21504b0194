"""Proposed, seen, approved: a person approves exactly the set of mails that was shown, and may take it back.

A page asks propose() for the mails, shows them, and hands back their set_hash() with the approval.
"""

import hashlib
import uuid
from datetime import timedelta
from time import monotonic
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from campaigns import days, status
from campaigns.models import Approach, Campaign
from campaigns.models.question import LETTER_OUT
from campaigns.status import AWAITED, Reach

from . import compose, control, merged, office_hours, reminding
from .doubts import WAS_SENT
from .letters import Letters
from .models import REMINDERS, Approved, Batch, Message, State, WordingKind
from .wording import Blocked

UNDO_WINDOW = timedelta(minutes=10)
TOGETHER = 50  # approaches in one transaction
FOR_GOOD = (State.FAILED, State.CANCELLED)


class SetChanged(Exception):
    """What was shown is not what would leave: str() says what changed. Look again."""


class Proposal(NamedTuple):
    messages: list  # of Message, proposed, in the order of the campaign's list
    blocked: list  # of (Approach, sentence)


def addressees(campaign, kind):
    """Return the approaches that a mail of this kind is for."""
    approaches = campaign.approaches.select_related("company")
    if kind == WordingKind.INVITATION:
        return approaches.filter(reach=Reach.PLANNED)
    if kind in REMINDERS:
        return approaches.awaiting()
    if kind == WordingKind.THANKS:
        return approaches.filter(reach=Reach.INVITED).exclude(reply__in=[*AWAITED, status.Reply.SILENT])
    return approaches.filter(reach=Reach.INVITED)


def propose(campaign, kind, *, now, approaches=None, again=False, progress=None):
    """Merge the mails of one kind, or find those that were merged before.

    approaches  a queryset or list of the campaign's approaches; by default all that the kind is for
    again       merge those that are proposed already once more (a wording was edited)
    progress    called as progress(done, total)
    returns     a Proposal; calling again makes no mail twice
    """
    wanted = addressees(campaign, kind)
    if approaches is not None:
        wanted = wanted.filter(pk__in=[approach.pk for approach in approaches])
    order = {pk: place for place, pk in enumerate(wanted.values_list("pk", flat=True))}
    keys, letters = sorted(order), Letters(campaign)
    step = _step(campaign, kind)
    messages, blocked = [], []
    for start in range(0, len(keys), TOGETHER):
        with transaction.atomic():
            for approach in locked(keys[start : start + TOGETHER]):
                approach.campaign = campaign
                try:
                    messages.append(_proposed(approach, step, kind, now, letters, again))
                except Blocked as fault:
                    blocked.append((approach, str(fault)))
        if progress:
            progress(min(start + TOGETHER, len(keys)), len(keys))
    messages.sort(key=lambda message: order[message.approach_id])
    blocked.sort(key=lambda pair: order[pair[0].pk])
    return Proposal(messages, blocked)


def set_hash(messages):
    """Return the hash that stands for exactly these mails with exactly these bytes, in any order."""
    lines = sorted(f"{message.pk} {message.sha256}" for message in messages)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def approve(
    campaign, messages, shown_hash, *, by, key, now, not_before=None, hold=UNDO_WINDOW, in_hours=False, progress=None
):  # fmt: skip
    """Queue exactly the mails that were shown.

    messages    Message rows or their ids; shown_hash their set_hash() when they were shown
    key         the form's own key: the same key again is the same act, and returns the same Batch
    not_before  an instant before which none leaves (Monday 09:00)
    hold        how long undo() can take all of it back; timedelta(0) lets them leave at once
    in_hours    whether each waits for the working hours of its company
    returns     the Batch; the first invitations give a campaign without a day "asked on" their day
    raises      SetChanged where one was merged again, stopped, approved by somebody else, is not of this campaign, or
                would be another today (see merged.py)
    """
    if done := Batch.objects.filter(idempotency_key=key).first():
        return _same(done, shown_hash)
    control.row()  # what is queued is of this database: its backup is known for one
    ids = sorted({getattr(message, "pk", message) for message in messages})
    if not ids:
        raise SetChanged(_("No mail is ticked."))
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                campaign=campaign, idempotency_key=key, set_hash=shown_hash, approved_by=by, approved_at=now
            )
            _check_set(campaign, ids, shown_hash)
            leaves = max(filter(None, (not_before, now + hold)))
            for start in range(0, len(ids), 500):
                part = Message.objects.filter(pk__in=ids[start : start + 500], state=State.PROPOSED)
                Approved.objects.bulk_create(
                    Approved(batch=batch, message_id=pk, sha256=sha256)
                    for pk, sha256 in part.values_list("pk", "sha256")
                )
                part.update(state=State.QUEUED, batch=batch, not_before=leaves, stop_reason="")
                if progress:
                    progress(min(start + 500, len(ids)), len(ids))
            if in_hours:
                office_hours.wait(batch, leaves)
    except IntegrityError:  # the same key at the same moment
        return _same(Batch.objects.get(idempotency_key=key), shown_hash)
    if batch.messages.filter(kind=WordingKind.INVITATION).exists():
        day = days.today(leaves, campaign.time_zone)
        Campaign.objects.filter(pk=campaign.pk, asked_on=None).update(asked_on=day, asked_stated=day.isoformat())
    return batch


def reached(batch):
    """Return the approaches whose mail of this approval left, or may have left: whom a correction is for."""
    return Approach.objects.filter(messages__in=batch.messages.filter(state__in=WAS_SENT))


def undo(batch, *, by, now, only=None, seconds=8):
    """Take back what has not left: queued mails whose time is ahead are proposed again, merged anew.

    All of them are stopped at once, whatever their number. Merging is slow: those that `seconds` do not suffice for
    keep the bytes that were approved.

    only     ids of mails, where not all of the approval is taken back
    returns  the Batch with undone_at and undone_count; mails that left stay as they are
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        back = Message.objects.filter(batch=batch, state=State.QUEUED, not_before__gt=now).order_by("pk")
        back = back if only is None else back.filter(pk__in=only)
        undone = list(back.select_for_update(of=("self",)).values_list("approach_id", "pk", "not_before"))
        undone.sort(key=lambda row: row[0])  # locked as approve() locks them, merged in the approaches' order
        for start in range(0, len(undone), 500):
            part = Message.objects.filter(pk__in=[pk for _approach, pk, _leaves in undone[start : start + 500]])
            part.update(state=State.PROPOSED, batch=None, not_before=None, leaves_until=None)
        batch.undone_at, batch.undone_count = now, (batch.undone_count or 0) + len(undone)
        batch.save(update_fields=["undone_at", "undone_count"])
    if undone:
        _not_asked_yet(batch.campaign, undone[0][2])
    letters, ends = Letters(batch.campaign), monotonic() + seconds
    for start in range(0, len(undone), TOGETHER):
        if monotonic() > ends:
            break
        part = [pk for _approach, pk, _leaves in undone[start : start + TOGETHER]]
        with transaction.atomic():
            for message, said in merge_anew(Message.objects.filter(pk__in=part, state=State.PROPOSED), letters, now):
                _stop(message, said)
    return batch


def merge_anew(mails, letters, now):
    """Merge proposed mails again in place, of whatever step they are, each with a new reply link.

    mails    a queryset of proposed Messages of one campaign, whose Letters these are
    returns  [(Message, sentence)] of those that cannot be merged; they stay as they were
    """
    blocked = []
    with transaction.atomic():
        keys = sorted(set(mails.order_by().values_list("approach_id", flat=True)))
        approaches = {approach.pk: approach for approach in locked(keys)}
        for message in mails.select_for_update(of=("self",)).order_by("pk"):
            message.approach = approaches[message.approach_id]
            try:
                compose.recompose(message, now, letters)
            except Blocked as fault:
                blocked.append((message, str(fault)))
    return blocked


def stop(message, *, by, now, reason):
    """Cancel a mail that is proposed or queued; return whether it could still be stopped."""
    with transaction.atomic():
        if message.approach_id:
            status.lock(message.approach)
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.state not in (State.PROPOSED, State.QUEUED):
            return False
        _stop(row, reason)
    message.state, message.stop_reason = row.state, row.stop_reason
    return True


def send_test(approach, kind, to_user, *, now):
    """Queue this mail as a test to a member of staff, with a dead reply link; return the Message. Blocked as ever."""
    with transaction.atomic():
        return compose.compose_test(approach, kind, to_user, now=now)


def resend(message, reason, *, by, now):
    """Propose a mail of the same step once more; a person's act, with a reason. It waits for approval like any other.

    raises ValueError without a reason, or while the last one may still arrive (settle_unknown() says first)
    """
    if not reason.strip():
        raise ValueError(_("Say why it is sent again."))
    with transaction.atomic():
        approach = status.lock(message.approach)
        same = approach.messages.filter(step=message.step)
        if same.exclude(state__in=(*FOR_GOOD, State.SENT)).exists():
            raise ValueError(_("A mail of this step is still on its way, or may have been sent."))
        number = same.aggregate(last=Max("resend_no"))["last"] + 1
        return compose.compose(
            approach, message.step, message.kind, now=now, state=State.PROPOSED, resend_no=number, resend_reason=reason
        )


def locked(keys):
    """Return approaches by primary key, locked, in the order in which everybody locks them."""
    rows = Approach.objects.select_for_update(of=("self",)).select_related("company", "campaign")
    return list(rows.filter(pk__in=keys).order_by("pk"))


def _step(campaign, kind):
    if kind in (WordingKind.INVITATION, WordingKind.THANKS):
        return str(kind)
    proposed = Message.objects.filter(
        approach__campaign=campaign, kind=kind, state=State.PROPOSED, step__startswith="batch:"
    )
    return proposed.values_list("step", flat=True).first() or f"batch:{uuid.uuid4()}"


def _proposed(approach, step, kind, now, letters, again):
    same = Q(step=step)
    if step.startswith("batch:"):
        same |= Q(kind=kind, state=State.PROPOSED)  # also one that the clock has made of a step
    if earlier := approach.messages.filter(same).order_by("-resend_no").first():
        if earlier.state != State.PROPOSED:
            said = {"state": earlier.get_state_display(), "reason": earlier.stop_reason}
            raise Blocked(_("There is a mail already: %(state)s. %(reason)s") % said)
        earlier.approach = approach
        return compose.recompose(earlier, now, letters) if again else earlier
    if letters.campaign.closed_at and kind in (WordingKind.INVITATION, *REMINDERS):
        raise Blocked(_("The campaign is closed."))
    if kind in REMINDERS and reminding.in_place(approach, kind, letters):
        return reminding.bring_forward(approach, now=now, letters=letters)
    return compose.compose(approach, step, kind, now=now, state=State.PROPOSED, letters=letters)


def _not_asked_yet(campaign, leaves):
    """Forget the day that an approval wrote, where all invitations are taken back."""
    out = campaign.approaches.filter(messages__kind=WordingKind.INVITATION, messages__state__in=LETTER_OUT)
    if not (out | campaign.approaches.filter(reach=Reach.INVITED)).exists():
        day = days.today(leaves, campaign.time_zone)
        Campaign.objects.filter(pk=campaign.pk, asked_on=day).update(asked_on=None, asked_stated="")


def _check_set(campaign, ids, shown_hash):
    rows = []
    for start in range(0, len(ids), 500):
        part = Message.objects.select_for_update(of=("self",)).filter(pk__in=ids[start : start + 500])
        rows += part.order_by("pk").only("pk", "sha256", "state", "batch", "approach").select_related("approach")
    if len(rows) < len(ids) or any(row.approach is None or row.approach.campaign_id != campaign.pk for row in rows):
        raise SetChanged(_("Some of these mails are not part of this campaign."))
    if gone := [row for row in rows if row.state != State.PROPOSED]:
        if first := Batch.objects.filter(messages__in=gone).select_related("approved_by").first():
            said = {"person": first.approved_by, "time": f"{first.approved_at:%Y-%m-%d %H:%M}"}
            raise SetChanged(_("Already approved by %(person)s at %(time)s.") % said)
        raise SetChanged(_("Some of these mails were stopped meanwhile."))
    if set_hash(rows) != shown_hash:
        raise SetChanged(_("Some of these mails were merged again after they were shown."))
    letters = Letters(Campaign.objects.get(pk=campaign.pk))  # as it is now, not as the caller read it
    for start in range(0, len(ids), 500):
        if merged.outdated(Message.objects.filter(pk__in=ids[start : start + 500]), letters):
            raise SetChanged(_("What some of these mails are made of was edited meanwhile. Merge them again."))


def _same(batch, shown_hash):
    if batch.set_hash != shown_hash:
        raise SetChanged(_("This form was used before, for other mails."))
    return batch


def _stop(message, reason):
    message.state, message.stop_reason = State.CANCELLED, reason[:300]
    message.save(update_fields=["state", "stop_reason"])
