"""F1, F7, F19: workers killed, stopped and robbed of their lease, and a server that breaks off. Nothing twice."""

import os
import random
import signal
import time
from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.models import Approach
from campaigns.status import Reach
from campaigns.tests.make import NOW, make_invited
from correspondence import claims, unknown
from correspondence.models import Message, State

from .make import make_sending_campaign, queue, queue_invitations
from .workers import Sink, Worker, send, states, stop_self

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
N = int(os.environ.get("FAULT_MAILS", "500"))
KILLS = 50
SEED = 20260320


def prepare(mails=N):
    with transaction.atomic():
        queue_invitations(mails)


def prepare_corrections(mails=N):
    """Letters that no status stops: what keeps them from leaving twice is the lease alone."""
    with transaction.atomic():
        campaign, _none = make_sending_campaign(0)
        for _ in range(mails):
            queue(make_invited(campaign), "batch:1", "correction")


def judge(sink, unknown_at_most, lost=()):
    """Return the number of doubles, after the claims that hold whatever happened."""
    delivered, counted = sink.delivered(), states()
    assert sum(counted.values()) == Message.objects.count()
    assert counted[State.UNKNOWN] <= unknown_at_most, counted
    sent = set(Message.objects.filter(state=State.SENT).values_list("message_id", flat=True))
    assert sent <= set(delivered), "marked as sent and never taken"
    return sum(times - 1 for times in delivered.values())


def run_killing(sink, kills, broken=None, at_once=1):
    """Send with three workers, and kill them at chosen moments until so many have died; return how many."""
    chance, killed, alive = random.Random(SEED), 0, []
    now = NOW + timedelta(minutes=1)
    while killed < kills or alive:
        for worker in [one for one in alive if one.ended()]:
            alive.remove(worker)
            killed += worker.code == -signal.SIGKILL
            assert worker.code in (0, -signal.SIGKILL)
        if killed < kills and len(alive) < 3:
            failpoint = chance.choice(["claimed", "data", "250", None])
            nth = 1 if failpoint == "claimed" else chance.randint(1, 12)
            options = {"failpoint": failpoint, "nth": nth, "broken": broken, "at_once": at_once}
            alive.append(Worker(lambda options=options: send(sink.port, now, **options)))
            if not failpoint:
                time.sleep(chance.uniform(0.01, 0.15))
                alive[-1].signal(signal.SIGKILL)
        elif killed >= kills:
            time.sleep(0.02)
        if not Message.objects.filter(state__in=[State.QUEUED, State.LEASED, State.DATA]).exists():
            break
        time.sleep(0.005)
    for worker in alive:
        worker.signal(signal.SIGKILL)
        killed += worker.join() == -signal.SIGKILL
    last = Worker(send, sink.port, now)
    assert last.join() == 0
    return killed


def test_f1_killed_workers_send_nothing_twice(tmp_path):
    prepare()
    with Sink(tmp_path, delay=0.004) as sink:
        killed = run_killing(sink, KILLS)
        assert killed >= KILLS
        assert judge(sink, killed) == 0
        assert set(states()) <= {State.SENT, State.UNKNOWN}
        delivered = sink.delivered()
        unknown.resolve(lambda message: message.message_id in delivered, NOW, is_complete=True)
        assert Worker(send, sink.port, NOW + timedelta(minutes=1)).join() == 0
        assert judge(sink, 0) == 0
        assert dict(states()) == {State.SENT: N} and len(sink.delivered()) == N
    assert Approach.objects.filter(reach=Reach.INVITED).count() == N


def test_f1_workers_with_several_connections_send_nothing_twice(tmp_path):
    """A killed worker leaves at most one mail in doubt for each of its connections."""
    prepare()
    with Sink(tmp_path, delay=0.004) as sink:
        killed = run_killing(sink, 15, at_once=4)
        assert killed >= 15
        assert judge(sink, 4 * killed) == 0
        assert set(states()) <= {State.SENT, State.UNKNOWN}


def test_f1_turns_red_when_mails_are_marked_after_the_batch(tmp_path):
    prepare(200)
    with Sink(tmp_path, delay=0.004) as sink:
        run_killing(sink, 12, broken="commits")
        assert sum(times - 1 for times in sink.delivered().values()) > 0


def test_f7_a_server_that_breaks_off(tmp_path):
    prepare()
    faults = {"cut_in_data": 29, "lost_reply": 41, "cut_at_connect": 5, "busy": 53}
    with Sink(tmp_path, **faults) as sink:
        now = NOW + timedelta(minutes=1)
        for _round in range(12):
            workers = [Worker(send, sink.port, now) for _ in range(2)]
            assert [worker.join() for worker in workers] == [0, 0]
            now += timedelta(hours=5)
        assert judge(sink, N) == 0
        assert set(states()) == {State.SENT, State.UNKNOWN}
        doubtful = set(Message.objects.filter(state=State.UNKNOWN).values_list("message_id", flat=True))
        arrived = doubtful & set(sink.delivered())
        lost, cut = len(sink.delivered()) // faults["lost_reply"], len(doubtful - arrived)
        assert len(arrived) == lost  # every lost answer, and each of them, is in doubt
        assert len(sink.delivered()) == N - cut  # a small mail is gone before we see that nobody listens


def run_stolen(sink, broken=None):
    """Workers that stop at a failpoint while others take over what they had, and then wake."""
    now, stopped = NOW + timedelta(minutes=1), []
    for failpoint in ("claimed", "data", "250"):
        for nth in (1, 3):
            worker = Worker(
                lambda f=failpoint, n=nth: send(
                    sink.port, now, lease=0.3, failpoint=f, nth=1 if f == "claimed" else n, act=stop_self, broken=broken
                )
            )
            stopped.append(worker)
    time.sleep(1.2)  # all of them stand still, and their leases are over
    others = [Worker(lambda: send(sink.port, now, lease=0.3, broken=broken)) for _ in range(2)]
    for worker in others:
        assert worker.join() == 0
    for worker in stopped:
        worker.signal(signal.SIGCONT)
    for worker in stopped:
        assert worker.join() == 0


def test_f19_a_stolen_lease_sends_nothing_twice(tmp_path):
    prepare_corrections()
    with Sink(tmp_path) as sink:
        run_stolen(sink)
        assert judge(sink, 6 * claims.BATCH) == 0
        assert set(states()) <= {State.SENT, State.UNKNOWN}


def test_f19_turns_red_without_fencing(tmp_path):
    prepare_corrections(200)
    with Sink(tmp_path) as sink:
        run_stolen(sink, broken="fencing")
        assert sum(times - 1 for times in sink.delivered().values()) > 0
