from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import roles
from campaigns.tests.make import NOW
from campaigns.tests.staff import SecureClient, make_staff, problems, signed_in
from correspondence import control
from correspondence.models import Batch, Control, Message, State

from .desk import form_of, freeze, make_desk, merged, send_address, text_of

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
