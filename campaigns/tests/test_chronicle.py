import uuid
from datetime import date

import pytest

from campaigns import chronicle, days, roll, status
from campaigns.closing import close
from campaigns.status import Reply
from campaigns.texts import Texts

from .make import NOW, make_approach, make_campaign, make_invited, reply

pytestmark = pytest.mark.django_db


def lines(campaign, now=NOW):
    events = roll.events_of(campaign, now)
    rows = roll.rows_of(campaign, Texts.read(campaign, "en"), events, now)
    items = chronicle.chronicle(campaign, [], rows, events)
    return [(item.stated, item.said, *item.names) for item in items if item.said != "Published here."]


def test_only_what_was_accepted_is_told():
    campaign = make_campaign()
    invited = make_invited(campaign)
    make_approach(campaign)  # planned: no plan is in the timeline
    status.record(invited, "reminded", now=NOW, on=days.read("2026-03-12"), result="refused")
    assert lines(campaign) == [("2026-03-02", "Invitation sent to 1 company.")]


def test_a_mail_that_came_back_is_not_counted():
    campaign, mail = make_campaign(), uuid.uuid4()
    invited = make_invited(campaign)
    status.record(invited, "reminded", now=NOW, on=days.read("2026-03-12"), result="accepted", attempt=mail)
    assert lines(campaign)[-1] == ("2026-03-12", "Reminder sent to 1 company.")
    status.record(invited, "returned", now=NOW, on=days.read("2026-03-13"), attempt=mail)
    assert lines(campaign) == [("2026-03-02", "Invitation sent to 1 company.")]


def test_replies_are_named_and_what_has_no_day_comes_last():
    campaign = make_campaign()
    assert status.advance(
        make_invited(campaign, listed_as="Airbus"), Reply.RESPONDED, now=NOW, on=days.Day(date(2026, 3, 9), "")
    )
    reply(make_invited(campaign, listed_as="Thales"), on=date(2026, 3, 11))
    assert lines(campaign)[1:] == [("2026-03-11", "1 response", "Thales"), ("", "1 response", "Airbus")]


def test_a_reply_after_the_close_is_told_as_a_change():
    campaign = make_campaign(closes_on=date(2026, 3, 10))
    approach = make_invited(campaign, listed_as="Airbus")
    close(campaign, None, now=NOW)
    approach.refresh_from_db()
    reply(approach, on=date(2026, 3, 15))
    campaign.refresh_from_db()
    assert lines(campaign)[1:] == [
        ("2026-03-10", "Closed; 1 company had sent nothing."),
        ("2026-03-15", "Status changed to “Responded”", "Airbus"),
    ]


def test_what_was_taken_back_is_gone():
    campaign = make_campaign()
    approach = reply(make_invited(campaign))
    status.retract(approach.events.last(), now=NOW, reason="Another company's letter.")
    assert lines(campaign) == [("2026-03-02", "Invitation sent to 1 company.")]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("accepted", "Contacted again. Telephone."),
        ("refused", "Tried to contact the company; nobody was reached. Telephone."),
        ("returned", "Tried to contact the company; what was sent came back. Telephone."),
        ("unknown", "Tried to contact the company; whether it arrived is not known. Telephone."),
        ("", "The company was in contact with us. Telephone."),
    ],
)
def test_the_contact_record_tells_each_contact_with_its_channel_and_result(result, said):
    campaign = make_campaign()
    approach = make_invited(campaign)
    facts = {"channel": "phone", "result": result, "reason": "Ms Canary said no."}
    status.record(approach, "contacted", now=NOW, on=days.read("2026-03-12"), **facts)
    items = chronicle.contact_record(roll.events_of(campaign, NOW)[approach.pk])
    assert [(item.stated, item.said) for item in items] == [("2026-03-02", "Invitation sent."), ("2026-03-12", said)]
    assert not any("Canary" in str(item) for item in items)
