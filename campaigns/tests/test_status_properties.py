"""Any sequence of moves and retractions leaves the stored state equal to what the events say."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import days, status
from campaigns.closing import close, move_close
from campaigns.figures import figures
from campaigns.models import Approach, Campaign, Event
from campaigns.nightly import mismatches
from campaigns.status import IllegalMove, Reach, Reply

from .make import NOW, make_approach, make_campaign

START = date(2026, 3, 1)
pytestmark = pytest.mark.django_db

day = st.integers(0, 19).map(lambda n: days.exactly(START + timedelta(days=n)))
company = st.integers(0, 2)
act = st.one_of(
    st.tuples(st.just("move"), company, st.sampled_from([*Reach, *Reply]), day, st.booleans()),
    st.tuples(st.just("attempt"), company, st.sampled_from(["reminded", "contacted", "returned"]), day),
    st.tuples(st.just("retract"), st.integers(0, 60)),
    st.tuples(st.just("close")),
    st.tuples(st.just("reopen")),
)


class Rollback(Exception):
    pass


def perform(campaign, stale, one, at):
    """Do one act as a person would; what is refused changes nothing. `stale` are objects read at the beginning."""
    kind, *args = one
    approaches = list(campaign.approaches.all())
    try:
        if kind == "move":
            which, to, on, use_stale = args
            facts = {"kind": "invited", "result": "accepted"} if to == Reach.INVITED else {}
            status.advance((stale if use_stale else approaches)[which], to, now=at, on=on, **facts)
        elif kind == "attempt":
            status.record(approaches[args[0]], args[1], now=at, on=args[2], result="accepted")
        elif kind == "retract" and (events := list(Event.objects.filter(approach__campaign=campaign))):
            status.retract(events[args[0] % len(events)], now=at, reason="mended")
        elif kind == "close":
            close(campaign, None, now=at)
        elif kind == "reopen":
            move_close(Campaign.objects.get(pk=campaign.pk), None, None, now=at, reason="again")
    except IllegalMove:
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(act, max_size=14))
def test_stored_state_is_what_the_events_say_and_past_figures_never_change(acts):
    with pytest.raises(Rollback), transaction.atomic():
        campaign = make_campaign(closes_on=None)
        stale = [make_approach(campaign, contact=False, added_at=NOW) for _ in range(3)]
        told = []
        for number, one in enumerate(acts):
            at = NOW + timedelta(seconds=number)
            perform(campaign, stale, one, at)
            campaign.refresh_from_db()
            assert mismatches() == []
            assert figures(campaign) == figures(campaign, as_of=NOW.date())
            told.append((at, figures(campaign, as_of=START + timedelta(days=9))))
            for silent in Approach.objects.filter(campaign=campaign, reply=Reply.SILENT):
                assert status.delivered(list(silent.events.all())) and campaign.closed_at
        for at, then in told:
            assert figures(campaign, as_of=START + timedelta(days=9), known=at) == then
        raise Rollback
