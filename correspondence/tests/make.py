"""What tests of sending are made of: wordings, and campaigns whose mails are merged, approved and due."""

from datetime import timedelta
from itertools import count

from campaigns.models import ReminderStep
from campaigns.tests.make import NOW, make_approach, make_campaign, make_company, make_user
from correspondence import batches
from correspondence.compose import compose
from correspondence.models import State, Wording

_keys = count(1)
BODY = (
    "Dear {contact_name|Sir or Madam},\n\n{asker|we} ask {company}: {questions|nothing}\n\n{reply_link}\n\n{signature}"
)


def make_wording(campaign, kind="invitation", language="en", **values):
    return Wording.objects.create(
        campaign=campaign, kind=kind, language=language, **{"subject": "Questions to {company}", "body": BODY, **values}
    )


def make_sending_campaign(companies=1, **values):
    """A campaign with wordings and so many planned approaches; return (campaign, approaches)."""
    campaign = make_campaign(**values)
    for kind in ("invitation", "reminder", "last_notice", "thanks", "correction"):
        make_wording(campaign, kind)
    return campaign, [make_approach(campaign, make_company()) for _ in range(companies)]


def make_step(campaign, days=14, anchor="after_invitation", **values):
    return ReminderStep.objects.create(campaign=campaign, anchor=anchor, days=days, position=days, **values)


def queue(approach, step="invitation", kind="invitation", now=NOW, **values):
    """One mail of an approach, due now."""
    return compose(approach, step, kind, now=now, state=State.QUEUED, **values)


def queue_invitations(companies=1, now=NOW, **values):
    """A campaign whose invitations are approved and due now; return its messages."""
    campaign, _approaches = make_sending_campaign(companies, **values)
    messages = batches.propose(campaign, "invitation", now=now).messages
    approve(campaign, messages, now=now)
    return messages


def approve(campaign, messages, now=NOW, hold=timedelta(0), **values):
    values = {"by": make_user(), "key": f"key{next(_keys)}"} | values
    return batches.approve(campaign, messages, batches.set_hash(messages), now=now, hold=hold, **values)
