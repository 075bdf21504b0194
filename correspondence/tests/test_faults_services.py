"""F2, F3, F4: a broker emptied, killed and full; a database that dies; a full disk. Real servers, real processes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.test import Client
from kombu.exceptions import OperationalError
from redis import RedisError

from campaigns import clock
from campaigns.tests.make import NOW
from correspondence import outbox, relay
from correspondence.models import Message, State

from .make import queue_invitations
from .servers import HAS_POSTGRES, HAS_REDIS, Cluster, Redis, free_port
from .workers import Sink

pytestmark = [pytest.mark.faults]
WAVE = 30  # mails at a time
MAILS = int(os.environ.get("FAULT_MAILS", "200"))
LONG_AGO = 120  # seconds: two ticks


def environment(**ours):
    """Return what a process of the site is given."""
    given = {
        "DJANGO_SETTINGS_MODULE": "outreach.settings",
        "SECRET_KEY": "for-tests-only-" + "x" * 40,
        "SITE_URL": "http://127.0.0.1:1",
        "VAR_DIR": str(settings.VAR_DIR),
        "OUTREACH_DOMAIN_HOUR": "0",
        "OUTREACH_DOMAIN_AT_ONCE": "0",
        "LOG_LEVEL": "CRITICAL",
    }
    return {**os.environ, **given, **ours}


@contextmanager
def running(*command, again=False, cwd=settings.BASE_DIR, **ours):
    """Run a process of the site, ended with all its children; `again` starts it anew when it dies, as systemd does."""
    command = [sys.executable, *command]
    if again:
        command = ["sh", "-c", 'while true; do "$@"; sleep 1; done', "again", *command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen(command, env=environment(**ours), cwd=cwd, **quiet)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def database_url():
    """Return the URL of the tests' database, for another process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"


def until(true, seconds, act=lambda: None):
    """Wait until `true()`, calling `act` every second; return how long it took, or fail."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "this took too long"
        act()
        time.sleep(0.25)
    return time.monotonic() - began


def wave():
    queue_invitations(WAVE, now=clock.now(), closes_on=date(2099, 1, 1), deadline=date(2098, 1, 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not HAS_REDIS, reason="needs redis-server")
def test_f2_an_emptied_killed_or_full_broker_loses_and_doubles_nothing(tmp_path):
    with Redis(tmp_path) as broker, Sink(tmp_path, delay=0.01) as sink:
        clockwork = Celery(broker=broker.url, broker_connection_retry=False)
        clockwork.conf.task_default_queue = "default"
        clockwork.conf.broker_transport_options = {"max_retries": 0, "socket_connect_timeout": 1}

        def ring():
            """What Celery's beat does every minute."""
            with suppress(OperationalError, RedisError, ConnectionError):
                clockwork.send_task("correspondence.tasks.tick", expires=55, retry=False)

        def delivered(mails):
            return lambda: len(sink.delivered()) >= mails

        to = {"DATABASE_URL": database_url(), "REDIS_URL": broker.url, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        wave()
        with running("-m", "celery", "-A", "outreach", "worker", "-c", "2", again=True, **to):
            until(delivered(WAVE // 3), 60, ring)
            for _ in range(3):
                broker.client.flushall()
                time.sleep(0.1)
            until(delivered(WAVE), LONG_AGO, ring)

            broker.kill()
            wave()
            ring()
            time.sleep(3)
            assert Client().get("/en/campaigns/", secure=True).status_code == 200
            assert len(sink.delivered()) == WAVE
            broker.start()
            until(delivered(2 * WAVE), LONG_AGO, ring)

            broker.client.config_set("maxmemory", "1")  # Celery's worker dies of it
            wave()
            ring()
            time.sleep(1)
            broker.client.config_set("maxmemory", "0")
            until(delivered(3 * WAVE), LONG_AGO, ring)
            until(lambda: set(Message.objects.values_list("state", flat=True)) == {State.SENT}, 30)
        came = sink.delivered()
    assert len(came) == 3 * WAVE == sum(came.values()), "each once"


class Visitor(threading.Thread):
    """Reads a public page all the time; notes when it got what."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.seen, self.going = url, [], True

    def run(self):
        while self.going:
            try:
                with urllib.request.urlopen(self.url, timeout=10) as page:
                    code = page.status
            except urllib.error.HTTPError as fault:
                code = fault.code
            except OSError:
                code = 0
            self.seen.append((time.monotonic(), code))
            time.sleep(0.1)


@pytest.mark.skipif(not HAS_POSTGRES, reason="needs the programs of a PostgreSQL server")
@pytest.mark.skipif(not settings.DATABASE_URL.startswith("postgres"), reason="part of the suite on services")
def test_f3_a_database_that_dies_every_few_seconds(tmp_path):
    with Cluster(tmp_path) as cluster, Sink(tmp_path, delay=0.02) as sink:
        port = free_port()
        to = {"DATABASE_URL": cluster.url, "SITE_URL": f"http://127.0.0.1:{port}", "PYTHONWARNINGS": "ignore"}
        party = ("-m", "correspondence.tests.party")
        subprocess.run([sys.executable, *party, "prepare", str(MAILS)], env=environment(**to), check=True)
        web = ("-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "4", "outreach.wsgi")
        worker = (*party, "send", str(sink.port))
        with running(*web, **to), running(*worker, **to) as one, running(*worker, **to) as two:
            visitor = Visitor(f"http://127.0.0.1:{port}/en/campaigns/party/")
            until(lambda: sink.path.exists() and sink.path.stat().st_size, 60)
            visitor.start()
            until(lambda: any(code == 200 for _at, code in visitor.seen), 30)
            deaths, up = 0, 0.0
            while deaths < 4:
                time.sleep(1.5)
                cluster.cut_connections()
                time.sleep(0.5)
                cluster.die()
                deaths += 1
                time.sleep(0.5)
                cluster.start()
                up = time.monotonic()
            until(lambda: any(at > up and code == 200 for at, code in visitor.seen), 10)
            until(lambda: one.poll() is not None and two.poll() is not None, 120)
            last = time.monotonic()
            time.sleep(1)
            visitor.going = False
            visitor.join()
            assert one.returncode == two.returncode == 0
        assert all(code == 200 for at, code in visitor.seen if at > last), "the site is back without a restart"
        assert any(code != 200 for _at, code in visitor.seen), "the database was never away"
        said = subprocess.run(
            [sys.executable, *party, "states"], env=environment(**to), check=True, capture_output=True
        )
        states, sent = json.loads(said.stdout)
        came = sink.delivered()
    assert max(came.values()) == 1, "0 doubled"
    assert sum(states.values()) == MAILS and set(states) <= {"sent", "unknown"}, states
    assert states.get("unknown", 0) <= 2 * 2 * deaths, states  # one an open connection, at each cut and each death
    assert set(sent) <= set(came), "marked as sent and never taken"


@contextmanager
def small_disk(folder, size):
    """A disk of so many bytes at `folder`; None where this machine does not let us mount one."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.django_db(transaction=True)
def test_f4_a_full_disk_keeps_mail_and_leaves_no_half_of_one(tmp_path):
    queue_invitations(40, now=NOW)
    hashes = set(Message.objects.values_list("sha256", flat=True))
    with small_disk(tmp_path / "mail", 32 * 1024) as folder:
        outbox.sweep(NOW, way_out=relay.FileRelay(folder))
        waiting = Message.objects.filter(state=State.QUEUED).count()
        written = Message.objects.filter(state=State.SENT).count()
        assert waiting and written and waiting + written == 40, "what does not fit waits"
        assert len(list(folder.glob("*.eml"))) == written
        subprocess.run(["mount", "-o", "remount,size=1m", str(folder)], check=True)
        outbox.sweep(NOW + timedelta(hours=1), way_out=relay.FileRelay(folder))
        assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
        assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.eml")} == hashes
        assert not list(folder.glob("*.tmp"))
