from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import roles
from campaigns.tests.make import NOW
from campaigns.tests.staff import SecureClient, make_staff, problems, signed_in
from correspondence import batches, control
from correspondence.desk import plainly
from correspondence.models import Batch, Control, Message, State

from .desk import form_of, freeze, make_desk, merged, send_address, text_of
from .make import approve, make_sending_campaign

LATER = NOW + timedelta(minutes=11)


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)
    control.row()
    control.seen()


def make_batch(companies=2):
    campaign, _approaches, client = make_desk(companies)
    client.post(send_address(campaign), {**form_of(merged(client, campaign)), "do": "approve"})
    return Batch.objects.latest("approved_at", "pk"), campaign, client


def send(count, at=LATER):
    ids = Message.objects.filter(state=State.QUEUED).values_list("pk", flat=True)[:count]
    Message.objects.filter(pk__in=list(ids)).update(state=State.SENT, data_at=at, sent_at=at)


def test_the_band_is_on_every_staff_page_until_the_mail_leaves(monkeypatch):
    _batch, _campaign, client = make_batch()
    for address in ("/admin/", "/admin/mail/", "/admin/companies/company/"):
        text = text_of(client.get(address))
        assert "2 mails of" in text and "leave at 12:10 (UTC)" in text and "In 10 minutes." in text
    freeze(monkeypatch, LATER)
    assert "leave at 12:10" not in text_of(client.get("/admin/"))


def test_the_band_is_for_those_who_see_the_campaign():
    _batch, campaign, _client = make_batch()
    assert "leave at" not in text_of(signed_in(make_staff(roles.RESEARCHER)).get("/admin/mail/"))
    text = text_of(signed_in(make_staff(roles.RESEARCHER, campaign)).get("/admin/mail/"))
    assert "leave at 12:10" in text and "Undo 2 mails" not in text


def test_undo_takes_the_batch_back():
    batch, campaign, client = make_batch()
    page = client.post(f"/admin/mail/approved/{batch.pk}/undo/", follow=True)
    assert problems(page)[-1] == "2 mails are taken back. They wait for approval again."
    assert Message.objects.filter(state=State.PROPOSED).count() == 2
    assert "Approve 2 mails" in text_of(client.get(send_address(campaign)))
    page = client.post(f"/admin/mail/approved/{batch.pk}/undo/", follow=True)
    assert problems(page) == ["These mails were taken back before."]


def test_what_left_cannot_be_taken_back(monkeypatch):
    batch, _campaign, client = make_batch()
    send(2)
    freeze(monkeypatch, LATER)
    page = client.post(f"/admin/mail/approved/{batch.pk}/undo/", follow=True)
    assert problems(page)[-1] == "Sent. It cannot be taken back."
    assert "Sent. It cannot be taken back." in text_of(page) and "Write a correction" in text_of(page)


def test_progress_counts_every_mail_and_looks_again_while_mail_leaves(monkeypatch):
    batch, _campaign, client = make_batch(3)
    send(1)
    freeze(monkeypatch, LATER)
    page = client.get(f"/admin/mail/approved/{batch.pk}/")
    assert page.headers["Refresh"] == "5" and "1 of 3 sent" in text_of(page)
    assert page.context["total"] == 3 and [number for _s, _l, number in page.context["tally"]] == [2, 1]
    send(2)
    assert "Refresh" not in client.get(f"/admin/mail/approved/{batch.pk}/").headers


def test_only_a_lead_takes_back_and_only_what_they_see():
    batch, campaign, _client = make_batch()
    address = f"/admin/mail/approved/{batch.pk}/"
    own, other = make_staff(roles.RESEARCHER, campaign), make_staff(roles.RESEARCHER)
    assert signed_in(own).get(address).status_code == 200
    assert signed_in(own).post(f"{address}undo/").status_code == 403
    assert signed_in(other).get(address).status_code == 404
    assert signed_in(other).post(f"{address}undo/").status_code == 404
    assert signed_in(own).get(f"{address}undo/").status_code == 405
    assert Message.objects.filter(state=State.QUEUED).count() == 2


@pytest.mark.parametrize("page", ["batch", "control", "outgoing"])
def test_the_pages_cost_the_same_for_one_mail_and_for_three(page):
    counts = []
    for rows in (1, 3):
        batch, campaign, client = make_batch(rows)
        addresses = {
            "batch": f"/admin/mail/approved/{batch.pk}/",
            "control": "/admin/mail/",
            "outgoing": f"/admin/campaigns/campaign/{campaign.pk}/outgoing/",
        }
        Message.objects.filter(approach__campaign=campaign).update(batch=batch, state=State.FAILED, data_at=NOW)
        client.get(addresses[page])  # warms what is read once a process
        with CaptureQueriesContext(connection) as queries:
            client.get(addresses[page])
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_band_costs_the_same_for_one_approval_and_for_three():
    counts = []
    for rows in (1, 3):
        for _row in range(rows):
            _batch, _campaign, client = make_batch(1)
        client.get("/admin/mail/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/mail/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("minutes", "shown"), [(1, False), (3, True)])
def test_a_red_line_says_that_no_worker_reports(monkeypatch, minutes, shown):
    _batch, _campaign, client = make_batch()
    freeze(monkeypatch, NOW + timedelta(minutes=minutes))
    said = "Mail is not leaving. The worker last reported at 12:00; 2 mails wait."
    assert (said in text_of(client.get("/admin/"))) is shown


def test_a_hold_has_a_reason_and_a_permission():
    _batch, campaign, client = make_batch()
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert researcher.post("/admin/mail/hold/", {"reason": "x"}).status_code == 403
    assert "Enter the reason" in text_of(client.post("/admin/mail/hold/", {"reason": ""}))
    assert Control.objects.get().held_at is None
    client.post("/admin/mail/hold/", {"reason": "A wrong list went out."})
    assert "All mail is held. A wrong list went out." in text_of(researcher.get("/admin/mail/"))
    assert researcher.post("/admin/mail/release/").status_code == 403
    client.post("/admin/mail/release/")
    assert Control.objects.get().held_at is None


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_are_one_approval():
    campaign, _approaches, client = make_desk(3)
    form = {**form_of(merged(client, campaign)), "do": "approve"}
    cookies = client.cookies

    def click(_number):
        browser = SecureClient()
        browser.cookies = cookies
        try:
            return browser.post(send_address(campaign), form).url
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        places = set(pool.map(click, range(20)))
    assert places == {f"/admin/mail/approved/{Batch.objects.get().pk}/"}
    assert Message.objects.filter(state=State.QUEUED).count() == 3


def test_single_mails_of_an_approval_are_taken_back():
    batch, _campaign, client = make_batch(3)
    mail = batch.messages.first()
    page = client.post(f"/admin/mail/approved/{batch.pk}/undo/", {"mail": mail.pk}, follow=True)
    assert problems(page)[-1] == "1 mail is taken back. It waits for approval again."
    mail.refresh_from_db()
    assert mail.state == State.PROPOSED and batch.messages.filter(state=State.QUEUED).count() == 2
    assert page.content.decode().count("Undo this mail") == 2
    client.post(f"/admin/mail/approved/{batch.pk}/undo/", {"mail": "no such mail"})
    assert batch.messages.filter(state=State.QUEUED).count() == 2


def test_a_launch_gives_the_campaign_its_day_and_an_undo_takes_it_back():
    batch, campaign, client = make_batch(2)
    assert str(type(campaign).objects.get().asked_on) == "2026-03-02"  # it had one
    client.post(f"/admin/mail/approved/{batch.pk}/undo/")
    type(campaign).objects.update(asked_on=None, asked_stated="")
    client.post(send_address(campaign), {**form_of(client.get(send_address(campaign))), "do": "approve"})
    campaign.refresh_from_db()
    assert (str(campaign.asked_on), campaign.stage) == ("2026-03-20", "live")
    batch = Batch.objects.exclude(messages=None).distinct().get()
    client.post(f"/admin/mail/approved/{batch.pk}/undo/", {"mail": batch.messages.first().pk})
    campaign.refresh_from_db()
    assert campaign.stage == "live"
    client.post(f"/admin/mail/approved/{batch.pk}/undo/")
    campaign.refresh_from_db()
    assert campaign.stage == "draft"


def test_a_correction_goes_to_exactly_those_whose_mail_left(monkeypatch):
    batch, campaign, client = make_batch(3)
    send(2)
    Message.objects.filter(state=State.SENT).first().approach.campaign.approaches.update(reach="invited")
    freeze(monkeypatch, LATER)
    page = client.get(f"/admin/mail/approved/{batch.pk}/")
    Message.objects.filter(state=State.QUEUED).update(state=State.FAILED)
    page = client.get(f"/admin/mail/approved/{batch.pk}/")
    address = f"{send_address(campaign, 'correction')}?of={batch.pk}"
    assert address in page.content.decode() and "Write a correction to 2 companies" in text_of(page)
    led = client.post(address, {"do": "prepare"})
    assert led.url == address and Message.objects.filter(kind="correction").count() == 2
    assert "2 with a warning" in text_of(client.get(address))  # they had a mail from us today
    other = make_batch(1)[0]
    assert client.get(f"{send_address(campaign, 'correction')}?of={other.pk}").status_code == 404


def test_failed_mails_are_tried_again_with_a_reason_all_or_one():
    batch, _campaign, client = make_batch(3)
    Message.objects.update(state=State.FAILED, last_code=550, last_text="5.1.1 no such user")
    page = client.get(f"/admin/mail/approved/{batch.pk}/")
    assert "3 mails failed" in text_of(page) and "The address does not exist." in text_of(page)
    again = f"/admin/mail/approved/{batch.pk}/again/"
    assert problems(client.post(again, {"reason": ""}, follow=True)) == ["Say why they are sent again"]
    one = batch.messages.first()
    page = client.post(again, {"reason": "Corrected", "mail": one.pk}, follow=True)
    assert problems(page) == ["1 mail is merged again. It waits for approval."]
    assert one.approach.messages.get(state=State.PROPOSED).resend_reason == "Corrected"
    page = client.post(again, {"reason": "Corrected"}, follow=True)
    assert problems(page) == ["2 mails are merged again. They wait for approval."]
    assert Message.objects.filter(state=State.PROPOSED).count() == 3
    assert "mails failed" not in text_of(client.get(f"/admin/mail/approved/{batch.pk}/"))


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (550, "5.1.1 no such user", "The address does not exist."),
        (552, "5.2.2 over quota", "The mailbox is full."),
        (550, "5.3.0 no", "refuses this mail"),
        (554, "5.7.1 spam", "refuses us"),
        (451, "4.7.1 greylisted", "never took it"),
        (None, "connection lost", "connection lost"),
    ],
)
def test_a_failure_is_said_in_plain_words(code, text, said):
    assert said in plainly.why(Message(state=State.FAILED, last_code=code, last_text=text))


def test_an_approval_whose_mails_wait_for_working_hours_says_when_each_leaves():
    campaign, [here, there] = make_sending_campaign(2)
    here.company.contacts.update(time_zone="UTC")
    there.company.contacts.update(time_zone="Asia/Tokyo")
    mails = batches.propose(campaign, "invitation", now=NOW).messages
    batch = approve(campaign, mails, hold=batches.UNDO_WINDOW, in_hours=True)
    page = signed_in(make_staff(roles.LEAD)).get(f"/admin/mail/approved/{batch.pk}/")
    text = text_of(page)
    assert "2 mails leave from 12:10 on, the last at 23 March 2026, 00:00." in text
    assert "It leaves at 12:10." in text and "It leaves at 23 March 2026, 00:00." in text
    assert "leave from 12:10 on (UTC)" in text
