import uuid
from datetime import date

import pytest

from campaigns import days, status
from campaigns.closing import close
from campaigns.figures import figures
from campaigns.models import Event
from campaigns.status import MOVES, IllegalMove, Reach, Reply

from .make import NOW, invite, make_approach, make_campaign, make_invited, reply

pytestmark = pytest.mark.django_db


def test_a_reply_on_a_planned_approach_proves_the_invitation():
    approach = reply(make_approach())
    assert (approach.reach, approach.reply) == (Reach.INVITED, Reply.RESPONDED)
    assert [e.kind for e in approach.events.all()] == ["invited", "moved"]


def test_close_shows_as_silent_only_whom_something_reached():
    campaign = make_campaign()
    told, returned = make_invited(campaign), make_invited(campaign, contact=True)
    status.record(returned, "returned", now=NOW, on=days.exactly(date(2026, 3, 3)))
    assert close(campaign, None, now=NOW) == 1
    told.refresh_from_db(), returned.refresh_from_db()
    assert (told.reply, returned.reply) == (Reply.SILENT, Reply.NONE)


def test_a_reply_of_an_earlier_day_takes_silent_back():
    campaign = make_campaign()
    approach = make_invited(campaign)
    close(campaign, None, now=NOW)
    approach.refresh_from_db()
    reply(approach, on=date(2026, 3, 20))
    assert (approach.reply, approach.reply_on) == (Reply.RESPONDED, date(2026, 3, 20))
    assert Event.objects.filter(kind="retracted").count() == 1


def test_silent_cannot_be_written_while_the_campaign_is_open():
    with pytest.raises(IllegalMove):
        status.advance(make_invited(), Reply.SILENT, now=NOW)


def test_a_stale_object_moves_nothing():
    approach = make_invited()
    stale = type(approach).objects.get(pk=approach.pk)
    reply(approach)
    assert status.advance(stale, Reply.DECLINED, now=NOW) is False


@pytest.mark.parametrize("before", list(Reply))
@pytest.mark.parametrize("to", list(Reply))
def test_advance_follows_the_table(before, to):
    campaign = make_campaign()
    approach = make_invited(campaign)
    if before == Reply.SILENT or to == Reply.SILENT:
        campaign.closes_on, campaign.closed_at = date(2026, 3, 20), NOW
        campaign.save()
    if before != Reply.NONE:
        on = days.exactly(date(2026, 3, 20))
        assert status.advance(type(approach).objects.get(pk=approach.pk), before, now=NOW, on=on)
    approach.refresh_from_db()
    if to in MOVES[before]:
        assert status.advance(approach, to, now=NOW)
        assert approach.reply == to
    else:
        with pytest.raises(IllegalMove):
            status.advance(approach, to, now=NOW)


def test_a_fact_never_counts_from_a_day_that_has_not_come():
    with pytest.raises(IllegalMove):
        invite(make_approach(), on=date(2026, 3, 21))


def test_a_letter_that_came_back_by_hand_takes_the_latest_mail_along():
    campaign = make_campaign()
    approach = make_invited(campaign, contact=False)
    approach.events.update(attempt=uuid.uuid4())  # the outbox sent it
    status.record(approach, "returned", now=NOW)
    assert close(campaign, None, now=NOW) == 0


def test_a_reply_older_than_unreached_proves_that_it_was_reached():
    approach = make_invited()
    status.advance(approach, Reach.UNREACHED, now=NOW, on=days.exactly(date(2026, 3, 15)))
    reply(approach, on=date(2026, 3, 10))
    assert (approach.reach, approach.reply) == (Reach.INVITED, Reply.RESPONDED)


def test_an_answer_found_late_outdoes_a_later_confirmation_of_receipt():
    approach = reply(make_invited(), Reply.ACKNOWLEDGED, on=date(2026, 3, 10))
    reply(approach, Reply.RESPONDED, on=date(2026, 3, 5))
    assert (approach.reply, approach.reply_on) == (Reply.RESPONDED, date(2026, 3, 5))


def test_what_counts_as_a_response_may_change():
    approach = reply(make_invited(), Reply.DECLINED, on=date(2026, 3, 5))
    reply(approach, Reply.RESPONDED, on=date(2026, 3, 9))
    campaign = approach.campaign
    campaign.counts_as_response = ["responded", "declined"]
    campaign.save()
    approach.refresh_from_db()
    assert approach.reply_on == date(2026, 3, 5)
    assert figures(campaign) == figures(campaign, as_of=date(2026, 3, 20))
