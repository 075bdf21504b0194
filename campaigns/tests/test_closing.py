from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from campaigns import days, status
from campaigns.closing import close, close_those_that_close_by_themselves, move_close
from campaigns.models import Approach, Campaign
from campaigns.status import IllegalMove, Reply

from .make import NOW, make_approach, make_campaign, make_invited, make_user, reply

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 5, 2, tzinfo=UTC)


def test_closing_early_sets_the_close_to_today():
    campaign = make_campaign()
    approach = make_invited(campaign)
    assert close(campaign, make_user(), now=NOW) == 1
    campaign.refresh_from_db(), approach.refresh_from_db()
    assert (campaign.closes_on, approach.reply, approach.reply_on) == (date(2026, 3, 20), "silent", date(2026, 3, 20))
    assert close(campaign, None, now=NOW) == 0


def test_closing_leaves_those_who_wrote_back_as_they_are():
    campaign = make_campaign()
    approach = reply(make_invited(campaign), Reply.ENGAGED)
    Approach.objects.filter(pk=approach.pk).update(remind_at=LATER, next_step="reminder:x")
    close(campaign, None, now=NOW)
    approach.refresh_from_db()
    assert (approach.reply, approach.remind_at, approach.next_step) == (Reply.ENGAGED, None, "")


def test_moving_the_close_takes_every_silent_back():
    campaign = make_campaign()
    approach = make_invited(campaign)
    close(campaign, None, now=NOW)
    assert move_close(campaign, days.exactly(date(2026, 6, 1)), None, now=NOW, reason="asked for more time") == 1
    campaign.refresh_from_db(), approach.refresh_from_db()
    assert (campaign.closed_at, campaign.closes_on, approach.reply) == (None, date(2026, 6, 1), Reply.NONE)


def test_the_close_cannot_move_back():
    campaign = make_campaign(closes_on=date(2026, 3, 10))
    close(campaign, None, now=NOW)
    campaign.refresh_from_db()
    with pytest.raises(IllegalMove):
        move_close(campaign, days.exactly(date(2026, 3, 1)), None, now=NOW, reason="no")


def test_a_campaign_closes_by_itself_only_where_nothing_is_doubtful():
    sure, doubtful = make_campaign(closes_by_itself=True), make_campaign(closes_by_itself=True)
    make_invited(sure), status.record(make_invited(doubtful), "returned", now=NOW)
    make_invited(make_campaign())
    assert close_those_that_close_by_themselves(NOW) == []
    assert close_those_that_close_by_themselves(LATER) == [sure]
    assert Campaign.objects.exclude(closed_at=None).get() == sure


def test_a_mail_that_comes_back_after_the_close_takes_silent_back():
    campaign = make_campaign()
    approach = make_invited(campaign)
    close(campaign, None, now=NOW)
    approach.refresh_from_db()
    status.record(approach, "returned", now=NOW)
    assert approach.reply == Reply.NONE
    assert [e.kind for e in approach.events.all()] == ["invited", "moved", "returned", "retracted"]


def test_an_own_deadline_after_the_close_is_refused():
    approach = make_approach()
    approach.deadline = date(2026, 5, 1)
    with pytest.raises(ValidationError):
        approach.clean()


def test_the_closing_day_of_a_closed_campaign_is_moved_on_its_page_only():
    campaign = make_campaign()
    close(campaign, None, now=NOW)
    campaign.refresh_from_db()
    campaign.closes_on = date(2026, 6, 1)
    with pytest.raises(ValidationError):
        campaign.clean()


def test_instants_follow_the_time_zone():
    campaign = make_campaign(time_zone="Asia/Tokyo")
    assert campaign.published_at == datetime(2026, 3, 9, 15, tzinfo=UTC)
    campaign.time_zone = "America/Lima"
    campaign.save()
    assert campaign.closes_at == datetime(2026, 5, 1, 5, tzinfo=UTC)


def test_a_campaign_does_not_close_by_itself_over_a_promise():
    campaign = make_campaign(closes_by_itself=True)
    make_invited(campaign, promised_for=date(2026, 5, 15))
    assert close_those_that_close_by_themselves(LATER) == []
