"""Processes that send, to be killed, stopped and raced; and switches that take a guard away, so that it is seen red.

A worker is a fork of the test's process with connections of its own. Breaking a guard is done here, in the worker, by
replacing a function: the product has no such switch.
"""

import collections
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils import timezone

from campaigns.models import Approach
from correspondence import claims, outbox, recheck, relay
from correspondence.models import Message, State
from correspondence.relay_url import Relay


class Sink:
    """The mail server, in its own process."""

    def __init__(self, folder, **options):
        self.path = folder / "ledger"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "correspondence.tests.sink", str(self.path), json.dumps(options)],
            stdout=subprocess.PIPE,
        )
        self.port = int(self.process.stdout.readline())

    def delivered(self):
        """Return a Counter of the Message-IDs of all mails that were taken."""
        return collections.Counter(self.path.read_text().split())

    def seen(self):
        """Return [(Message-ID, SHA-256, recipients)] of all mails that it was given, taken or not."""
        return [tuple(line.split()) for line in Path(f"{self.path}.seen").read_text().splitlines()]

    def dead(self):
        """Return a Counter of the recipients that it refused."""
        return collections.Counter(Path(f"{self.path}.dead").read_text().split())

    def relay(self):
        return relay.SmtpRelay(Relay("smtp", "127.0.0.1", self.port))

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


class Worker:
    """A process that runs `target(*args)`."""

    def __init__(self, target, *args):
        connections.close_all()
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                random.seed()
                target(*args)
                code = 0
            except BaseException:  # noqa: BLE001  whatever it is, this process must not go on as a second pytest
                traceback.print_exc()
            finally:
                os._exit(code)
        self.code = None

    def ended(self, wait=False):
        if self.code is None:
            pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def signal(self, number):
        if not self.ended():
            os.kill(self.pid, number)

    def join(self):
        self.ended(wait=True)
        return self.code


def at(failpoint, act, nth=1):
    """Call `act` in this process at the nth time that a mail reaches the failpoint.

    failpoint  "claimed", "data" (the point of no return is committed) or "250" (the server has taken it)
    """
    seen = {"n": 0}

    def reached():
        seen["n"] += 1
        if seen["n"] == nth:
            act()

    def wrap(owner, name, before):
        real = getattr(owner, name)

        def wrapped(*args, **kwargs):
            if before:
                reached()
                return real(*args, **kwargs)
            result = real(*args, **kwargs)
            reached()
            return result

        setattr(owner, name, wrapped)

    owner, name, before = {
        "claimed": (claims, "claim", False),
        "data": (relay.SmtpRelay, "data", True),
        "250": (relay.SmtpRelay, "data", False),
    }[failpoint]
    wrap(owner, name, before)


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)


def stop_self():
    os.kill(os.getpid(), signal.SIGSTOP)


def send(port, now, *, lease=2.0, failpoint=None, nth=1, act=kill_self, broken=None, seconds=60, at_once=1):
    """Be one worker with so many connections at once: sweep until nothing is due; then look for expired leases until
    every mail is at rest.
    """
    claims.LEASE = timedelta(seconds=lease)
    settings.OUTREACH_CONNECTIONS, settings.EMAIL_URL = at_once, f"smtp://127.0.0.1:{port}"
    if broken:
        BREAK[broken]()
    if failpoint:
        at(failpoint, act, nth)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            outbox.sweep(now)
        except relay.Refused:
            time.sleep(0.05)
        if not Message.objects.filter(state__in=[State.QUEUED, State.LEASED, State.DATA], not_before__lte=now).exists():
            return
        time.sleep(0.05)


def break_fencing():
    """Updates no longer ask whose row it is, nor in which state."""
    claims.owned = lambda message, token, state: Message.objects.filter(pk=message.pk)
    claims.mark_sent = lambda message, token, now, answer: bool(
        claims.owned(message, token, State.DATA).update(
            state=State.SENT, sent_at=now, data_at=now, lease_token=None, lease_until=None
        )
    )
    claims.pass_point = lambda message, token, now: bool(
        claims.owned(message, token, State.LEASED).update(
            state=State.DATA, data_at=now, lease_token=token, lease_until=timezone.now() + claims.LEASE
        )
    )


def break_lock():
    """The facts are read before the transaction in which the mail passes its point, and the approach is not locked."""
    real, seen = recheck.look_again, {}

    def pass_point(self, message, token, envelope, real_pass=outbox.Sender.pass_point):
        seen[message.pk] = real(message, self.now)
        return real_pass(self, message, token, envelope)

    outbox.Sender.pass_point = pass_point
    recheck.lock_approaches = lambda keys: {
        key: recheck.Locked(reach, "UTC")
        for key, reach in Approach.objects.filter(pk__in=keys).values_list("pk", "reach")
    }
    recheck.look_again = lambda message, now, probing: seen[message.pk]


def break_commits():
    """Mails are sent first, and marked when the batch is over."""
    batch = []
    outbox.Sender.pass_point = lambda self, message, token, envelope: True

    def settle(self):
        for message in batch:
            Message.objects.filter(pk=message.pk).update(
                state=State.SENT, data_at=self.now, sent_at=self.now, lease_token=None, lease_until=None
            )
        batch.clear()
        self.pending = None

    def transmit(self, message, token, envelope, real=outbox.Sender.transmit):
        real(self, message, token, envelope)
        batch.append(message)

    outbox.Sender.settle, outbox.Sender.transmit = settle, transmit


BREAK = {"fencing": break_fencing, "lock": break_lock, "commits": break_commits}


def states():
    return collections.Counter(Message.objects.values_list("state", flat=True))
