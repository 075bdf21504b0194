from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import days, planning, status
from campaigns.models import Campaign, ChosenContact
from campaigns.status import IllegalMove, Reply
from campaigns.tests.make import NOW, invite, make_approach, make_contact, make_user, reply
from companies.models import Health
from correspondence import control, explaining, outbox, reminders
from correspondence.models import Message, State
from correspondence.tick import refresh_counts, tick

from .fakes import FakeRelay
from .make import make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db
AUTOMATIC = Campaign.ReminderMode.AUTOMATIC


def morning(day):
    return datetime.combine(day, time(9), ZoneInfo("UTC"))


DUE = morning(date(2026, 3, 16))  # 14 days after the invitation


def awaited(campaign=None, step_days=(14, 21), **values):
    """A company invited on 2 March, with reminders on 16 and 23 March."""
    campaign = campaign or make_sending_campaign(0, **values)[0]
    if not campaign.steps.exists():
        for number in step_days:
            make_step(campaign, number)
    return invite(make_approach(campaign), now=morning(date(2026, 3, 2)))


def plan(now=DUE):
    return dict(reminders.plan(now))


def test_a_due_step_is_written_once():
    approach = awaited()
    assert plan(DUE - timedelta(minutes=1)) == {}
    assert [plan(), plan()] == [{"written": 1}, {}]
    message = Message.objects.get()
    first, second = approach.campaign.steps.all()
    assert (message.step, message.state, message.kind) == (first.key, State.PROPOSED, "reminder")
    approach.refresh_from_db()
    assert (approach.next_step, approach.remind_at) == (second.key, DUE + timedelta(days=7))


def test_automatic_reminders_are_queued():
    awaited(reminders_leave=AUTOMATIC)
    plan()
    assert Message.objects.get().state == State.QUEUED
    assert dict(outbox.sweep(DUE, way_out=FakeRelay())) == {"sent": 1}


def test_a_reminder_is_made_and_leaves_in_the_companys_hours_only():
    approach = awaited(reminders_leave=AUTOMATIC)
    evening = DUE + timedelta(hours=8)
    assert plan(evening) == {"waiting": 1}
    approach.refresh_from_db()
    assert approach.remind_at == DUE and not Message.objects.exists()
    assert plan(evening - timedelta(minutes=1)) == {"written": 1}
    assert Message.objects.get().leaves_until == evening


def test_what_waits_for_approval_has_no_hour_to_leave_by():
    awaited()
    plan()
    assert Message.objects.get().leaves_until is None


def test_a_step_that_escalates_goes_to_the_superiors_too():
    approach = awaited()
    approach.campaign.steps.filter(days=21).update(escalates=True)
    boss = make_contact(approach.company)
    approach.chosen.create(contact=boss, use=ChosenContact.Use.ESCALATION)
    assert plan() == {"written": 1}
    assert plan(DUE + timedelta(days=7)) == {"waiting": 1}  # for approval of the first
    Message.objects.update(state=State.CANCELLED)
    assert plan(DUE + timedelta(days=7)) == {"written": 1}
    first, second = Message.objects.order_by("created_at")
    assert boss.email not in first.recipients.values_list("address", flat=True)
    assert second.recipients.get(contact=boss).use == "cc"


def test_only_those_who_are_written_to_must_have_rested():
    approach = awaited(reminders_leave=AUTOMATIC)
    boss = make_contact(approach.company)
    approach.chosen.create(contact=boss, use=ChosenContact.Use.ESCALATION)
    other = make_approach(make_sending_campaign(0)[0], approach.company, contact=False)
    other.chosen.create(contact=boss)
    sent = queue(other)
    Message.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=DUE, data_at=DUE)
    approach.campaign.steps.update(escalates=True)
    assert plan() == {"waiting": 1}
    approach.campaign.steps.update(escalates=False)
    assert plan() == {"written": 1}


def test_a_step_that_has_its_mail_is_passed_over():
    approach = awaited()
    mail = queue(approach, step=approach.next_step, kind="reminder")
    Message.objects.filter(pk=mail.pk).update(state=State.CANCELLED)
    assert plan() == {"skipped": 1} and Message.objects.count() == 1
    approach.refresh_from_db()
    assert approach.remind_at == DUE + timedelta(days=7)


def queries_of(act):
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def test_many_reminders_cost_as_many_queries_as_one(monkeypatch):
    awaited()
    one = queries_of(plan)
    campaign, _none = make_sending_campaign(0)
    for _ in range(5):
        awaited(campaign)
    assert queries_of(plan) <= one
    assert Message.objects.count() == 6
    monkeypatch.setattr(reminders, "TOGETHER", 2)
    assert plan(DUE + timedelta(days=7)) == {"waiting": 6}


def test_a_chunk_is_planned_like_each_alone(monkeypatch):
    monkeypatch.setattr(reminders, "TOGETHER", 2)
    campaign, _none = make_sending_campaign(0)
    approaches = [awaited(campaign) for _ in range(5)]
    doubt_by_return(approaches[1])
    approaches[2].company.contacts.update(health=Health.BOUNCED)
    planning.pause(approaches[3], now=DUE)
    assert plan() == {"written": 2, "waiting": 1, "blocked": 1}
    written = Message.objects.order_by("approach").values_list("approach", flat=True)
    assert list(written) == [approaches[0].pk, approaches[4].pk]
    assert all(message.recipients.count() == 1 and message.reply_link for message in Message.objects.all())


def test_a_clock_that_slept_two_days_reminds_once():
    awaited()
    assert [plan(DUE + timedelta(days=2)), plan(DUE + timedelta(days=2))] == [{"written": 1}, {}]


def test_a_step_more_than_three_days_past_is_skipped_and_logged():
    approach = awaited()
    assert plan(DUE + timedelta(days=3, minutes=1)) == {"skipped": 1}
    event = approach.events.get(kind="skipped")
    assert event.step == approach.campaign.steps.first().key and not Message.objects.exists()


def test_nothing_is_skipped_while_the_catch_up_guard_holds():
    approach = awaited()
    control.tick(DUE - timedelta(hours=1))
    late = DUE + timedelta(days=4)
    assert tick(late).held and plan(late) == {}
    assert not approach.events.filter(kind="skipped").exists()
    control.release(by=make_user(), now=late)
    assert plan(late) == {"skipped": 1}


@pytest.mark.parametrize("to", [Reply.ACKNOWLEDGED, Reply.ENGAGED, Reply.RESPONDED, Reply.DECLINED])
def test_whoever_wrote_back_is_not_reminded(to):
    reply(awaited(), to, on=date(2026, 3, 10), now=morning(date(2026, 3, 10)))
    assert plan() == {}


def test_a_receipt_does_not_end_reminders_for_good():
    approach = reply(awaited(), Reply.ACKNOWLEDGED, on=date(2026, 3, 10), now=morning(date(2026, 3, 10)))
    assert "nothing planned" in explaining.why(approach, DUE)
    planning.remind_on(approach, date(2026, 3, 18), now=DUE)
    assert plan(morning(date(2026, 3, 18))) == {"written": 1}


@pytest.mark.parametrize("noun", ["approach", "campaign"])
def test_on_hold_nothing_is_due(noun):
    approach = awaited()
    pause = {"approach": planning.pause, "campaign": planning.pause_campaign}[noun]
    held = approach if noun == "approach" else approach.campaign
    pause(held, now=DUE)
    assert plan() == {}
    approach.refresh_from_db()
    assert explaining.why(approach, DUE)
    pause(held, now=None)
    assert plan() == {"written": 1}


def test_the_close_decides_not_the_deadline():
    approach = awaited(deadline=date(2026, 3, 10), closes_on=date(2026, 3, 15))
    assert plan() == {}
    approach.campaign.closes_on = date(2026, 3, 16)
    approach.campaign.save()
    assert plan() == {"written": 1}


def doubt_by_unknown(approach):
    Message.objects.create(
        approach=approach, step="invitation", state="unknown", message_id="<x>", created_at=NOW, kind="invitation"
    )


def doubt_by_return(approach):
    status.record(approach, "returned", now=DUE)


def doubt_by_waiting(approach):
    doubt_by_unknown(approach)
    Message.objects.update(state="proposed", step="batch:1")


@pytest.mark.parametrize("doubt", [doubt_by_unknown, doubt_by_return, doubt_by_waiting])
def test_doubt_holds_a_reminder_and_says_why(doubt):
    approach = awaited()
    doubt(approach)
    assert plan() == {"waiting": 1}
    approach.refresh_from_db()
    assert approach.remind_at == DUE and "waits" in explaining.why(approach, DUE)


def test_a_contact_rests_a_day_over_all_campaigns():
    one, other = awaited(), make_sending_campaign(0)[0]
    make_step(other)
    same = make_approach(other, one.company, contact=False)
    same.chosen.create(contact=one.company.contacts.get())
    invite(same, now=morning(date(2026, 3, 2)))
    one.campaign.reminders_leave = AUTOMATIC
    one.campaign.save()
    reminders.due(DUE).filter(pk=same.pk).update(paused_at=DUE)
    plan()
    outbox.sweep(DUE, way_out=FakeRelay())
    planning.pause(same, now=None)
    assert plan(DUE + timedelta(hours=1)) == {"waiting": 1}
    assert plan(DUE + timedelta(hours=25)) == {"written": 1}


def test_a_promise_replaces_the_next_step():
    approach = awaited()
    promised = days.read("2026-03-20")
    planning.give_time(approach, promised, by=make_user(), now=NOW - timedelta(days=9), promised=True)
    approach.refresh_from_db()
    assert plan() == {}
    assert "promised" in explaining.why(approach, DUE)
    assert plan(morning(date(2026, 3, 23))) == {"written": 1}  # the 21st is a Saturday


def test_more_time_moves_the_steps_and_ends_at_the_close():
    campaign, _none = make_sending_campaign(0)
    make_step(campaign, 3, "before_deadline")
    approach = awaited(campaign)
    assert approach.remind_at == morning(date(2026, 3, 27))
    approach = planning.give_time(approach, days.read("2026-04-10"), by=make_user(), now=NOW)
    assert approach.remind_at == morning(date(2026, 4, 7))
    assert approach.events.filter(kind="extended").exists()
    with pytest.raises(IllegalMove):
        planning.give_time(approach, days.read("2026-05-01"), by=make_user(), now=NOW)


def test_a_skipped_step_is_logged_and_the_next_one_is_set():
    approach = awaited()
    reminders.skip(approach, by=make_user(), now=NOW)
    assert approach.remind_at == DUE + timedelta(days=7)
    assert approach.events.get(kind="skipped").step == approach.campaign.steps.first().key


def test_start_plans_the_imported_and_skips_what_is_long_past():
    campaign, _none = make_sending_campaign(0)
    approach = awaited(campaign)
    campaign.approaches.update(next_step="", remind_at=None)
    assert plan(DUE + timedelta(days=7)) == {}
    assert reminders.start(campaign, by=make_user(), now=NOW) == 1
    assert plan(DUE + timedelta(days=7)) == {"skipped": 1, "written": 1}
    assert reminders.start(campaign, by=make_user(), now=NOW) == 0
    approach.refresh_from_db()
    assert "waits" in explaining.why(approach, NOW)


def test_a_retired_step_is_passed_over():
    approach = awaited()
    approach.campaign.steps.filter(days=14).update(retired_at=NOW)
    assert plan() == {"skipped": 1}
    approach.refresh_from_db()
    assert approach.remind_at == DUE + timedelta(days=7)


def test_proposed_reminders_are_withdrawn_after_a_reply():
    approach = awaited()
    plan()
    approach.refresh_from_db()
    reply(approach)
    plan()
    assert Message.objects.get().state == State.CANCELLED


def test_a_reminder_that_cannot_be_merged_waits_and_says_why():
    approach = awaited()
    approach.company.contacts.update(health=Health.BOUNCED)
    assert plan() == {"blocked": 1}
    approach.refresh_from_db()
    assert "came back" in explaining.why(approach, DUE)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_tick_with_nothing_due_is_cheap(rows, django_assert_max_num_queries):
    campaign, _none = make_sending_campaign(0)
    for _ in range(rows):
        awaited(campaign)
    refresh_counts()
    tick(NOW - timedelta(days=10))
    with django_assert_max_num_queries(40):
        tick(NOW - timedelta(days=10))


def test_the_guard_holds_after_a_day_and_when_the_clock_goes_back():
    assert tick(DUE).held == ""
    assert tick(DUE + timedelta(hours=23)).held == ""
    assert tick(DUE + timedelta(hours=48)).held
    control.release(by=make_user(), now=DUE + timedelta(hours=48))
    assert tick(DUE + timedelta(hours=46)).held


def test_a_tick_says_what_it_did(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    awaited(reminders_leave=AUTOMATIC)
    assert tick(DUE).lines() == ["1 reminder written", "1 mail sent"]
    [file] = settings.MAIL_DIR.iterdir()
    assert file.read_bytes() == bytes(Message.objects.get().mime) and file.suffix == ".eml"
    assert settings.MAIL_DIR.stat().st_mode & 0o777 == 0o700
    assert tick(DUE).lines() == []
