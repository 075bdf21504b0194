from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest

from campaigns.models import Approach, Membership
from campaigns.status import Reply
from campaigns.tests.make import NOW, make_campaign, make_company, make_invited, reply
from campaigns.tests.staff import make_staff
from correspondence import control, digest
from correspondence.models import Message

pytestmark = pytest.mark.django_db
MORNING = NOW.replace(hour=7)  # a Friday


@pytest.fixture
def campaign():
    return make_campaign(title="Borders", deadline=date(2026, 3, 10))


def texts():
    found = {}
    for mail in Message.objects.order_by("created_at", "step"):
        parsed = message_from_bytes(bytes(mail.mime), policy=policy.default)
        found[parsed["To"]] = (parsed["Subject"], parsed.get_content().replace("\r\n", "\n"))
    return found


def person(name, *campaigns, **values):
    return make_staff(None, *campaigns, email=f"{name}@desk.example", **values)


def test_each_owner_learns_what_is_overdue_with_their_companies(campaign):
    ana, ben = person("ana", campaign), person("ben", campaign)
    late = make_invited(campaign, company=make_company("Airbus"), assigned=ana)
    make_invited(campaign, company=make_company("Thales"), assigned=ben, deadline=date(2026, 3, 20))
    make_invited(campaign, company=make_company("Cellebrite"))
    reply(make_invited(campaign, company=make_company("Safran"), assigned=ben), Reply.ENGAGED)
    answered = make_invited(campaign, company=make_company("G4S"), assigned=ana)
    reply(answered)
    assert digest.send(MORNING) == 2
    (subject, text), (_subject, other) = texts()["ana@desk.example"], texts()["ben@desk.example"]
    assert "2 things are overdue" in subject
    assert "Airbus: 10 March 2026, 10 days ago" in text and "Cellebrite" in text
    assert "Thales" not in text + other and "G4S" not in text
    assert "Wrote back, nothing planned: 1\n- Safran: 9 March 2026" in other
    assert "https://outreach.test/admin/" in text
    assert late.chosen.get().contact.email not in text


def test_promises_and_closes_are_told_too(campaign):
    person("ana", campaign)
    approach = make_invited(campaign, company=make_company("Airbus"))
    Approach.objects.update(deadline=date(2026, 3, 30), deadline_stated="2026-03-30")
    Approach.objects.update(promised_for=date(2026, 3, 19), promised_stated="2026-03-19")
    digest.send(MORNING)
    assert (
        "Promised an answer, and the day is over: 1\n- Airbus: 19 March 2026, 1 day ago"
        in texts()["ana@desk.example"][1]
    )
    make_campaign(title="Rivers", closes_on=date(2026, 3, 19), deadline=None)
    Membership.objects.create(
        campaign=type(campaign).objects.get(title="Rivers"), user_id=Membership.objects.get().user_id
    )
    digest.send(MORNING + timedelta(days=3))
    last = Message.objects.order_by("created_at").last()
    assert "The closing date is over since 19 March 2026" in message_from_bytes(bytes(last.mime)).get_payload()
    assert approach.pk


def test_it_is_written_once_on_the_morning_of_a_working_day(campaign):
    person("ana", campaign)
    make_invited(campaign)
    assert digest.send(NOW.replace(hour=6)) == 0
    assert digest.send(MORNING) == 1
    assert digest.send(NOW) == 0
    assert digest.send(MORNING + timedelta(days=1)) == digest.send(MORNING + timedelta(days=2)) == 0  # a weekend
    assert digest.send(MORNING + timedelta(days=3)) == 1
    assert Message.objects.count() == 2


def test_two_runs_at_one_moment_write_it_once(campaign, monkeypatch):
    person("ana", campaign)
    make_invited(campaign)
    monkeypatch.setattr(digest.Daily.objects, "update_or_create", lambda **values: None)  # nobody remembers
    digest.send(MORNING)
    digest.send(MORNING)
    assert Message.objects.count() == 1


def test_nobody_is_bothered_without_cause(campaign):
    person("ana", campaign)
    person("left", campaign, is_active=False)
    make_staff(None, campaign)  # without an address
    person("stranger")
    assert digest.send(MORNING) == 0
    make_invited(campaign)
    assert digest.send(MORNING + timedelta(days=3)) == 1
    assert list(texts()) == ["ana@desk.example"]


def test_a_long_list_is_cut_and_counted(campaign, monkeypatch):
    monkeypatch.setattr(digest, "NAMED", 2)
    person("ana", campaign)
    for _each in range(5):
        make_invited(campaign)
    digest.send(MORNING)
    text = texts()["ana@desk.example"][1]
    assert text.count("\n- ") == 2 and "and 3 more" in text and "The day to reply by is over: 5" in text


def test_it_waits_while_all_mail_is_held(campaign):
    person("ana", campaign)
    make_invited(campaign)
    control.hold("x", by=None, now=MORNING)
    assert digest.send(MORNING) == 0
    control.release(by=None, now=MORNING)
    assert digest.send(NOW) == 1
