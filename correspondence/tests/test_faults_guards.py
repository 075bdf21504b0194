"""F5, F6, F8, F13, the switch of F15: a server that puts off, refuses or drags, people who act while mail leaves."""

import collections
import time
from datetime import timedelta
from multiprocessing import get_context

import pytest
from django.db import transaction

from campaigns.models import Campaign
from campaigns.tests.make import NOW, invite, make_approach
from companies.models import Contact, Health
from correspondence import breaker, claims, control, outbox, recheck, reminders, results
from correspondence.models import Approved, Control, Message, Recipient, State, Wording

from .make import make_sending_campaign, make_step, queue_invitations
from .workers import Sink, Worker, send, states

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


def prepare(mails):
    with transaction.atomic():
        return queue_invitations(mails)


def sweeps(sink, minutes, workers=2):
    """Let so many processes sweep at each of these minutes of a clock that is turned, each minute together."""
    start = get_context("fork").Barrier(workers)

    def worker():
        for minute in minutes:
            start.wait(60)
            outbox.sweep(NOW + minute * MINUTE, way_out=sink.relay())

    alive = [Worker(worker) for _ in range(workers)]
    assert [one.join() for one in alive] == [0] * workers


def test_f5_six_hours_of_later_cost_no_mail_and_little_noise(tmp_path):
    prepare(80)
    storm = tmp_path / "storm"
    storm.touch()
    with Sink(tmp_path, busy_while=str(storm)) as sink:
        sweeps(sink, [0])
        opened = len(sink.seen())
        assert Control.objects.get().breaker_opened_at and opened <= breaker.LAST
        sweeps(sink, range(1, 31))
        assert len(sink.seen()) - opened <= 30
        sweeps(sink, range(35, 361, 5))
        tries = collections.Counter(mail for mail, *_rest in sink.seen())
        assert max(tries.values()) <= 8
        assert dict(states()) == {State.QUEUED: 80} and not sink.delivered()
        storm.unlink()
        sweeps(sink, range(361, 361 + 300, 20))
        assert dict(states()) == {State.SENT: 80} and set(sink.delivered().values()) == {1}
    assert not Control.objects.get().breaker_opened_at


def test_f5_turns_red_without_the_breaker(tmp_path, monkeypatch):
    prepare(80)
    monkeypatch.setattr(breaker, "heard", lambda *args, **values: False)
    storm = tmp_path / "storm"
    storm.touch()
    with Sink(tmp_path, busy_while=str(storm)) as sink:
        sweeps(sink, [0])
        assert len(sink.seen()) > breaker.LAST


def test_f6_an_address_that_is_dead_is_tried_once_and_never_reminded(tmp_path):
    messages = prepare(100)
    other, _none = make_sending_campaign(0, reminders_leave=Campaign.ReminderMode.AUTOMATIC)
    make_step(other, 21)
    for number, message in enumerate(messages):  # another campaign has invited the same contacts
        recipient = message.recipients.get()
        if number % 20 == 0:
            Recipient.objects.filter(pk=recipient.pk).update(address=f"dead{number}@company.example")
        if number % 20 in (0, 1):
            approach = make_approach(other, message.approach.company, contact=False)
            approach.chosen.create(contact_id=recipient.contact_id)
            invite(approach)
    with Sink(tmp_path, dead="^dead") as sink:
        sweeps(sink, [0])
        assert dict(states()) == {State.SENT: 95, State.FAILED: 5}
        assert Contact.objects.filter(health=Health.BOUNCED).count() == 5
        assert set(Message.objects.filter(state=State.FAILED).values_list("attempts", "last_code")) == {(1, 550)}
        later = NOW + timedelta(days=3)
        assert reminders.plan(later)["written"] == 5
        sweeps(sink, [3 * 24 * 60 + 1])
        reminded = Message.objects.filter(approach__campaign=other, state=State.SENT)
        assert reminded.count() == 5 and not reminded.filter(recipients__contact__health=Health.BOUNCED).exists()
        assert len(sink.dead()) == 5 and set(sink.dead().values()) == {1}


def test_f6_a_server_that_refuses_us_holds_all_mail_and_says_so_once(tmp_path):
    prepare(40)

    def worker():
        def note(*_args):
            with open(tmp_path / "alerts", "a") as file:
                file.write("alert\n")

        results.log.error = note
        outbox.sweep(NOW, way_out=sink.relay())

    with Sink(tmp_path, spam=True) as sink:
        workers = [Worker(worker) for _ in range(2)]
        assert [one.join() for one in workers] == [0, 0]
        assert len(sink.seen()) <= 2 and not sink.delivered()
    assert control.row().held_at and "554" in control.row().held_because
    assert (tmp_path / "alerts").read_text() == "alert\n"
    assert not Contact.objects.exclude(health=Health.WORKING).exists()
    assert states()[State.QUEUED] >= 38 and states()[State.UNKNOWN] == 0


def others_per_second(folder, mails=220, **options):
    """Send so many mails, each to a domain of its own and every eleventh to slow.example, with four workers."""
    folder.mkdir()
    with transaction.atomic():
        queued = queue_invitations(mails)
        for number, message in enumerate(queued):
            domain = "slow.example" if number % 11 == 3 else f"company{number}.example"
            Message.objects.filter(pk=message.pk).update(domain=domain)
            message.recipients.update(address=f"press{number}@{domain}")
    others = Message.objects.filter(pk__in=[mail.pk for mail in queued]).exclude(domain="slow.example")
    with Sink(folder, delay=0.1, **options) as sink:
        start = get_context("fork").Barrier(5)

        def worker():
            start.wait(60)
            send(sink.port, NOW + MINUTE, lease=30.0)

        workers = [Worker(worker) for _ in range(4)]
        start.wait(60)
        began = time.monotonic()
        wanted = set(others.values_list("message_id", flat=True))
        while not wanted <= set(sink.delivered()):
            time.sleep(0.02)
            assert time.monotonic() - began < 90
        took = time.monotonic() - began
        assert [one.join() for one in workers] == [0, 0, 0, 0]
        assert set(sink.delivered().values()) == {1}
    assert states()[State.UNKNOWN] == 0  # no lease was over while its mail was leaving
    return len(wanted) / took


def test_f8_a_slow_domain_does_not_keep_the_others(tmp_path, monkeypatch, settings):
    """Each worker waits once for the slow domain before that rests: what is measured has to be longer than that."""
    settings.OUTREACH_DOMAIN_AT_ONCE = 2
    monkeypatch.setattr(outbox, "SLUGGISH", 1.2)
    normal = others_per_second(tmp_path / "normal", 660)
    Message.objects.filter(state=State.QUEUED).update(state=State.CANCELLED)
    slow = others_per_second(tmp_path / "slow", 660, slow=["@slow", 2])
    assert slow >= 0.8 * normal, (slow, normal)


def test_f8_turns_red_where_a_slow_domain_does_not_rest(tmp_path):
    normal = others_per_second(tmp_path / "normal")
    slow = others_per_second(tmp_path / "slow", slow=["@slow", 2])
    assert slow < 0.8 * normal, (slow, normal)


STOPS = {
    "pause": lambda: Campaign.objects.update(paused_at=NOW),
    "switch": lambda: control.hold("Stop.", by=None, now=NOW),
}


@pytest.mark.parametrize("stop", STOPS)
def test_f13_f15_what_leaves_is_what_was_approved_and_stops_when_told(tmp_path, stop):
    messages = prepare(150)
    assert Approved.objects.count() == 150
    control.row()
    with Sink(tmp_path, delay=0.01) as sink:
        workers = [Worker(lambda: outbox.sweep(NOW, way_out=sink.relay())) for _ in range(2)]
        while len(sink.delivered()) < 10:
            time.sleep(0.01)
        Wording.objects.update(subject="Something else", body="Quite another text, {company}.")
        Contact.objects.update(email="", name="Somebody else")
        while len(sink.delivered()) < 60:
            time.sleep(0.01)
        STOPS[stop]()
        then = len(sink.delivered())
        assert [one.join() for one in workers] == [0, 0]
        assert 60 <= then < 150 and len(sink.delivered()) <= then + 2
        approved = {message.message_id: message for message in messages}
        hashes = dict(Approved.objects.values_list("message__message_id", "sha256"))
        for message_id, digest, to in sink.seen():
            assert digest == hashes[message_id]
            assert to == approved[message_id].recipients.get().address
    counted = states()
    assert counted[State.SENT] == len(sink.delivered()) and counted[State.SENT] + counted[State.QUEUED] == 150


def test_f15_turns_red_where_the_switch_is_not_read_at_the_point(tmp_path, monkeypatch):
    prepare(150)
    real = recheck.verdict
    monkeypatch.setattr(recheck, "verdict", lambda rows, now, probing: real([rows[0]._replace(stopped=None)], now))
    monkeypatch.setattr(claims, "BATCH", 200)
    with Sink(tmp_path, delay=0.01) as sink:
        workers = [Worker(lambda: outbox.sweep(NOW, way_out=sink.relay())) for _ in range(2)]
        while len(sink.delivered()) < 20:
            time.sleep(0.01)
        STOPS["switch"]()
        then = len(sink.delivered())
        assert [one.join() for one in workers] == [0, 0]
        assert len(sink.delivered()) > then + 2
