"""Mails that may have been sent: only proof or a person says which. Software never sends one again by itself."""

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import days, status

from . import results
from .models import Message, State


def resolve(has, now):
    """Settle the mails in `unknown` that the relay's own record shows.

    has      called with a Message: True where the relay took it. False proves nothing: a slow worker may still send it
    returns  how many are now `sent`
    """
    unknown = Message.objects.filter(state=State.UNKNOWN).select_related("approach").order_by("approach_id", "pk")
    return sum(_arrived(message, now) for message in unknown if has(message))


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
        if message.approach_id:
            row = status.lock(message.approach)
        values = {"state": State.SENT, "sent_at": message.data_at, "stop_reason": reason[:300]}
        if not Message.objects.filter(pk=message.pk, state=State.UNKNOWN).update(**values):
            return False
        taken = list(message.recipients.exclude(result="refused").values_list("pk", flat=True))
        on = days.exactly(days.today(message.data_at, row.campaign.time_zone)) if message.approach_id else None
        results.accepted(message, taken, now, on)
    return True
