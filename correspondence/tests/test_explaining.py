from datetime import date, timedelta

import pytest

from campaigns import days, planning
from campaigns.models import Approach
from campaigns.status import Reply
from campaigns.tests.make import NOW, invite, make_approach, reply
from companies.models import Health
from correspondence.explaining import Explanations, step_names, why

from .make import make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=4)  # every first reminder is due by then


def invited(campaign):
    return invite(make_approach(campaign), on=date(2026, 3, 7))


def situations(campaign):
    """One approach for each thing that there is to say of somebody who is awaited, and what is said."""
    made = {"A reminder is due now.": invited(campaign), "On hold.": invited(campaign)}
    planning.pause(made["On hold."], now=NOW)
    made["A mail waits for approval."] = one = invited(campaign)
    one.messages.create(step="batch:1", message_id=f"<{one.pk}>", created_at=NOW)
    made["A reminder waits: An earlier mail has not left yet."] = waits = invited(campaign)
    queue(waits)
    made["Mail to the contact's address came back."] = bounced = invited(campaign)
    bounced.company.contacts.update(health=Health.BOUNCED)
    made["Wrote back, nothing planned."] = reply(invited(campaign), Reply.ACKNOWLEDGED)
    made["It has replied."] = reply(invited(campaign))
    return made


def fresh(campaign):
    return list(Approach.objects.filter(campaign=campaign).select_related("campaign", "company").order_by("pk"))


def test_many_are_told_what_one_is_told_and_what_is_true():
    campaign, _none = make_sending_campaign(0)
    make_step(campaign)
    said = {approach.pk: sentence for sentence, approach in situations(campaign).items()}
    approaches = fresh(campaign)
    together = Explanations(campaign, approaches, LATER)
    assert {approach.pk: together.of(approach).sentence for approach in approaches} == said
    assert {approach.pk: why(approach, LATER) for approach in approaches} == said


@pytest.mark.parametrize("number", [1, 3])
def test_explaining_asks_as_often_for_three_of_each_as_for_one(number, django_assert_max_num_queries):
    campaign, _none = make_sending_campaign(0)
    make_step(campaign)
    for _each in range(number):
        situations(campaign)
    approaches = fresh(campaign)
    why(approaches[0], LATER)  # the control row is made
    with django_assert_max_num_queries(16):
        together = Explanations(campaign, approaches, LATER)
        assert all(together.of(approach).sentence for approach in approaches)


def test_the_next_step_has_its_name_and_instant():
    campaign, _none = make_sending_campaign(0)
    make_step(campaign)
    approach = invited(campaign)
    one = Explanations(campaign, [approach], NOW).of(approach)
    assert (one.step, one.at) == ("Reminder", approach.remind_at)
    answered = reply(invited(campaign))
    assert Explanations(campaign, [answered], NOW).of(answered)[:2] == ("", None)


def test_reminders_are_numbered_as_they_come_and_retired_ones_are_not():
    campaign, _none = make_sending_campaign(0)
    last = make_step(campaign, 2, "after_deadline", wording="last_notice")
    second = make_step(campaign, 3, "before_deadline")
    first = make_step(campaign, 7)
    retired = make_step(campaign, 9, retired_at=NOW)
    names = step_names(campaign.steps.all(), campaign)
    assert [names[step.key] for step in (first, second, last, retired)] == [
        "Reminder 1", "Reminder 2", "Last notice", "Reminder",
    ]  # fmt: skip


def test_more_time_is_said_with_the_reminder_that_follows():
    campaign, _none = make_sending_campaign(0)
    make_step(campaign, 3, "before_deadline")
    approach = invited(campaign)
    planning.give_time(approach, days.read("2026-04-20"), by=None, now=NOW)
    [row] = fresh(campaign)
    assert why(row, NOW) == "It has time until 20 April 2026; the next reminder is due on 17 April 2026."
