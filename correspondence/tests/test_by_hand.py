"""Calls, letters and meetings: one thread with the mail, one record for readers, and the words for the team alone."""

import uuid
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import chronicle, days, roles, status
from campaigns.models import Event
from campaigns.status import IllegalMove, Reach, Reply
from campaigns.tests.make import NOW, make_approach, make_campaign, make_invited, make_user
from campaigns.tests.staff import make_staff, problems, signed_in
from correspondence import by_hand
from correspondence.erase import erase_contact
from correspondence.models import ByHand, Message, State

from .desk import freeze, text_of

pytestmark = pytest.mark.django_db
TEN = days.read("2026-03-10")


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    freeze(monkeypatch)


def log(approach, key=None, **facts):
    facts = {"way": "out", "channel": "phone", "day": TEN, "result": "accepted", "by": make_user(), "now": NOW} | facts
    return by_hand.log(approach, key or uuid.uuid4(), **facts)


def record(approach):
    """What readers see of it."""
    return [(item.stated, item.said) for item in chronicle.contact_record(status.standing(approach.events.all()))]


def test_our_call_is_an_attempt_that_readers_see_with_day_channel_and_nothing_else():
    approach = make_invited()
    contact = approach.company.contacts.get()
    message = log(approach, note="SECRET", contact=contact, document=by_hand.Document("SECRET.txt", "text/plain", b"x"))
    event = approach.events.get(attempt=message.pk)
    assert (event.kind, event.channel, event.result, event.on) == ("contacted", "phone", "accepted", date(2026, 3, 10))
    assert (event.reason, event.remark, event.source, event.step) == ("", "", "", "")
    assert (message.state, message.step) == (State.LOGGED, f"log:{message.pk}")
    assert record(approach)[-1] == ("2026-03-10", "Contacted again. Telephone.")


@pytest.mark.parametrize("result", ["refused", "returned", "unknown"])
def test_an_attempt_that_did_not_arrive_proves_nothing(result):
    approach = make_approach()
    log(approach, result=result)
    assert not status.delivered(list(approach.events.all()))
    [(_day, said)] = record(approach)
    assert said.startswith("Tried to contact the company;") and said.endswith("Telephone.")


def test_a_letter_may_be_the_invitation():
    approach = make_approach()
    message = log(approach, channel="post", invitation=True)
    approach.refresh_from_db()
    assert approach.reach == Reach.INVITED
    assert approach.events.get().attempt == message.pk
    assert record(approach) == [("2026-03-10", "Invitation sent. Post.")]


def test_a_call_of_the_company_is_no_attempt_of_ours_and_may_promise_an_answer():
    approach = make_invited()
    log(approach, way="in", result="", stands=Reply.ACKNOWLEDGED, promised=days.read("2026-04-02"))
    approach.refresh_from_db()
    assert (approach.reply, approach.promised_for) == (Reply.ACKNOWLEDGED, date(2026, 4, 2))
    assert approach.remind_at.date() >= date(2026, 4, 2)
    assert len(status.accepted(list(approach.events.all()))) == 1, "the invitation alone"


def test_all_of_it_or_nothing():
    approach = make_invited(make_campaign(closes_on=date(2026, 3, 25), deadline=None))
    with pytest.raises(IllegalMove, match="closes on"):
        log(approach, way="in", stands=Reply.ENGAGED, promised=days.read("2026-04-02"))
    assert not Message.objects.exists() and not ByHand.objects.exists() and approach.events.count() == 1


def test_a_second_click_logs_nothing_more():
    approach, key = make_invited(), uuid.uuid4()
    assert log(approach, key) and log(approach, key) is None
    assert approach.events.filter(kind="contacted").count() == 1


def test_erasing_a_contact_takes_what_was_said_with_it_and_leaves_the_record():
    approach = make_invited()
    contact = approach.company.contacts.get()
    document = by_hand.Document("letter.txt", "text/plain", b"Dear all")
    with_them = log(approach, contact=contact, note="She said no", document=document)
    other = log(approach, note="The switchboard was closed", document=document)
    erase_contact(contact, make_user(), NOW)
    hand = ByHand.objects.get(message=with_them)
    assert (hand.contact, hand.note, hand.file_name, hand.content) == (None, "", "", None)
    assert (hand.stated, hand.channel) == ("2026-03-10", "phone")
    assert approach.events.filter(kind="contacted").count() == 2
    assert ByHand.objects.get(message=other).note


# The page


def address(approach):
    return f"/admin/campaigns/approach/{approach.pk}/log/"


def typed(**change):
    facts = {"key": str(uuid.uuid4()), "way": "out", "channel": "phone", "day": "2026-03-10", "result": "accepted"}
    return facts | {"note": "They asked for the questions again."} | change


def upload(name="letter.txt", content=b"Dear all"):
    return SimpleUploadedFile(name, content)


def researcher(approach):
    return signed_in(make_staff(roles.RESEARCHER, approach.campaign, username="omar"))


def test_a_researcher_logs_a_call_and_finds_it_in_the_thread_by_its_day():
    approach = make_invited()
    client = researcher(approach)
    contact = approach.company.contacts.get()
    assert "Log 1 contact" in client.get(address(approach)).content.decode()
    page = client.post(address(approach), typed(contact=contact.pk, document=upload()), follow=True)
    assert problems(page) == [f"{approach.listed_as}: Telephone, 10 March 2026. It stands in the thread."]
    text = text_of(page)
    for word in (
        "Telephone",
        "We contacted the company",
        contact.name,
        "It reached the company",
        "asked for the",
        "omar",
    ):
        assert word in text
    assert LogEntry.objects.get().change_message == "Logged a contact by hand: Telephone, 10 March 2026"
    file = client.get(f"{address(approach)}{ByHand.objects.get().pk}/file/")
    assert file.content == b"Dear all" and file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"].startswith("attachment") and "sandbox" in file["Content-Security-Policy"]


def test_the_thread_is_in_one_order_by_day():
    approach = make_invited()
    for day in ("2026-03-12", "2026-03-04", "2026-03-08"):
        log(approach, day=days.read(day))
    mail = Message.objects.create(
        approach=approach, step="batch:1", mime=b"x", message_id="<1@x>", created_at=NOW.replace(day=6), state="failed"
    )
    assert [getattr(one.day, "day", one.day) for one in by_hand.thread(approach)] == [12, 8, 6, 4]
    assert by_hand.thread(approach)[2] == mail


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"day": "2026-03-21"}, "The day cannot be in the future"),
        ({"day": "yesterday"}, "The date must be real"),
        ({"way": ""}, "Choose who began"),
        ({"channel": ""}, "Choose how you were in contact"),
        ({"result": ""}, "Say what became of it"),
        ({"result": "refused", "stands": "engaged"}, "A company that was not reached has said nothing"),
        ({"promised": "2026-05-20"}, "The campaign closes on"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_that_was_typed_is_lost(change, said):
    approach = make_invited()
    client = researcher(approach)
    page = client.post(address(approach), typed(document=upload(content=b"Dear all, by hand"), **change))
    html = page.content.decode()
    assert said in text_of(page) and "They asked for the questions again." in html and "letter.txt" in html
    assert not Message.objects.exists()
    kept = {name: page.context["form"].data[name] for name in ("kept_name", "kept")}
    client.post(address(approach), typed(**kept))
    assert bytes(ByHand.objects.get().content) == b"Dear all, by hand", "the document came along"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "cannot be kept here"),
        ("a.pdf", b"<html>", "cannot be kept here"),
        ("a.txt", b"a\0b", "cannot be kept here"),
        ("a.txt", b"x" * (by_hand.LARGEST + 1), "is too large"),
    ],
)
def test_a_document_is_what_it_says_and_not_too_large(name, content, said):
    approach = make_invited()
    page = researcher(approach).post(address(approach), typed(document=upload(name, content)))
    assert said in text_of(page) and not Message.objects.exists()


def test_a_contact_of_another_company_is_refused():
    approach, other = make_invited(), make_invited()
    page = researcher(approach).post(address(approach), typed(contact=other.company.contacts.get().pk))
    assert "Select a valid choice" in text_of(page) and not Message.objects.exists()


def test_what_was_logged_wrongly_is_taken_back_with_a_reason_and_stays_in_the_thread():
    approach = make_invited()
    client = researcher(approach)
    client.post(address(approach), typed())
    event = approach.events.get(kind=Event.Kind.CONTACTED)
    page = client.get(f"/admin/campaigns/approach/{approach.pk}/outgoing/").content.decode()
    taking = f"/admin/campaigns/event/act/take-back/?id={event.pk}"
    assert taking in page
    client.post(taking, {"_selected_action": [event.pk], "reason": "It was the wrong company"})
    text = text_of(client.get(f"/admin/campaigns/approach/{approach.pk}/outgoing/"))
    assert "Taken back" in text and "It was the wrong company" in text
    assert [said for _day, said in record(approach)] == ["Invitation sent."]


def test_the_thread_costs_as_much_for_three_contacts_as_for_one(django_assert_max_num_queries):
    approach = make_invited()
    log(approach, contact=approach.company.contacts.get())
    client, page = researcher(approach), f"/admin/campaigns/approach/{approach.pk}/outgoing/"
    client.get(page)
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    log(approach, contact=approach.company.contacts.get())
    log(approach, contact=approach.company.contacts.get())
    with django_assert_max_num_queries(len(one)):
        client.get(page)


def test_what_became_of_it_is_asked_where_we_began_and_not_where_the_company_did():
    approach = make_invited()
    client = researcher(approach)
    assert "What became of it (optional)" not in text_of(client.get(address(approach)))
    text = text_of(client.post(address(approach), typed(result="", stands="engaged")))
    assert text.count("Say what became of it") == 2 and "has said nothing" not in text  # in the summary, at the field
    assert client.post(address(approach), typed(result="", way="in")).status_code == 302
