"""Mails that may have been sent: only proof or a person says which. Software never sends one again by itself."""

from django.db import transaction
from django.utils.translation import gettext as _

from . import recheck, results
from .models import Message, State


def resolve(has, now, *, is_complete=False):
    """Settle the mails in `unknown` by the relay's own record.

    has          called with a Message: True where the relay took it
    is_complete  whether False is proof as well, because no worker that may still send one is alive: then it is queued
    returns      (how many are now `sent`, how many `queued`)
    """
    unknown = Message.objects.filter(state=State.UNKNOWN).order_by("approach_id", "pk")
    sent = queued = 0
    for message in unknown:
        if has(message):
            sent += _arrived(message, now)
        elif is_complete:
            mine = Message.objects.filter(pk=message.pk, state=State.UNKNOWN)
            queued += mine.update(state=State.QUEUED, not_before=now)
    return sent, queued


def settle_unknown(message, arrived, *, by, now, reason):
    """A person says whether a mail in `unknown` arrived; if not, the same bytes are queued again under the same id.

    raises ValueError without a reason, or where the mail is not in doubt
    """
    if not reason.strip():
        raise ValueError(_("Say how you know."))
    with transaction.atomic():
        if arrived:
            done = _arrived(message, now, reason)
        else:
            state = State.QUEUED if len(message.mime) else State.CANCELLED  # its bytes were erased with a contact
            values = {"state": state, "not_before": now, "stop_reason": reason[:300]}
            done = Message.objects.filter(pk=message.pk, state=State.UNKNOWN).update(**values)
        if not done:
            raise ValueError(_("This mail is not in doubt any more."))
    message.refresh_from_db()


def _arrived(message, now, reason=""):
    with transaction.atomic():
        locked = recheck.lock_approaches({message.approach_id} - {None})
        message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if message.state != State.UNKNOWN:
            return False
        message.state, message.sent_at, message.stop_reason = State.SENT, message.data_at, reason[:300]
        message.save(update_fields=["state", "sent_at", "stop_reason"])
        taken = list(message.recipients.exclude(result="refused").values_list("pk", flat=True))
        results.accepted(message, taken, locked, now, at=message.data_at)
    return True
