from datetime import UTC, date, datetime

import pytest

from campaigns import days, schedule, status
from campaigns.models import ReminderStep
from campaigns.status import Reply

from .make import NOW, invite, make_approach, make_campaign, reply

pytestmark = pytest.mark.django_db


def step(campaign, anchor, number, **values):
    return ReminderStep.objects.create(campaign=campaign, anchor=anchor, days=number, **values)


def test_the_invitation_sets_the_first_step_after_it():
    campaign = make_campaign(time_zone="Europe/Berlin")
    step(campaign, "before_deadline", 3)
    first = step(campaign, "after_invitation", 10)
    approach = invite(make_approach(campaign), on=date(2026, 3, 16))
    assert (approach.next_step, approach.remind_at) == (first.key, datetime(2026, 3, 26, 8, tzinfo=UTC))


def test_a_step_before_the_invitation_does_not_apply():
    campaign = make_campaign()
    step(campaign, "before_deadline", 20)
    assert invite(make_approach(campaign), on=date(2026, 3, 12)).remind_at is None


def test_a_retired_step_and_one_without_a_deadline_are_left_out():
    campaign = make_campaign(deadline=None)
    step(campaign, "after_deadline", 2)
    step(campaign, "after_invitation", 2, retired_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert schedule.upcoming(invite(make_approach(campaign))) == ("", None)


def test_the_next_step_lies_after_the_one_that_was_dealt_with():
    campaign = make_campaign()
    step(campaign, "after_invitation", 3)
    second = step(campaign, "after_deadline", 2)
    approach = invite(make_approach(campaign))
    assert schedule.upcoming(approach, after=approach.remind_at)[0] == second.key


def test_a_promise_replaces_the_next_step():
    campaign = make_campaign()
    first = step(campaign, "after_invitation", 3)
    approach = make_approach(campaign, promised_for=date(2026, 3, 24))
    assert schedule.upcoming(invite(approach)) == (first.key, datetime(2026, 3, 25, 9, tzinfo=UTC))


def test_a_reply_ends_the_reminders():
    campaign = make_campaign()
    step(campaign, "after_invitation", 30)
    approach = invite(make_approach(campaign))
    assert approach.remind_at
    assert reply(approach, Reply.ACKNOWLEDGED).remind_at is None


def test_a_promise_that_was_reminded_of_plans_nothing_again():
    campaign = make_campaign()
    step(campaign, "after_deadline", 2)
    approach = invite(make_approach(campaign, promised_for=date(2026, 3, 15)))
    status.record(approach, "reminded", now=NOW, on=days.exactly(date(2026, 3, 16)), result="accepted")
    approach.deadline = date(2026, 4, 20)
    assert schedule.upcoming(approach)[1] == datetime(2026, 4, 22, 9, tzinfo=UTC)


def test_a_promise_is_reminded_of_also_where_no_step_is_left():
    approach = invite(make_approach(make_campaign(), promised_for=date(2026, 3, 24)))
    assert (approach.next_step, approach.remind_at) == ("promise:2026-03-24", datetime(2026, 3, 25, 9, tzinfo=UTC))
