from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns import days, schedule, status
from campaigns.models import ReminderStep
from campaigns.status import Reply

from .make import NOW, invite, make_approach, make_campaign, make_company, make_contact, reply

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


def days_of(approach):
    """The days of all steps, one after the other, as if each were dealt with on its day."""
    found, (key, at) = [], schedule.upcoming(approach)
    while key:
        found.append((key, at))
        approach.events.create(kind="skipped", step=key, on=at.date(), at=at)
        key, at = schedule.upcoming(approach, after=at)
    return found


def test_steps_keep_their_order_on_working_days_and_a_day_each():
    campaign = make_campaign(deadline=date(2026, 4, 4))  # a Saturday; Monday is Easter
    steps = [
        step(campaign, "after_deadline", 0),
        step(campaign, "after_deadline", 1),
        step(campaign, "before_deadline", 1),
        step(campaign, "after_deadline", 3),
    ]
    approach = invite(make_approach(campaign, make_company(headquarters="AT")))
    found = days_of(approach)
    assert [key for key, _at in found] == [steps[place].key for place in (2, 0, 1, 3)]
    assert [at.date() for _key, at in found] == [date(2026, 4, day) for day in (3, 7, 8, 9)]
    assert {at.hour for _key, at in found} == {7}


def test_what_was_moved_stays_moved_when_it_is_planned_anew():
    campaign = make_campaign(deadline=date(2026, 4, 4))
    first, second = step(campaign, "after_deadline", 0), step(campaign, "after_deadline", 1)
    approach = invite(make_approach(campaign))
    assert schedule.upcoming(approach) == (first.key, datetime(2026, 4, 6, 9, tzinfo=UTC))
    monday = datetime(2026, 4, 6, 9, 1, tzinfo=UTC)
    status.record(approach, "reminded", now=monday, attempt=campaign.steps.first().pk, step=first.key)
    approach.events.create(kind="skipped", step=first.key, on=monday.date(), at=monday)
    type(first).objects.filter(pk=first.pk).update(retired_at=monday)
    assert schedule.upcoming(approach) == (second.key, datetime(2026, 4, 7, 9, tzinfo=UTC))


def test_a_day_is_the_companys_whatever_day_the_campaign_has():
    campaign = make_campaign(time_zone="Pacific/Auckland")
    first, second = step(campaign, "after_invitation", 7), step(campaign, "after_invitation", 8)
    approach = invite(make_approach(campaign, make_company(headquarters="US"), contact=False))
    approach.chosen.create(contact=make_contact(approach.company, time_zone="America/Los_Angeles"))
    key, at = schedule.upcoming(approach)
    assert (key, at) == (first.key, datetime(2026, 3, 9, 16, tzinfo=UTC))  # the 10th in Auckland
    status.record(approach, "reminded", now=at, attempt=first.pk, step=first.key)
    approach.events.create(kind="skipped", step=first.key, on=at.date(), at=at)
    assert schedule.upcoming(approach) == (second.key, at + timedelta(days=1))


@pytest.mark.parametrize(
    ("deadline", "invited", "leaves"),
    [  # one day before: NOW is Friday 20 March
        (date(2026, 3, 30), date(2026, 3, 16), date(2026, 3, 27)),  # a Sunday: the Friday before it
        (date(2026, 3, 23), date(2026, 3, 20), date(2026, 3, 23)),  # no working day after the invitation is left
    ],
)
def test_a_step_before_the_day_to_reply_by_is_moved_back(deadline, invited, leaves):
    campaign = make_campaign(deadline=deadline)
    step(campaign, "before_deadline", 1)
    assert invite(make_approach(campaign), on=invited).remind_at.date() == leaves
