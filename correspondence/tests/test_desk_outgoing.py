from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from campaigns import roles
from campaigns.models import Campaign
from campaigns.tests.make import NOW, make_invited
from campaigns.tests.staff import make_staff, problems, signed_in
from correspondence import reminders
from correspondence.models import Message, State

from .desk import freeze, make_desk, text_of
from .make import make_step, queue


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)


def outgoing(campaign, verb=""):
    return f"/admin/campaigns/campaign/{campaign.pk}/outgoing/{verb and verb + '/'}"


def company(approach, verb=""):
    return f"/admin/campaigns/approach/{approach.pk}/outgoing/{verb and verb + '/'}"


def in_state(state, approach, **values):
    mail = queue(approach)
    Message.objects.filter(pk=mail.pk).update(state=state, **values)
    return mail


def test_pausing_and_resuming_the_campaigns_mail():
    campaign, _approaches, client = make_desk()
    page = client.post(outgoing(campaign, "pause"), follow=True)
    assert Campaign.objects.get().paused_at == NOW and "is paused since 12:00" in text_of(page)
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert researcher.post(outgoing(campaign, "resume")).status_code == 403
    client.post(outgoing(campaign, "resume"))
    assert Campaign.objects.get().paused_at is None
    assert LogEntry.objects.filter(object_id=campaign.pk).count() == 2


def test_reminders_leave_by_themselves_only_where_a_lead_says_so():
    campaign, _approaches, client = make_desk()
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert researcher.post(outgoing(campaign, "automatic")).status_code == 403
    client.post(outgoing(campaign, "automatic"))
    assert Campaign.objects.get().reminders_leave == "automatic"
    researcher.post(outgoing(campaign, "approved"))
    assert Campaign.objects.get().reminders_leave == "approved"


def test_starting_reminders_sets_the_next_step_of_those_who_have_none():
    campaign, _approaches, client = make_desk(0)
    approach = make_invited(campaign)
    make_step(campaign, 30)
    assert "Start reminders for 1 company" in text_of(client.get(outgoing(campaign)))
    page = client.post(outgoing(campaign, "start-reminders"), follow=True)
    approach.refresh_from_db()
    assert approach.remind_at and "1 company, from 1 April 2026, 09:00 on." in text_of(page)
    assert approach.listed_as in text_of(page)


@pytest.mark.parametrize("verb", ["hold", "skip", "release"])
def test_a_company_is_held_skipped_and_released(verb):
    campaign, _approaches, client = make_desk(0)
    make_step(campaign, 30)
    approach = make_invited(campaign, paused_at=NOW if verb == "release" else None)
    assert approach.remind_at
    page = client.post(company(approach, verb), follow=True)
    approach.refresh_from_db()
    state = (bool(approach.paused_at), bool(approach.remind_at))
    assert state == {"hold": (True, True), "skip": (False, False), "release": (False, True)}[verb]
    assert approach.listed_as in problems(page)[0] and LogEntry.objects.count() == 1


def test_no_verb_is_done_by_looking_or_by_strangers():
    campaign, [approach], client = make_desk()
    stranger = signed_in(make_staff(roles.RESEARCHER))
    for address in (outgoing(campaign, "pause"), company(approach, "hold")):
        assert client.get(address).status_code == 405
        assert stranger.post(address).status_code == 404
    assert client.post(outgoing(campaign, "explode")).status_code == 404
    assert client.post(company(approach, "explode")).status_code == 404
    assert stranger.get(outgoing(campaign)).status_code == stranger.get(company(approach)).status_code == 404


def test_a_mail_in_doubt_is_settled_with_a_reason():
    campaign, [approach], client = make_desk()
    mail = in_state(State.UNKNOWN, approach, data_at=NOW)
    assert "May have been sent" in text_of(client.get(outgoing(campaign)))
    page = client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "arrived", "reason": ""})
    mail.refresh_from_db()
    assert "Enter how you know" in text_of(page) and mail.state == State.UNKNOWN
    client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "arrived", "reason": "They called."})
    mail.refresh_from_db()
    approach.refresh_from_db()
    assert (mail.state, approach.reach) == (State.SENT, "invited")
    page = client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "again", "reason": "Once more."}, follow=True)
    assert problems(page)[-1] == "This was settled meanwhile." and Message.objects.count() == 1


def test_a_mail_that_did_not_arrive_is_queued_again_as_it_was():
    _campaign, [approach], client = make_desk()
    mail = in_state(State.UNKNOWN, approach, data_at=NOW)
    client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "again", "reason": "Their log has nothing."})
    again = Message.objects.get()
    assert (again.state, again.sha256) == (State.QUEUED, mail.sha256)


def test_a_failed_mail_is_proposed_again_and_waits_for_approval():
    campaign, [approach], client = make_desk()
    mail = in_state(State.FAILED, approach, last_code=550, last_text="5.7.1 not today")
    assert "5.7.1 not today" in text_of(client.get("/admin/mail/"))
    page = client.post(
        f"/admin/mail/{mail.pk}/settle/", {"do": "again", "reason": "The filter is mended."}, follow=True
    )
    assert "Waits for approval" in text_of(page)
    new = Message.objects.get(resend_no=1)
    assert (new.state, new.resend_reason) == (State.PROPOSED, "The filter is mended.")
    page = client.get(f"/admin/campaigns/campaign/{campaign.pk}/send/invitation/")
    assert "Approve 1 mail for now" in text_of(page)


def test_a_mail_that_the_server_put_off_says_so_and_is_tried_when_a_lead_says_so():
    campaign, [approach], client = make_desk()
    mail = in_state("queued", approach, attempts=3, not_before=NOW + timedelta(hours=1), last_text="451 busy")
    address = f"/admin/mail/{mail.pk}/"
    text = text_of(client.get(address))
    assert "Is tried again at 13:00" in text and "Tries 3" in text and "Try this mail now" in text
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert "Try this mail now" not in text_of(researcher.get(address))
    assert researcher.post(f"{address}try/").status_code == 403
    assert problems(client.post(f"{address}try/", follow=True)) == ["The worker tries this mail within a minute."]
    assert Message.objects.get().not_before == NOW and LogEntry.objects.count() == 1
    assert problems(client.post(f"{address}try/", follow=True)) == ["This mail does not wait to be tried again."]


def test_an_approved_mail_is_not_hurried_out_of_its_undo():
    _campaign, [approach], client = make_desk()
    mail = in_state("queued", approach, not_before=NOW + timedelta(minutes=10))
    assert "Try this mail now" not in text_of(client.get(f"/admin/mail/{mail.pk}/"))
    client.post(f"/admin/mail/{mail.pk}/try/")
    assert Message.objects.get().not_before == NOW + timedelta(minutes=10)


def test_one_mail_is_stopped():
    _campaign, [approach], client = make_desk()
    mail = queue(approach)
    client.post(f"/admin/mail/{mail.pk}/stop/")
    mail.refresh_from_db()
    assert mail.state == State.CANCELLED
    page = client.post(f"/admin/mail/{mail.pk}/stop/", follow=True)
    assert problems(page)[-1] == "This mail does not wait any more: Cancelled."


def test_settling_and_stopping_have_their_permissions():
    campaign, [approach], _client = make_desk()
    mail = in_state(State.UNKNOWN, approach, data_at=NOW)
    own, other = signed_in(make_staff(roles.RESEARCHER, campaign)), signed_in(make_staff(roles.RESEARCHER))
    assert own.post(f"/admin/mail/{mail.pk}/settle/", {"do": "arrived", "reason": "x"}).status_code == 403
    assert "It arrived" not in text_of(own.get(f"/admin/mail/{mail.pk}/"))
    for address in ("", "settle/", "stop/"):
        assert other.post(f"/admin/mail/{mail.pk}/{address}").status_code in (404, 405)
    assert other.get(f"/admin/mail/{mail.pk}/").status_code == 404


def test_mails_in_doubt_have_pages_of_their_own(monkeypatch):
    monkeypatch.setattr("correspondence.desk.outgoing.PER_PAGE", 1)
    campaign, approaches, client = make_desk(2)
    for approach in approaches:
        in_state(State.FAILED, approach)
    seen = [client.get(outgoing(campaign), {"doubt": page}).context["doubtful"].object_list[0] for page in (1, 2)]
    assert {mail.approach for mail in seen} == set(approaches)
    assert "?doubt=2" in client.get(outgoing(campaign)).content.decode()


def test_the_page_of_outgoing_mail_leads_to_its_check_and_to_what_it_says():
    campaign, _approaches, client = make_desk(1)
    html = client.get(outgoing(campaign)).content.decode()
    for page in ("launch/", "wordings/", "reminders/"):
        assert f'href="/admin/campaigns/campaign/{campaign.pk}/{page}"' in html


def test_a_company_s_page_names_the_next_step_in_its_own_time_and_what_was_decided():
    campaign, _approaches, client = make_desk(0)
    make_step(campaign, 20), make_step(campaign, 25)
    approach = make_invited(campaign)
    approach.company.contacts.update(time_zone="Asia/Tokyo")
    reminders.start(campaign, by=None, now=NOW)
    client.post(f"/admin/campaigns/approach/{approach.pk}/outgoing/skip/")
    text = text_of(client.get(f"/admin/campaigns/approach/{approach.pk}/outgoing/"))
    assert "Reminder 2 , Fri 27 March, 09:00 Asia/Tokyo" in text
    assert "What was decided" in text and "20 March 2026: Step skipped, Reminder 1 (" in text
    assert "Set the day of the next reminder" in text
    client.post(f"/admin/campaigns/approach/{approach.pk}/outgoing/skip/")
    text = text_of(client.get(f"/admin/campaigns/approach/{approach.pk}/outgoing/"))
    assert "No step is left." in text and "Set the day of the next reminder" not in text


def test_a_mail_that_failed_is_sent_again_for_a_reason_and_waits_for_approval():
    campaign, [approach], client = make_desk()
    mail = queue(approach)
    Message.objects.filter(pk=mail.pk).update(state=State.FAILED)
    assert f"/admin/mail/ledger/?campaign={campaign.pk}" in client.get(outgoing(campaign)).content.decode()
    page = client.get(f"/admin/mail/{mail.pk}/")
    assert "Why it is sent again" in text_of(page) and "How you know" not in text_of(page)
    page = client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "again", "reason": ""})
    assert "Say why it is sent again" in text_of(page)
    client.post(f"/admin/mail/{mail.pk}/settle/", {"do": "again", "reason": "A new address."})
    assert Message.objects.get(resend_no=1).state == State.PROPOSED
