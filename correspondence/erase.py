"""Erasing a contact and keeping the record of what was sent: its words and address go; hash, Message-ID, dates stay."""

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from campaigns import status
from campaigns.models import ChosenContact
from campaigns.spreadsheet import staging
from companies.models import Contact

from .compose import compose
from .doubts import WAS_SENT
from .models import OWNED, ByHand, Message, Recipient, ReplyLink, State
from .wording import Blocked

STOPPABLE = (State.PROPOSED, State.QUEUED, State.FAILED)
BLANK = dict.fromkeys(("name", "role", "email", "phone", "web_form", "found_at", "time_zone"), "")


class StillLeaving(Exception):
    """A mail to this contact is about to leave: try again when it has, within a quarter of an hour."""


def erase_contact(contact, by, now):
    """Blank a contact and what its mails say of it.

    What has not left is cancelled first; its other recipients get a fresh proposed mail. The row stays, blank.

    returns  the fresh Messages
    raises   StillLeaving; nothing is blanked yet, and what was queued waits for approval again
    """
    with transaction.atomic():
        staging.forget(contact)
        _lock_approaches(contact)
        mails = Message.objects.select_for_update(of=("self",)).filter(recipients__contact=contact)
        if not any(state in OWNED for state in mails.order_by("pk").values_list("state", flat=True)):
            stopped = _stop_mail(mails)
            _blank(contact, by, now)
            return [fresh for message in stopped if (fresh := _again(message, now))]
        queued = list(mails.filter(state=State.QUEUED).values_list("pk", flat=True))
        Message.objects.filter(pk__in=queued).update(state=State.PROPOSED, batch=None, not_before=None)
    raise StillLeaving(_("A mail to this contact is leaving right now. Try again in 15 minutes."))


def _stop_mail(mails):
    """Cancel what has not left; return of that what was the last word of its step, where nothing of it was sent."""
    waiting = list(mails.filter(state__in=STOPPABLE).exclude(approach=None).order_by("approach").defer("mime"))
    reason = _("A recipient's data were erased.")
    Message.objects.filter(pk__in=[message.pk for message in waiting]).update(state=State.CANCELLED, stop_reason=reason)
    last = []
    for message in waiting:
        same = message.approach.messages.filter(step=message.step)
        if not same.filter(Q(state__in=WAS_SENT) | Q(resend_no__gt=message.resend_no)).exists():
            message.stop_reason = reason
            last.append(message)
    return last


def _lock_approaches(contact):
    """In the order in which everybody locks them."""
    messages = Message.objects.filter(recipients__contact=contact).exclude(approach=None)
    for message in messages.order_by("approach_id").select_related("approach").defer("mime"):
        status.lock(message.approach)


def _blank(contact, by, now):
    mails = list(Message.objects.filter(recipients__contact=contact).values_list("pk", flat=True))
    Message.objects.filter(pk__in=mails).update(mime=b"", subject="", last_text="")
    ReplyLink.objects.filter(message__in=mails, revoked_at=None).update(revoked_at=now)
    Recipient.objects.filter(Q(contact=contact) | Q(message__in=mails)).update(last_text="")
    Recipient.objects.filter(contact=contact).update(address="")
    spoken = {"contact": None, "note": "", "file_name": "", "media_type": "", "content": None}
    ByHand.objects.filter(contact=contact).update(**spoken)
    ChosenContact.objects.filter(contact=contact).delete()
    Contact.objects.filter(pk=contact.pk).update(**BLANK, erased_at=now, erased_by=by)
    contact.refresh_from_db()


def _again(message, now):
    """Propose a cancelled mail anew to the recipients who are left; None where there are none, or it cannot be made."""
    approach = message.approach
    if not message.recipients.exclude(address="").exists():
        return None
    number = approach.messages.filter(step=message.step).aggregate(last=Max("resend_no"))["last"] + 1
    why = {"resend_no": number, "resend_reason": message.stop_reason}
    try:
        return compose(approach, message.step, message.kind, now=now, state=State.PROPOSED, **why)
    except Blocked:
        return None
