from datetime import timedelta

import pytest

from campaigns.tests.make import NOW
from correspondence import breaker, control, outbox, relay
from correspondence.models import Control, Message, State
from correspondence.relay import Answer

from .fakes import FakeRelay
from .make import queue_invitations

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = Answer(451, "not now")


@pytest.fixture(autouse=True)
def one_domain(settings):
    settings.OUTREACH_DOMAIN_HOUR = 0


def sweep(way_out=None, now=NOW):
    return outbox.sweep(now, way_out=way_out or FakeRelay())


def is_open():
    return bool(Control.objects.get().breaker_opened_at)


def test_five_connections_in_a_row_that_fail_open_it():
    queue_invitations(2)
    for tries in range(5):
        assert not (tries and is_open())
        sweep(FakeRelay(opening=relay.Broken("no route")), NOW + 2 * tries * MINUTE)
    assert is_open() and Control.objects.get().breaker_because == "no route"
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}


def test_a_mail_in_between_begins_the_count_anew():
    queue_invitations(1)
    for tries in range(8):
        sweep(FakeRelay(opening=relay.Broken("no route")) if tries != 4 else None, NOW + 2 * tries * MINUTE)
        if tries == 4:
            queue_invitations(1)
    assert not is_open()


def test_a_server_that_is_busy_at_its_door_counts_as_unreachable_and_holds_nothing():
    queue_invitations(1)
    for tries in range(5):
        sweep(FakeRelay(opening=relay.Refused(421, "too many")), NOW + 2 * tries * MINUTE)
    assert is_open() and not control.row().held_at


@pytest.mark.parametrize("busy", [{"last": LATER}, {"mail": LATER}])
def test_more_than_half_of_fifty_put_off_opens_it_in_mid_batch(busy):
    queue_invitations(40)
    assert sweep(FakeRelay(**busy))["queued"] == 26
    assert is_open()
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0] * 14 + [1] * 26


def test_some_that_are_put_off_among_many_do_not_open_it():
    messages = queue_invitations(60)
    way_out = FakeRelay({m.recipients.get().address: LATER for m in messages[::3]})
    assert sweep(way_out) == {"sent": 40, "queued": 20}
    assert not is_open() and Control.objects.get().answers.count(".") > 25


def given_up(mails=3):
    queue_invitations(mails)
    control.row()
    Control.objects.update(breaker_opened_at=NOW, probed_at=NOW)


def test_one_mail_a_minute_tries_it_and_the_first_success_closes_it():
    given_up()
    busy = FakeRelay(last=LATER)
    assert sweep(busy, NOW + 0.9 * MINUTE) == {}
    assert sweep(busy, NOW + MINUTE) == {"queued": 1} and is_open()
    assert sweep(busy, NOW + 1.5 * MINUTE) == {}
    assert sweep(None, NOW + 2 * MINUTE) == {"sent": 2} and not is_open()


def test_a_person_has_it_tried_at_once():
    given_up()
    assert sweep() == {}
    breaker.try_now()
    assert sweep() == {"sent": 3}


def test_of_many_workers_one_wins_the_probe():
    given_up()
    now = NOW + MINUTE
    assert [breaker.may_try(now) for _ in range(3)] == [(True, True), (False, False), (False, False)]


def test_a_worker_in_mid_batch_stops_when_another_opens_it():
    queue_invitations(5)

    class Opened(FakeRelay):
        def data(self, mime, name):
            Control.objects.update(breaker_opened_at=NOW, probed_at=NOW)
            return super().data(mime, name)

    assert sweep(Opened()) == {"sent": 1, "queued": 4}
    assert set(Message.objects.filter(state=State.QUEUED).values_list("attempts", flat=True)) == {0}


def test_a_refused_recipient_shows_that_the_server_works():
    given_up(1)
    address = Message.objects.get().recipients.get().address
    assert sweep(FakeRelay({address: Answer(550, "no such user")}), NOW + MINUTE) == {"failed": 1}
    assert not is_open()
