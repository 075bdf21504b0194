"""What is ticked, and why: nothing leaves that a person has not seen as it is."""

from datetime import timedelta

import pytest

from campaigns.tests.make import NOW
from campaigns.tests.staff import problems
from companies.models import Contact
from correspondence.models import Message, State, Wording

from .desk import form_of, freeze, make_desk, merged, send_address, text_of


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)


def approve(client, campaign, form, **values):
    return client.post(send_address(campaign), {**form, "do": "approve", **values}, follow=True)


def test_an_edit_after_the_look_voids_the_approval_and_is_named():
    campaign, _approaches, client = make_desk(2)
    form = form_of(merged(client, campaign))
    Wording.objects.filter(kind="invitation").update(subject="Other words to {company}")
    page = approve(client, campaign, form)
    assert problems(page)[0].startswith("What some of these mails are made of was edited meanwhile.")
    assert not Message.objects.filter(state=State.QUEUED).exists() and "tick" not in form_of(page)


def test_a_warning_that_came_after_the_look_takes_the_tick_away():
    campaign, [one, _other], client = make_desk(2)
    form = form_of(merged(client, campaign))
    assert len(form["tick"]) == 2 and "warned" not in form
    Contact.objects.filter(company=one.company).update(language="pt")
    page = approve(client, campaign, form)
    assert "Nothing was approved. 1 mail is ticked now." in problems(page)[0]
    assert form_of(page)["warned"] == [str(one.messages.get().pk)] and len(form_of(page)["tick"]) == 1
    ticked = {**form_of(page), "tick": form["tick"]}
    page = approve(client, campaign, ticked)
    assert len(form_of(page)["tick"]) == 2, "ticked with the warning in view"
    assert "2 approved mails" in text_of(approve(client, campaign, form_of(page)))


def test_an_address_that_another_company_was_written_to_stays_a_warning():
    campaign, [one, other], client = make_desk(2)
    Contact.objects.update(email="same@one.org")
    page = merged(client, campaign)
    assert "tick" not in form_of(page) and text_of(page).count("Another company of this list has the same") >= 2
    form = {**form_of(page), "tick": [str(one.messages.get().pk)]}
    page = approve(client, campaign, form)
    approve(client, campaign, form_of(page))
    page = client.get(send_address(campaign))
    assert one.messages.get().state == State.QUEUED and "tick" not in form_of(page)
    assert "Another company of this list has the same address." in text_of(page)
    assert form_of(page)["warned"] == [str(other.messages.get().pk)]


def test_a_mail_that_was_merged_days_ago_is_merged_again_first(monkeypatch):
    campaign, _approaches, client = make_desk(1)
    assert len(form_of(merged(client, campaign))["tick"]) == 1
    freeze(monkeypatch, NOW + timedelta(days=4))
    page = client.get(send_address(campaign))
    assert "It was merged on 20 March 2026, 12:00 and bears that date." in text_of(page) and "tick" not in form_of(page)
    page = client.post(send_address(campaign), {**form_of(page), "do": "again"}, follow=True)
    assert len(form_of(page)["tick"]) == 1
    assert b"Date: Tue, 24 Mar 2026" in bytes(Message.objects.get().mime)


def test_what_was_merged_before_the_closing_date_is_not_approved_after_it(monkeypatch):
    campaign, _approaches, client = make_desk(2)
    form = form_of(merged(client, campaign))
    freeze(monkeypatch, campaign.closes_at)
    page = client.get(send_address(campaign))
    assert "0 ready" in text_of(page) and "2 blocked" in text_of(page) and "tick" not in form_of(page)
    assert "The campaign is closed, or its closing date is over." in text_of(page)
    client.post(send_address(campaign), {**form, "do": "approve"})
    assert not Message.objects.filter(state=State.QUEUED).exists()
