"""Calls, letters, web forms and meetings: what a person logs beside the mail, in the same thread and the same record.

The words stay private, in a Message of state LOGGED and its ByHand; day, channel and result are events of the approach.
"""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns import days, planning, status
from campaigns.models import Event
from campaigns.status import Reach, Reply

from .models import ByHand, Message, State

RESULTS = {  # what became of an attempt of ours, in the words of whoever made it
    Event.Result.ACCEPTED: _("It reached the company"),
    Event.Result.REFUSED: _("Refused, or nobody answered"),
    Event.Result.RETURNED: _("It came back"),
    Event.Result.UNKNOWN: _("Not known"),
}
STANDS = (Reply.ACKNOWLEDGED, Reply.ENGAGED)  # what a contact without a written answer may say of a company
LARGEST = 5 * 2**20  # bytes of a document, which lies in the row


class Document(NamedTuple):
    name: str
    media_type: str
    content: bytes


def log(
    approach, key, *, way, channel, day, by, now, result="", contact=None, note="", document=None, invitation=False,
    stands="", promised=None,
):  # fmt: skip
    """Log one contact by hand; all of it or nothing.

    key         a uuid that becomes the message's id: the same key again is the same contact
    way         a ByHand.Way; what the company began is no attempt of ours, and has no result
    day         the days.Day of the contact
    result      an Event.Result of our attempt
    document    a Document, or None
    invitation  it counts as the invitation of a company that is not invited yet
    stands      one of STANDS, where the company said something
    promised    the days.Day by which the company said it would answer
    returns     the Message, or None where this key was logged before
    raises      IllegalMove where the facts do not bear it; then nothing was written
    """
    with transaction.atomic():
        row = status.lock(approach)
        if Message.objects.filter(pk=key).exists():
            return None
        message = Message.objects.create(
            pk=key, approach=row, step=f"log:{key}", state=State.LOGGED, mime=b"", created_at=now
        )
        ByHand.objects.create(
            message=message, way=way, channel=channel, on=day.on, stated=day.stated, contact=contact, note=note,
            file_name=document.name if document else "", media_type=document.media_type if document else "",
            content=document.content if document else None, by=by,
        )  # fmt: skip
        facts = {"now": now, "on": day, "by": by, "channel": channel, "attempt": message.pk}
        ours = way == ByHand.Way.OUT
        if ours and invitation:
            status.advance(row, Reach.INVITED, kind=Event.Kind.INVITED, result=result, **facts)
        elif ours or not stands:
            status.record(row, Event.Kind.CONTACTED, result=result if ours else "", **facts)
        if stands:
            status.advance(row, Reply(stands), **facts)
        if promised:
            planning.give_time(row, promised, by=by, now=now, promised=True)
    return message


def may_stand(approach):
    """Return those of STANDS that the approach may move to."""
    return [one for one in STANDS if one in status.MOVES[Reply(approach.reply)]]


def thread(approach):
    """Return the approach's Messages, the newest day first; each has `day`, and where it was logged by hand `hand`,
    its standing `facts` and `taken_back`, the Event that took the last of them back, or None.

    day  an instant for a mail, a date for what was logged
    """
    found = list(approach.messages.select_related("batch").defer("mime").order_by("-created_at", "pk"))
    hands = ByHand.objects.filter(message__in=[one for one in found if one.state == State.LOGGED])
    hands = {hand.message_id: hand for hand in hands.select_related("contact", "by").defer("content")}
    events = approach.events.filter(attempt__in=hands).select_related("retraction") if hands else []
    for one in found:
        one.hand = hands.get(one.pk)
        if one.hand:
            mine = [event for event in events if event.attempt == one.pk]
            one.facts = [event for event in mine if not hasattr(event, "retraction")]
            for fact in one.facts:
                fact.said = _KINDS[fact.field](fact.after).label if fact.field else RESULTS.get(fact.result, "")
            one.taken_back = None if one.facts or not mine else mine[-1].retraction
            one.day = one.hand.on
        else:
            one.day = one.sent_at or one.not_before or one.created_at
    return sorted(found, key=lambda one: _date(one.day, approach), reverse=True)


_KINDS = {field: kind for kind, field in status.FIELD.items()}


def _date(day, approach):
    return days.today(day, approach.campaign.time_zone) if hasattr(day, "hour") else day
