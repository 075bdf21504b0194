"""F10 and F14: many clocks at once, a stop that races the point of no return, two mails that race to one contact."""

import json
import os
import random
import time
from datetime import timedelta
from multiprocessing import get_context

import pytest
from django.db import connection, transaction

from campaigns import clock, status
from campaigns.models import Campaign
from campaigns.status import Reply
from campaigns.tests.make import NOW, invite, make_approach, make_invited
from companies.models import Contact, Health
from correspondence import claims, outbox, recheck, reminders
from correspondence.models import Message, State
from correspondence.relay import Answer
from correspondence.tick import tick

from .make import make_sending_campaign, make_step, queue
from .workers import BREAK, Sink, Worker, states

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
RACES = int(os.environ.get("FAULT_RACES", "600"))
DUE = NOW.replace(day=16, hour=9, minute=0)


def test_f10_ten_clocks_at_once_write_and_send_each_reminder_once(tmp_path, settings):
    companies = 60
    with transaction.atomic():
        campaign, _none = make_sending_campaign(0, reminders_leave=Campaign.ReminderMode.AUTOMATIC)
        make_step(campaign, 14)
        make_step(campaign, 15)
        for _ in range(companies):
            make_invited(campaign)
    with Sink(tmp_path, delay=0.002) as sink:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
        for now in (DUE, DUE + timedelta(days=1, minutes=1)):
            start = get_context("fork").Barrier(12)

            def ring(now=now, start=start):
                start.wait()
                tick(now)

            def schedule(now=now, start=start):
                start.wait()
                reminders.plan(now)

            clocks = [Worker(ring) for _ in range(10)] + [Worker(schedule) for _ in range(2)]
            assert [clock.join() for clock in clocks] == [0] * 12
            tick(now + timedelta(minutes=5))
        delivered = sink.delivered()
    assert len(delivered) == 2 * companies and max(delivered.values()) == 1
    assert dict(states()) == {State.SENT: 2 * companies}


class NullRelay:
    """Takes everything at once."""

    def open(self):
        pass

    def envelope(self, sender, addresses):
        return Answer(250, "OK"), dict.fromkeys(addresses, Answer(250, "OK"))

    def data(self, mime, name):
        return Answer(250, "OK")

    reset = close = drop = open


def stop(approach, number):
    """One of three stops, committed under the approach's lock as every door does it."""
    if number % 3 == 0:
        status.advance(approach, Reply.RESPONDED, now=NOW)
        return
    with transaction.atomic():
        status.lock(approach)
        health = Health.BOUNCED if number % 3 == 1 else Health.OPTED_OUT
        Contact.objects.filter(company=approach.company_id).update(health=health)


def race(tmp_path, races, broken=None):
    """Let a sender and a stop meet at each of so many reminders; return how many left after the stop was committed."""
    with transaction.atomic():
        campaign, _none = make_sending_campaign(0)
        for _ in range(races):
            queue(make_invited(campaign), "reminder:1", "reminder")
    start = get_context("fork").Barrier(2)
    order = list(Message.objects.order_by("approach_id").values_list("pk", flat=True))

    def sender():
        if broken:
            BREAK[broken]()
        passed, chance, real = {}, random.Random(1), claims.pass_point

        def slow(message, token, now):
            done = real(message, token, now)
            time.sleep(chance.uniform(0, 0.002))
            passed[str(message.pk)] = time.monotonic()  # the commit comes after this
            return done

        claims.pass_point = slow
        for pk in order:
            Message.objects.filter(pk=pk).update(not_before=NOW)
            one = outbox.Sender(NullRelay(), NOW)
            claim = claims.claim(NOW)
            start.wait()
            time.sleep(chance.uniform(0, 0.004))
            one.work(claim, time.monotonic() + 60)
        (tmp_path / "passed").write_text(json.dumps(passed))

    def stopper():
        stopped, chance = {}, random.Random(2)
        for number, message in enumerate(Message.objects.order_by("approach_id").select_related("approach")):
            start.wait()
            time.sleep(chance.uniform(0, 0.008))
            claims.retried(lambda m=message, n=number: stop(m.approach, n))
            stopped[str(message.pk)] = time.monotonic()  # the commit came before this
        (tmp_path / "stopped").write_text(json.dumps(stopped))

    Message.objects.update(not_before=NOW + timedelta(days=1))
    racers = [Worker(sender), Worker(stopper)]
    assert [racer.join() for racer in racers] == [0, 0]
    passed, stopped = (json.loads((tmp_path / name).read_text()) for name in ("passed", "stopped"))
    counted = states()
    assert counted[State.SENT] + counted[State.CANCELLED] == races
    if not broken:  # both ways must have been taken, or nothing was raced
        assert counted[State.SENT] > races // 20 and counted[State.CANCELLED] > races // 20, counted
    sent = map(str, Message.objects.filter(state=State.SENT).values_list("pk", flat=True))
    return sum(stopped[pk] < passed[pk] for pk in sent)


def test_f14_nothing_leaves_after_a_committed_stop(tmp_path):
    assert race(tmp_path, RACES) == 0


def test_f14_turns_red_without_the_lock(tmp_path):
    assert race(tmp_path, 200, broken="lock") > 0


def race_to_one_contact(pairs, broken=False):
    """Let two workers send automatic mails of two campaigns to the same contacts; return how many got both."""
    with transaction.atomic():
        campaign, other = make_sending_campaign(0)[0], make_sending_campaign(0)[0]
        mails = []
        for _ in range(pairs):
            one = make_invited(campaign)
            same = make_approach(other, one.company, contact=False)
            same.chosen.create(contact=one.chosen.get().contact)
            mails.append([queue(row, "reminder:1", "reminder").pk for row in (one, invite(same))])
    Message.objects.update(not_before=NOW + timedelta(days=1))
    start = get_context("fork").Barrier(2)

    def sender(place):
        if broken:
            recheck.lock_contacts = lambda message: None
        real, chance = claims.pass_point, random.Random(place)

        def slow(message, token, now):
            done = real(message, token, now)
            time.sleep(chance.uniform(0, 0.004))
            return done

        claims.pass_point = slow
        for pair in mails:
            token = pair[place]
            lease = {"lease_token": token, "lease_until": clock.real_now() + claims.LEASE, "attempts": 1}
            Message.objects.filter(pk=pair[place]).update(state=State.LEASED, **lease)
            claim = claims.Claim(token, list(Message.objects.filter(pk=pair[place])))
            start.wait(60)
            outbox.Sender(NullRelay(), NOW).work(claim, time.monotonic() + 60)

    racers = [Worker(sender, place) for place in (0, 1)]
    assert [racer.join() for racer in racers] == [0, 0]
    sent = set(Message.objects.filter(state=State.SENT).values_list("pk", flat=True))
    assert all(sent & set(pair) for pair in mails)
    return sum(sent >= set(pair) for pair in mails)


def test_of_two_automatic_mails_to_one_contact_one_leaves():
    assert race_to_one_contact(RACES // 6) == 0


def test_two_automatic_mails_leave_without_the_lock_of_the_contact():
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time")
    assert race_to_one_contact(100, broken=True) > 0
