"""The steps on a campaign's desk, in the order in which they come."""

import pytest

from campaigns import status
from campaigns.tests.make import NOW, make_campaign, make_invited
from correspondence import explaining
from correspondence.tests.make import make_step
from responses.desk.steps import steps

pytestmark = pytest.mark.django_db


def test_steps_that_went_on_one_day_stand_in_the_order_of_their_numbers():
    campaign = make_campaign()
    approach = make_invited(campaign)
    planned = [make_step(campaign, days=days) for days in (14, 3, 7)]
    for step in planned:
        status.record(approach, "reminded", now=NOW, result="accepted", step=step.key)
    status.record(approach, "reminded", now=NOW, result="accepted")
    said = [step.name for step in steps(campaign, explaining.step_names(planned, campaign), NOW)]
    assert said[1:-1] == ["Reminder 1", "Reminder 2", "Reminder 3", "Reminder"]
