from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import days, planning, status
from campaigns.models import Campaign
from campaigns.status import IllegalMove, Reply
from campaigns.tests.make import NOW, invite, make_approach, make_user, reply
from companies.models import Health
from correspondence import control, outbox, reminders
from correspondence.models import Message, State
from correspondence.tick import refresh_counts, tick

from .fakes import FakeRelay
from .make import make_sending_campaign, make_step

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
    assert "nothing planned" in reminders.why(approach, DUE)
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
    assert reminders.why(approach, DUE)
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
    assert approach.remind_at == DUE and "waits" in reminders.why(approach, DUE)


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
    assert "promised" in reminders.why(approach, DUE)
    assert plan(morning(date(2026, 3, 21))) == {"written": 1}


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
    assert "waits" in reminders.why(approach, NOW)


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
    assert "came back" in reminders.why(approach, DUE)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_tick_with_nothing_due_is_cheap(rows, django_assert_max_num_queries):
    campaign, _none = make_sending_campaign(0)
    for _ in range(rows):
        awaited(campaign)
    refresh_counts()
    tick(NOW - timedelta(days=10))
    with django_assert_max_num_queries(30):
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
