"""What makes a reminder wait although its time has come: nobody is reminded on stale or doubtful knowledge."""

from datetime import timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from campaigns import status

from .models import Message, Recipient, State

CONTACT_RESTS = timedelta(hours=24)  # between two automatic mails to one contact, over all campaigns
ON_ITS_WAY = (State.QUEUED, State.LEASED, State.DATA)
WAS_SENT = (State.DATA, State.SENT, State.UNKNOWN)  # or may have been


def doubt(approach, events):
    """Return why this approach may not be reminded before a person or a fresh reading clears it, or "".

    approach  an Approach, locked where the answer decides
    events    its Event rows, in the order of recording
    """
    mails = Message.objects.filter(approach=approach).order_by("resend_no")
    return of(dict(mails.values_list("step", "state")), events)


def of(states, events):
    """The same from what is known of an approach.

    states  {step: State} of its mails, of the last resend of each step
    """
    if states.get("invitation") == State.UNKNOWN:
        return _("It is not known whether the invitation arrived.")
    if not status.delivered(events):
        return _("Nothing that we sent is known to have reached the company.")
    if State.PROPOSED in states.values():
        return _("An earlier mail waits for approval.")
    if any(state in ON_ITS_WAY for state in states.values()):
        return _("An earlier mail has not left yet.")
    return ""


def lately(now):
    """Return the Recipients of mail that reached its point of no return less than CONTACT_RESTS ago, as far as they
    were not refused: also of mail that is leaving, and of mail that may have been sent.
    """
    left = {"message__state__in": WAS_SENT, "message__data_at__gt": now - CONTACT_RESTS}
    return Recipient.objects.filter(**left, result__in=("", Recipient.Result.ACCEPTED))


def rested(contacts, now):
    """Return the instant from which all of these contacts may get an automatic mail again, or None: now."""
    last = lately(now).filter(contact__in=contacts).aggregate(last=Max("message__data_at"))["last"]
    return last + CONTACT_RESTS if last else None
