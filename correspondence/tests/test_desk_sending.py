import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import roles
from campaigns.models import Approach
from campaigns.tests.make import NOW, make_approach, make_invited
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Contact
from correspondence import batches, reminders
from correspondence.models import Batch, Message, State, Wording

from .desk import form_of, freeze, make_desk, merged, send_address, text_of
from .make import make_step, queue

UNDO = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)


def queued():
    return Message.objects.filter(state=State.QUEUED, step="invitation")


def test_looking_changes_nothing():
    campaign, _approaches, client = make_desk(2)
    before = Message.objects.count(), LogEntry.objects.count()
    page = client.get(send_address(campaign))
    assert page.status_code == 200 and "Merge 2 mails" in text_of(page)
    assert (Message.objects.count(), LogEntry.objects.count()) == before


def test_merging_lists_every_mail_and_says_what_is_blocked():
    campaign, approaches, client = make_desk(2)
    make_approach(campaign, contact=False)
    page = merged(client, campaign)
    text = text_of(page)
    assert "2 ready" in text and "1 blocked" in text and "Approve 2 mails for now" in text
    assert "There is no contact with an e-mail address" in text
    assert form_of(page)["tick"] == [str(a.messages.get().pk) for a in approaches]


def test_merging_goes_on_where_the_time_was_up(monkeypatch):
    monkeypatch.setattr("correspondence.desk.preparing.SECONDS", 0)
    monkeypatch.setattr("correspondence.desk.preparing.PART", 2)
    campaign, _approaches, client = make_desk(5)
    page = client.post(send_address(campaign), {"do": "prepare"}, follow=True)
    assert "2 of 5 merged" in text_of(page) and "Go on with 3 mails" in text_of(page)
    client.post(send_address(campaign), {"do": "continue"})
    page = client.post(send_address(campaign), {"do": "continue"}, follow=True)
    assert problems(page) == ["5 mails are merged."] and Message.objects.count() == 5


def test_an_approval_queues_what_was_ticked_and_no_more():
    campaign, _approaches, client = make_desk(3)
    form = form_of(merged(client, campaign))
    left_out = form["tick"].pop()
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert "Nothing was approved. 2 mails are ticked now." in problems(page)[0] and not queued()
    page = client.post(send_address(campaign), {**form_of(page), "do": "approve"}, follow=True)
    assert {str(m.pk) for m in queued()} == set(form["tick"]) and left_out not in form["tick"]
    assert {m.not_before for m in queued()} == {NOW + UNDO}
    assert "2 approved mails" in text_of(page)
    assert LogEntry.objects.filter(change_message__contains="2 mails are approved").exists()


def test_a_mail_looks_on_the_page_as_it_leaves():
    campaign, [approach], client = make_desk(1)
    page = merged(client, campaign)
    shown = page.context["shown"]
    client.post(send_address(campaign), {**form_of(page), "do": "approve"})
    mail = approach.messages.get()
    assert mail.state == State.QUEUED
    sent = re.sub(r"/reply/[^/]+/", "/reply/••••••••/", bytes(mail.mime).decode().replace("\r\n", "\n"))
    assert shown.source == sent


def test_merged_words_are_marked():
    campaign, [approach], client = make_desk(1)
    html = merged(client, campaign).content.decode()
    assert f'<mark class="merged">{approach.company.name}</mark>' in html
    assert "nothing is marked" not in html


@pytest.mark.parametrize(
    ("do", "leaves"),
    [
        ({"do": "approve-now"}, NOW),
        ({"do": "approve-later", "day": "2026-03-23", "time": "09:00"}, datetime(2026, 3, 23, 7, tzinfo=UTC)),
    ],
)
def test_mails_leave_at_once_or_at_a_time_of_the_campaigns_zone(do, leaves):
    campaign, _approaches, client = make_desk(1, time_zone="Asia/Beirut")
    client.post(send_address(campaign), {**form_of(merged(client, campaign)), **do})
    assert queued().get().not_before == leaves


@pytest.mark.parametrize(
    ("day", "sentence"), [("", "Enter the day"), ("2026-03-19", "is over"), ("2026-05-01", "closed by then")]
)
def test_a_day_that_cannot_be_is_said(day, sentence):
    campaign, _approaches, client = make_desk(1)
    later = {"do": "approve-later", "day": day, "time": "09:00"}
    page = client.post(send_address(campaign), {**form_of(merged(client, campaign)), **later})
    assert sentence in text_of(page) and not queued()


def test_a_double_click_is_one_approval():
    campaign, _approaches, client = make_desk(2)
    form = {**form_of(merged(client, campaign)), "do": "approve"}
    first, second = client.post(send_address(campaign), form), client.post(send_address(campaign), form)
    assert first.url == second.url == f"/admin/mail/approved/{Batch.objects.get().pk}/"
    assert queued().count() == 2


def test_a_second_click_whose_time_is_over_leads_to_what_was_approved(monkeypatch):
    campaign, _approaches, client = make_desk(1)
    form = {**form_of(merged(client, campaign)), "do": "approve-later", "day": "2026-03-20", "time": "12:30"}
    first = client.post(send_address(campaign), form)
    freeze(monkeypatch, NOW + timedelta(hours=1))
    assert client.post(send_address(campaign), form).url == first.url


def test_the_second_approver_reads_who_was_first():
    campaign, _approaches, client = make_desk(2)
    other = signed_in(make_staff(roles.LEAD, username="Omar"))
    form = form_of(merged(client, campaign))
    seen = form_of(other.get(send_address(campaign)))
    other.post(send_address(campaign), {**seen, "do": "approve"})
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert problems(page)[0].startswith("Already approved by Omar at 12:00.")
    assert Batch.objects.count() == 1


def test_a_mail_that_was_merged_again_meanwhile_is_shown_again():
    campaign, _approaches, client = make_desk(2)
    form = form_of(merged(client, campaign))
    signed_in(make_staff(roles.LEAD)).post(send_address(campaign), {"do": "again"})
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert "merged again, stopped or put on hold" in problems(page)[0] and not queued()


def test_a_company_put_on_hold_meanwhile_cannot_be_ticked():
    campaign, [approach, _other], client = make_desk(2)
    form = form_of(merged(client, campaign))
    Approach.objects.filter(pk=approach.pk).update(paused_at=NOW)
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert not queued() and "On hold." in text_of(page) and "Approve 1 mail for now" in text_of(page)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda: Contact.objects.update(language="pt"), "No wording in the contact's language (Portuguese)."),
        (lambda: Contact.objects.update(email="same@shared.example"), "Another company of this list has the same"),
        (lambda: Contact.objects.update(name=""), "The contact has no name: the fallback is used."),
    ],
)
def test_mails_with_a_warning_are_not_ticked(spoil, sentence):
    campaign, _approaches, client = make_desk(2)
    spoil()
    page = merged(client, campaign)
    assert sentence in text_of(page) and "tick" not in form_of(page)


def test_an_edited_wording_is_a_warning_until_the_mail_is_merged_again():
    campaign, _approaches, client = make_desk(1)
    form = form_of(merged(client, campaign))
    Wording.objects.filter(kind="invitation").update(subject="Edited")
    page = client.get(send_address(campaign))
    assert "was edited after it was merged" in text_of(page) and "nothing is marked" in text_of(page)
    assert "tick" not in form_of(page) and 'aria-label="Send to' in page.content.decode()
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert "Nothing was approved." in problems(page)[0] and not queued()
    client.post(send_address(campaign), {"do": "again"})
    assert "tick" in form_of(client.get(send_address(campaign)))
    assert Message.objects.get().subject == "Edited"


def test_an_outdated_mail_cannot_be_ticked():
    campaign, _approaches, client = make_desk(1)
    form = form_of(merged(client, campaign))
    campaign.wordings.update(subject="Edited")
    client.post(send_address(campaign), {**form, "do": "tick"})
    page = client.get(send_address(campaign))
    [box] = re.findall('<input class="form-check-input"[^>]*>', page.content.decode())
    assert "disabled" in box and "checked" not in box


def test_merging_again_makes_no_second_mail_of_a_planned_reminder():
    campaign, _approaches, client = make_desk(0)
    approach = make_invited(campaign)
    batches.compose.compose(approach, "reminder:x", "reminder", now=NOW, state=State.PROPOSED)
    for do in ("prepare", "again"):
        client.post(send_address(campaign, "reminder"), {"do": do})
    assert Message.objects.count() == 1


def test_a_test_goes_to_oneself_alone():
    campaign, _approaches, client = make_desk(1)
    form = form_of(merged(client, campaign))
    user = make_staff(roles.RESEARCHER, campaign, email="me@asker.example")
    page = signed_in(user).post(send_address(campaign), {**form, "do": "test"}, follow=True)
    assert "me@asker.example" in problems(page)[0]
    test = Message.objects.get(step__startswith="test:")
    assert [one.address for one in test.recipients.all()] == ["me@asker.example"] and not queued()


def test_a_researcher_prepares_and_a_lead_approves():
    campaign, _approaches, _client = make_desk(1)
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    page = merged(researcher, campaign)
    assert "You can prepare this, but a campaign lead must approve it." in text_of(page)
    assert "Approve 1" not in text_of(page)
    assert researcher.post(send_address(campaign), {**form_of(page), "do": "approve"}).status_code == 403
    assert not queued()


def test_other_peoples_campaigns_do_not_exist():
    campaign, _approaches, _client = make_desk(1)
    researcher = signed_in(make_staff(roles.RESEARCHER))
    assert researcher.get(send_address(campaign)).status_code == 404
    assert researcher.post(send_address(campaign), {"do": "prepare"}).status_code == 404
    assert not Message.objects.exists()


def test_a_secret_link_is_on_no_page():
    campaign, [approach], client = make_desk(1)
    wide = "{reply_link} " + "word " * 400  # a line so long that the mail is quoted-printable
    Wording.objects.filter(kind="invitation").update(body=wide, subject="{company} {reply_link}")
    html = merged(client, campaign).content.decode()
    mail = approach.messages.get()
    body = bytes(mail.mime).replace(b"=\r\n", b"").decode()
    token = re.search(r"/reply/([^/]+)/", body)[1]
    assert "quoted-printable" in body and len(token) == 26
    for page in (html, client.get(f"/admin/mail/{mail.pk}/").content.decode()):
        joined = page.replace("=\n", "")
        assert token not in joined and "/reply/••••••••/" in joined


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_the_page_costs_the_same_for_one_mail_and_for_three(kind):
    counts = []
    for rows in (1, 3):
        campaign, _approaches, client = make_desk(rows if kind == "invitation" else 0)
        for _row in range(rows if kind == "reminder" else 0):
            make_invited(campaign)
        merged(client, campaign, kind)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(send_address(campaign, kind))
        assert len(form_of(page)["tick"]) == rows
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_reminders_wait_for_working_hours_unless_a_person_says_otherwise():
    campaign, _approaches, client = make_desk(0)
    for zone in ("UTC", "Asia/Tokyo"):
        make_invited(campaign).company.contacts.update(time_zone=zone)
    page = merged(client, campaign, "reminder")
    assert "At 1 company nobody works then" in text_of(page) and "It waits for Monday 09:00" in text_of(page)
    form = form_of(page)
    assert form["hours"] == ["1"]
    page = client.post(send_address(campaign, "reminder"), {**form, "hours": [], "do": "tick"}, follow=True)
    assert "hours" not in form_of(page) and "It will be outside working hours at 1 company." in text_of(page)
    client.post(send_address(campaign, "reminder"), {**form, "do": "approve"})
    leave = sorted(Message.objects.values_list("not_before", flat=True))
    assert leave == [NOW + UNDO, datetime(2026, 3, 23, tzinfo=UTC)]


def test_a_reminder_that_is_not_due_says_when_it_would_be():
    campaign, _approaches, client = make_desk(0)
    make_step(campaign, 20), make_step(campaign, 27), make_invited(campaign)
    reminders.start(campaign, by=None, now=NOW)
    page = client.get(send_address(campaign, "reminder"))
    assert "Planned for 23 March 2026, 09:00. A merge brings it forward." in text_of(page)
    client.post(send_address(campaign, "reminder"), {**form_of(merged(client, campaign, "reminder")), "do": "approve"})
    assert "brings it forward" not in text_of(client.get(send_address(campaign, "reminder")))  # it is on its way


def test_a_single_mail_is_taken_out_where_it_is_looked_at():
    campaign, _approaches, client = make_desk(2)
    form = form_of(merged(client, campaign))
    mail = form["mail"][0]
    page = client.post(send_address(campaign), {**form, "do": "stop"}, follow=True)
    assert "is stopped" in problems(page)[0] and "Approve 1 mail for now" in text_of(page)
    assert Message.objects.get(pk=mail).state == State.CANCELLED
    assert client.post(send_address(campaign), {"do": "stop", "mail": "none"}).status_code == 404


def test_who_was_reminded_is_named_and_not_ticked_again_within_days(monkeypatch):
    campaign, _approaches, client = make_desk(0)
    for days_ago in (1, 9):
        mail = queue(make_invited(campaign), f"batch:{days_ago}", "reminder")
        left = NOW - timedelta(days=days_ago)
        Message.objects.filter(pk=mail.pk).update(state=State.SENT, data_at=left, sent_at=left)
    text = text_of(client.get(send_address(campaign, "reminder")))
    assert "Its last reminder left: 19 March 2026" in text and "Its last reminder left: 11 March 2026" in text
    page = merged(client, campaign, "reminder")
    assert [row.ticked for row in page.context["sheet"].rows] == [False, True]
