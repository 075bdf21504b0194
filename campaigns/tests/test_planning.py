from datetime import UTC, date, datetime

import pytest

from campaigns import days, planning
from campaigns.models import ReminderStep
from campaigns.status import IllegalMove, Reply

from .make import NOW, make_approach, make_campaign, make_company, make_invited, make_user, reply

pytestmark = pytest.mark.django_db


def make_step(campaign, number=14, anchor="after_invitation"):
    return ReminderStep.objects.create(campaign=campaign, anchor=anchor, days=number)


def day(number, month=4):
    return days.exactly(date(2026, month, number))


def test_more_time_is_logged_and_moves_the_next_reminder():
    campaign = make_campaign()
    make_step(campaign, 3, "before_deadline")
    approach = make_invited(campaign)
    assert approach.remind_at == datetime(2026, 3, 27, 9, tzinfo=UTC)
    planning.give_time(approach, day(20), by=make_user(), now=NOW)
    approach.refresh_from_db()
    assert (approach.deadline, approach.deadline_stated) == (date(2026, 4, 20), "2026-04-20")
    assert approach.remind_at == datetime(2026, 4, 17, 9, tzinfo=UTC)
    assert [event.kind for event in approach.events.all()] == ["invited", "extended"]


def test_a_promise_plans_the_next_step_for_the_morning_after_it():
    campaign = make_campaign()
    step = make_step(campaign)
    approach = reply(make_invited(campaign), Reply.ACKNOWLEDGED)
    assert approach.remind_at is None
    planning.give_time(approach, day(8), by=make_user(), now=NOW, promised=True)
    approach.refresh_from_db()
    assert (approach.next_step, approach.remind_at) == (step.key, datetime(2026, 4, 9, 9, tzinfo=UTC))


def test_time_after_the_close_is_refused():
    approach = make_invited(make_campaign(closes_on=date(2026, 4, 30)))
    with pytest.raises(IllegalMove, match="Move its closing date first"):
        planning.give_time(approach, day(1, month=5), by=None, now=NOW)
    assert not approach.events.filter(kind="extended").exists()


@pytest.mark.parametrize("answered", [True, False])
def test_time_is_given_only_where_something_is_awaited(answered):
    approach = reply(make_invited()) if answered else make_approach()
    with pytest.raises(IllegalMove, match="Nothing is awaited"):
        planning.give_time(approach, day(8), by=None, now=NOW)


def test_a_person_sets_the_next_reminder_of_a_company_that_wrote_back():
    campaign = make_campaign()
    step = make_step(campaign)
    approach = reply(make_invited(campaign), Reply.ENGAGED)
    row = planning.remind_on(approach, date(2026, 4, 1), now=NOW)
    assert (row.next_step, row.remind_at) == (step.key, datetime(2026, 4, 1, 9, tzinfo=UTC))


def test_a_reminder_is_not_set_for_a_day_that_is_over_or_without_a_step():
    campaign = make_campaign()
    approach = make_invited(campaign)
    with pytest.raises(IllegalMove, match="no reminder step is left"):
        planning.remind_on(approach, date(2026, 4, 1), now=NOW)
    make_step(campaign)
    with pytest.raises(IllegalMove, match="is over"):
        planning.remind_on(approach, date(2026, 3, 19), now=NOW)


def test_a_reminder_is_set_for_the_next_working_hour():
    campaign = make_campaign()
    make_step(campaign)
    approach = make_invited(campaign, company=make_company(headquarters="AT"))
    assert planning.remind_on(approach, NOW.date(), now=NOW).remind_at == NOW
    late = NOW.replace(hour=16)  # Friday, after five in Vienna
    assert planning.remind_on(approach, NOW.date(), now=late).remind_at == datetime(2026, 3, 23, 8, tzinfo=UTC)
    easter = planning.remind_on(approach, date(2026, 4, 4), now=NOW)
    assert easter.remind_at == datetime(2026, 4, 7, 7, tzinfo=UTC)


def test_a_new_deadline_plans_anew_whoever_has_a_plan_and_nobody_else():
    campaign = make_campaign()
    make_step(campaign, 3, "before_deadline")
    planned, imported = make_invited(campaign), make_invited(campaign)
    type(imported).objects.filter(pk=imported.pk).update(next_step="", remind_at=None)
    campaign.deadline = date(2026, 4, 10)
    campaign.save()
    assert planning.replan_all(campaign) == 1
    planned.refresh_from_db(), imported.refresh_from_db()
    assert planned.remind_at == datetime(2026, 4, 7, 9, tzinfo=UTC)
    assert imported.remind_at is None


@pytest.mark.parametrize("rows", [1, 3])
def test_planning_anew_costs_the_same_for_any_number(rows, django_assert_num_queries):
    campaign = make_campaign()
    make_step(campaign)
    for _ in range(rows):
        make_invited(campaign)
    with django_assert_num_queries(9):
        assert planning.replan_all(campaign) == rows


def test_a_pause_and_an_owner_come_and_go():
    approach, person = make_approach(), make_user()
    assert planning.pause(approach, now=NOW).paused_at == NOW
    assert planning.pause(approach, now=None).paused_at is None
    assert planning.assign(approach, person).assigned == person
    assert planning.assign(approach, None).assigned is None


def test_a_promise_before_the_deadline_gives_nobody_less_time():
    campaign = make_campaign()  # reply by 30 March
    make_step(campaign, 4, "after_deadline")
    approach = make_invited(campaign)
    planning.give_time(approach, day(25, month=3), by=None, now=NOW, promised=True)
    approach.refresh_from_db()
    assert (approach.deadline, approach.promised_for) == (None, date(2026, 3, 25))
    assert approach.remind_at == datetime(2026, 3, 26, 9, tzinfo=UTC)


def test_more_time_is_never_less_than_all_have():
    approach = make_invited(make_campaign())
    with pytest.raises(IllegalMove, match="Every company has time until 30 March 2026"):
        planning.give_time(approach, day(29, month=3), by=None, now=NOW)
    planning.give_time(approach, day(20), by=None, now=NOW)
    planning.give_time(approach, day(10), by=None, now=NOW)  # what was given can be mended
    approach.refresh_from_db()
    assert approach.deadline == date(2026, 4, 10)
