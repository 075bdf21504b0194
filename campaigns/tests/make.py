"""What tests are made of: small records with sensible values, changed by keyword."""

from datetime import UTC, date, datetime
from itertools import count

from django.contrib.auth import get_user_model

from campaigns import days, status
from campaigns.models import Approach, Campaign, ChosenContact, Question
from campaigns.status import Reach
from companies.models import Company, Contact

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
_numbers = count(1)


def make_user(**values):
    values.setdefault("username", f"person{next(_numbers)}")
    return get_user_model().objects.create_user(password="correct horse", **values)


def make_company(name=None, **values):
    number = next(_numbers)
    return Company.objects.create(
        name=name or f"Company {number}", slug=values.pop("slug", f"company-{number}"), **values
    )


def make_contact(company, **values):
    values.setdefault("email", f"press{next(_numbers)}@company.example")
    return Contact.objects.create(company=company, **{"name": "Press office", "language": "en", **values})


def make_campaign(**values):
    """An open, published campaign in English, asked on 2 March 2026."""
    number = next(_numbers)
    values = {
        "slug": f"campaign-{number}",
        "title": f"Campaign {number}",
        "asked_on": date(2026, 3, 2),
        "deadline": date(2026, 3, 30),
        "closes_on": date(2026, 4, 30),
        "published_on": date(2026, 3, 10),
        "from_name": "Open Questions Desk",
        "from_address": "desk@asker.example",
        "reply_to": "replies@asker.example",
        "signature": "Open Questions Desk",
    } | values
    return Campaign.objects.create(**values)


def make_question(campaign, number="1", **values):
    return Question.objects.create(campaign=campaign, number=number, **{"text": f"Question {number}?", **values})


def make_approach(campaign=None, company=None, *, contact=True, **values):
    """A planned approach with one contact to write to."""
    approach = Approach.objects.create(
        campaign=campaign or make_campaign(), company=company or make_company(), **values
    )
    if contact:
        ChosenContact.objects.create(approach=approach, contact=make_contact(approach.company))
    return approach


def invite(approach, on=date(2026, 3, 2), now=NOW, **facts):
    """Log an accepted invitation."""
    facts = {"result": "accepted", "channel": "email", **facts}
    assert status.advance(approach, Reach.INVITED, now=now, on=days.exactly(on), kind="invited", **facts)
    return approach


def make_invited(campaign=None, **values):
    return invite(make_approach(campaign, **values))


def reply(approach, to=status.Reply.RESPONDED, on=date(2026, 3, 9), now=NOW, **facts):
    """Log a reply."""
    assert status.advance(approach, to, now=now, on=days.exactly(on), **facts)
    return approach
