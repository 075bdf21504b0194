"""What makes a reminder wait although its time has come: nobody is reminded on stale or doubtful knowledge."""

from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns import status

from .models import Message, Recipient, State

CONTACT_RESTS = timedelta(hours=24)  # between two automatic mails to one contact, over all campaigns
ON_ITS_WAY = (State.QUEUED, State.LEASED, State.DATA)


def doubt(approach, events):
    """Return why this approach may not be reminded before a person or a fresh reading clears it, or "".

    approach  an Approach, locked where the answer decides
    events    its Event rows, in the order of recording
    """
    states = dict(Message.objects.filter(approach=approach).values_list("step", "state").order_by("resend_no"))
    if states.get("invitation") == State.UNKNOWN:
        return _("It is not known whether the invitation arrived.")
    if not status.delivered(events):
        return _("Nothing that we sent is known to have reached the company.")
    if State.PROPOSED in states.values():
        return _("An earlier mail waits for approval.")
    if any(state in ON_ITS_WAY for state in states.values()):
        return _("An earlier mail has not left yet.")
    return ""


def rested(contacts, now):
    """Return the instant from which all of these contacts may get an automatic mail again, or None: now."""
    mailed = Recipient.objects.filter(contact__in=contacts, at__gt=now - CONTACT_RESTS, result="accepted")
    last = mailed.order_by("-at").values_list("at", flat=True).first()
    return last + CONTACT_RESTS if last else None
