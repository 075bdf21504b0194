import logging

import pytest

from campaigns import nightly
from campaigns.models import Approach
from campaigns.status import Reply

from .make import make_approach, make_campaign, make_invited, reply

pytestmark = pytest.mark.django_db


def test_what_the_events_say_is_no_mismatch():
    campaign = make_campaign()
    make_approach(campaign)
    reply(make_invited(campaign), Reply.PARTIAL)
    assert nightly.mismatches() == []
    assert campaign.count.responded == 1


def test_a_status_that_no_event_explains_is_logged(caplog):
    approach = make_invited()
    Approach.objects.update(reach="planned", remind_at=None, next_step="")
    with caplog.at_level(logging.ERROR):
        [(found, stored, computed)] = nightly.mismatches()
    assert (found, stored[0], computed[0]) == (approach, "planned", "invited")
    assert str(approach) in caplog.text
