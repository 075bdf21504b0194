from datetime import date, timedelta

import pytest
from django.db.models import Value
from django.db.models.functions import Concat

from campaigns.models import Approach, Campaign, Translation
from campaigns.tests.make import NOW, make_contact, make_invited, make_question, make_user
from companies.models import Contact
from correspondence import batches
from correspondence.letters import Letters
from correspondence.merged import outdated, refused
from correspondence.models import Message, State

from .make import BODY, approve, make_sending_campaign, make_wording

pytestmark = pytest.mark.django_db
FULL = BODY + "\n{reason|-}{reply_by}{closes_on}{invited_on|-}"


@pytest.fixture
def campaign():
    campaign, _approaches = make_sending_campaign(2)
    make_question(campaign)
    campaign.wordings.update(body=FULL)
    return campaign


def merge(campaign):
    return batches.propose(campaign, "invitation", now=NOW).messages


def waiting(campaign):
    return Message.objects.filter(approach__campaign=campaign, state=State.PROPOSED)


def found(campaign):
    return outdated(waiting(campaign), Letters(Campaign.objects.get(pk=campaign.pk)))


def add_a_translation(campaign):
    question = campaign.questions.get()
    Translation.objects.create(campaign=campaign, question=question, field="text", language="en", text="Which?")


EDITS = {
    "wording": lambda campaign: campaign.wordings.update(subject="Another"),
    "question": lambda campaign: campaign.questions.update(text="Why?"),
    "translation": add_a_translation,
    "new question": lambda campaign: make_question(campaign, "2"),
    "deadline": lambda campaign: Campaign.objects.update(deadline_stated="2026-04-01", deadline=date(2026, 4, 1)),
    "own deadline": lambda campaign: Approach.objects.update(deadline=NOW, deadline_stated="2026-03-20"),
    "close": lambda campaign: Campaign.objects.update(closes_on=date(2026, 5, 1), closes_stated="2026-05-01"),
    "reason": lambda campaign: Approach.objects.update(reason="Two of the outlets are below its plant."),
    "company": lambda campaign: Approach.objects.update(listed_as=Concat("listed_as", Value(" Ltd"))),
    "signature": lambda campaign: Campaign.objects.update(signature="Somebody else"),
    "sender's name": lambda campaign: Campaign.objects.update(from_name="Somebody else"),
    "sender": lambda campaign: Campaign.objects.update(from_address="other@asker.example"),
    "replies": lambda campaign: Campaign.objects.update(reply_to="other@asker.example"),
    "asker": lambda campaign: campaign.askers.create(name="Another asker"),
    "contact's name": lambda campaign: Contact.objects.update(name="Priya Holloway"),
    "contact's health": lambda campaign: Contact.objects.update(health="bounced"),
    "another contact": lambda campaign: [
        one.chosen.create(contact=make_contact(one.company), use="cc") for one in campaign.approaches.all()
    ],
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_mail_that_would_read_otherwise_today_is_not_approved(campaign, edit):
    mails = merge(campaign)
    assert found(campaign) == set()
    edit(campaign)
    assert found(campaign) == {mail.pk for mail in mails}
    with pytest.raises(batches.SetChanged, match="edited meanwhile"):
        approve(campaign, mails)
    assert set(Message.objects.values_list("state", flat=True)) == {State.PROPOSED}


def test_a_merge_of_another_day_with_another_link_says_the_same(campaign):
    first = {mail.pk: (mail.sha256, mail.merged_hash) for mail in merge(campaign)}
    later = NOW + timedelta(days=1)
    for mail in batches.propose(campaign, "invitation", now=later, again=True).messages:
        assert first[mail.pk][0] != mail.sha256 and first[mail.pk][1] == mail.merged_hash
    assert found(campaign) == set()


def test_what_a_letter_does_not_say_may_be_edited(campaign):
    merge(campaign)
    Campaign.objects.update(title="Another title", source_url="https://a.example/")
    campaign.wordings.filter(kind="reminder").update(body="Another")
    assert found(campaign) == set()


def test_reminders_name_the_day_of_the_invitation(campaign):
    approach = make_invited(campaign)
    batches.propose(campaign, "reminder", now=NOW)
    assert found(campaign) == set()
    event = approach.events.get()
    approach.events.create(
        kind="invited", field="reach", after="invited", on=date(2026, 3, 5), stated="2026-03-05", at=NOW
    )
    assert event.on == date(2026, 3, 2) and len(found(campaign)) == 1


def test_it_costs_the_same_for_one_mail_and_for_many(django_assert_num_queries):
    for companies in (1, 5):
        campaign, _approaches = make_sending_campaign(companies)
        merge(campaign)
        letters = Letters(campaign)
        letters.questions("en")
        with django_assert_num_queries(4):
            assert outdated(waiting(campaign), letters) == set()


def test_an_approval_of_what_is_as_it_was_goes_through(campaign):
    batch = approve(campaign, merge(campaign), by=make_user())
    assert batch.messages.count() == 2


def test_refused_names_those_that_cannot_be_merged_and_why():
    campaign, [approach, other, alone] = make_sending_campaign(3)
    Contact.objects.filter(chosen__approach=approach).update(language="pt")
    Contact.objects.filter(chosen__approach=alone).update(email="")
    make_wording(campaign, language="pt", body="{compnay}")
    found = refused([approach.pk, other.pk, alone.pk], "invitation", Letters(campaign))
    assert found == {
        approach.pk: "The wording has {compnay}, which is not a field.",
        alone.pk: "There is no contact with an e-mail address to write to.",
    }
