import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from openpyxl import load_workbook

from campaigns import days, roles
from campaigns.tests.make import NOW, invite, make_approach, make_campaign, make_company, make_user
from campaigns.tests.staff import make_staff, signed_in
from correspondence import by_hand
from correspondence.models import Message, Recipient
from correspondence.staff_mail import compose_staff

from .desk import freeze, make_desk, text_of
from .make import make_sending_campaign, make_wording, queue

LEDGER = "/admin/mail/ledger/"


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)


def sent(approach, step="invitation", days=0, **values):
    mail = queue(approach, step, now=NOW + timedelta(days=days))
    facts = {"state": "sent", "sent_at": mail.created_at, "data_at": mail.created_at}
    Message.objects.filter(pk=mail.pk).update(**{**facts, **values})
    return mail


def listed(client, query=""):
    return [mail.pk for mail in client.get(f"{LEDGER}?{query}").context["mails"]]


def test_every_mail_is_listed_newest_first_with_its_result_and_the_mail_itself():
    _campaign, [approach], client = make_desk()
    first, last = sent(approach), sent(approach, "batch:1", days=1)
    Recipient.objects.filter(message=last).update(result="returned")
    page = client.get(LEDGER)
    assert [mail.pk for mail in page.context["mails"]] == [last.pk, first.pk]
    text = text_of(page)
    assert approach.listed_as in text and "Came back" in text and first.recipients.get().address in text
    assert client.get(page.context["mails"][0].page).status_code == 200


def test_each_filter_leaves_only_what_it_names():
    campaign, [approach, other], client = make_desk(2)
    elsewhere = make_sending_campaign(1)[1][0]
    owner = make_staff(roles.RESEARCHER, campaign)
    approach.assigned = owner
    approach.save()
    make_wording(campaign, "invitation", "fr")
    one = sent(approach, days=-3, kind="reminder", language="fr")
    two = sent(other, state="failed")
    three = sent(elsewhere, days=3)
    Recipient.objects.filter(message=two).update(result="refused")
    address = one.recipients.get().address
    for query, found in {
        "": [three, two, one],
        f"campaign={elsewhere.campaign_id}": [three],
        f"words={approach.listed_as}": [one],
        f"words={address.upper()}": [one],
        "kind=reminder": [one],
        "language=fr": [one],
        "result=failed": [two],
        "result=refused": [two],
        "result=came_back": [],
        "since=2026-03-21": [three],
        "until=2026-03-17": [one],
        "since=2026-03-18&until=2026-03-20": [two],
        f"owner={owner.pk}": [one],
        "since=yesterday": [],
    }.items():
        assert listed(client, query) == [mail.pk for mail in found], query


def test_researchers_see_their_campaigns_and_no_mail_to_staff():
    campaign, [approach], lead = make_desk()
    hidden = make_sending_campaign(1)[1][0]
    mine, _theirs = sent(approach), sent(hidden)
    letter = compose_staff(make_user(email="ana@desk.example"), "x", "Digest", "Text", now=NOW)
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert listed(researcher) == [mine.pk]
    assert listed(researcher, f"campaign={hidden.campaign_id}") == []
    assert letter.pk in listed(lead) and "Mail to staff" in text_of(lead.get(LEDGER))
    assert signed_in(make_staff()).get(LEDGER).status_code == 403


def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch):
    monkeypatch.setattr("correspondence.desk.ledger.PER_PAGE", 2)
    _campaign, approaches, client = make_desk(5)
    mails = [sent(approach) for approach in approaches]  # all of one instant
    seen, query = [], ""
    for _page in range(3):
        page = client.get(f"{LEDGER}?{query}")
        seen += [mail.pk for mail in page.context["mails"]]
        query = page.context["older"]
    assert sorted(seen) == sorted(mail.pk for mail in mails) and query == ""
    assert client.get(f"{LEDGER}?before=nonsense").status_code == 200


def test_a_failed_or_doubtful_entry_has_its_button():
    campaign, [approach, other], client = make_desk(2)
    sent(approach, state="failed")
    sent(other, state="unknown")
    text = text_of(client.get(LEDGER))
    assert "Try again" in text and "It arrived, or send again" in text
    own = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert "Try again" not in text_of(own.get(LEDGER))
    queue(approach, "invitation", resend_no=1, resend_reason="x", now=NOW + timedelta(hours=1))
    assert "Try again" not in text_of(client.get(LEDGER))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_export_is_for_leads_is_logged_and_carries_no_formula(kind):
    campaign = make_campaign()
    make_wording(campaign)
    approach = make_approach(campaign, make_company("=HYPERLINK(1)"))
    sent(approach)
    sent(make_approach(campaign))
    own = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert own.post(f"{LEDGER}{kind}/").status_code == 403 and not LogEntry.objects.exists()
    client = signed_in(make_staff(roles.LEAD))
    page = client.get(f"{LEDGER}?campaign={campaign.pk}").content.decode()
    assert f'action="{LEDGER}{kind}/?campaign={campaign.pk}"' in page
    assert client.get(f"{LEDGER}{kind}/").status_code == 405 and client.post(f"{LEDGER}pdf/").status_code == 404
    body = b"".join(client.post(f"{LEDGER}{kind}/?campaign={campaign.pk}").streaming_content)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    else:
        rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(body)).active]
    assert len(rows) == 3 and rows[0][3] == "Company"
    assert "'=HYPERLINK(1)" in {row[3] for row in rows}
    assert approach.chosen.get().contact.email in {row[4] for row in rows}
    assert LogEntry.objects.get().change_message == f"Exported 2 entries of the ledger as {kind.upper()}"


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_three_mails_as_for_one(number, django_assert_num_queries):
    _campaign, approaches, client = make_desk(number)
    for approach in approaches:
        sent(approach)
    with django_assert_num_queries(17):
        client.get(LEDGER)


def test_a_contact_by_hand_is_listed_with_its_day_contact_and_result_and_leads_to_the_thread():
    _campaign, [approach], client = make_desk()
    contact = approach.company.contacts.get()
    facts = {"way": "out", "channel": "phone", "day": days.read("2026-03-10"), "by": make_user(), "now": NOW}
    by_hand.log(approach, uuid.uuid4(), result="refused", contact=contact, **facts)
    page = client.get(LEDGER)
    text = text_of(page)
    assert "10 March 2026" in text and "Refused, or nobody answered" in text and str(contact) in text
    assert page.context["mails"][0].page == f"/admin/campaigns/approach/{approach.pk}/outgoing/"
    told = b"".join(client.post(f"{LEDGER}csv/").streaming_content).decode("utf-8-sig")
    [_head, row] = csv.reader(io.StringIO(told))
    assert row[1] == "2026-03-10" and row[4] == str(contact) and row[10] == "Refused, or nobody answered"


def test_the_beginning_or_the_end_of_an_address_finds_its_mail():
    _campaign, [approach, other], client = make_desk(2)
    approach.company.contacts.update(email="press@river.example")
    other.company.contacts.update(email="press@lake.example")
    one, two = sent(approach), sent(other, days=1)
    assert listed(client, "words=press@") == [two.pk, one.pk]
    assert listed(client, "words=@river.example") == [one.pk]


def test_days_in_the_wrong_order_are_refused():
    _campaign, [approach], client = make_desk()
    sent(approach)
    page = client.get(f"{LEDGER}?since=2026-04-02&until=2026-04-01")
    assert "This day lies before the first one" in text_of(page)


def test_an_accepted_mail_is_not_taken_for_a_contact_by_hand():
    _campaign, [approach], client = make_desk()
    mail = sent(approach)
    invite(approach, attempt=mail.pk)
    assert [one.became for one in client.get(LEDGER).context["mails"]] == [""]
