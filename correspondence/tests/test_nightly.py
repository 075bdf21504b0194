"""F20, F21: what takes too long for every run. `make test-nightly` runs them; they bring a PostgreSQL cluster."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from .servers import HAS_POSTGRES, Cluster, free_port
from .test_faults_services import Visitor, environment, running, until
from .workers import Sink

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(os.environ.get("NIGHTLY") != "1", reason="only by make test-nightly"),
    pytest.mark.skipif(not HAS_POSTGRES, reason="needs the programs of a PostgreSQL server"),
]
MAILS = int(os.environ.get("NIGHTLY_MAILS", "100000"))
GROWTH = 20 * 1024  # KB that a worker may grow by
PARTY = Path(__file__).with_name("party.py")
AS_PARTY = f"import runpy, sys; sys.path.insert(0, ''); runpy.run_path({str(PARTY)!r}, run_name='__main__')"


def git(*arguments):
    said = subprocess.run(["git", *arguments], cwd=settings.BASE_DIR, check=True, capture_output=True, text=True)
    return said.stdout.split()


@contextmanager
def release_before(folder):
    """Check out what stood before the newest migration; yield (its folder, {app: its newest migration})."""
    newest = git("log", "-1", "--diff-filter=A", "--format=%H", "--", "*/migrations/0*.py")[0]
    git("worktree", "add", "--detach", str(folder), f"{newest}~1")
    try:
        apps = {}
        for file in sorted(folder.glob("*/migrations/0*.py")):
            apps[file.parts[-3]] = file.stem
        yield folder, apps
    finally:
        git("worktree", "remove", "--force", str(folder))


def call(*command, cwd, **ours):
    """Run one of a release's commands; return what it printed."""
    command = [sys.executable, *map(str, command)]
    done = subprocess.run(command, cwd=cwd, env=environment(**ours), capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    return done.stdout


def test_f20_a_migration_under_old_workers_and_back(tmp_path):
    new = settings.BASE_DIR
    with release_before(tmp_path / "old") as (old, before), Cluster(tmp_path) as cluster, Sink(tmp_path) as sink:
        port, mails = free_port(), 200
        to = {"DATABASE_URL": cluster.url, "SITE_URL": f"http://127.0.0.1:{port}", "PYTHONWARNINGS": "ignore"}
        party = ("-c", AS_PARTY)
        web = ("-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "4", "outreach.wsgi")
        call(*party, "prepare", mails, cwd=old, **to)
        visitor = Visitor(f"http://127.0.0.1:{port}/en/campaigns/party/")
        with running(*web, cwd=old, **to), running(*party, "send", str(sink.port), cwd=old, **to) as worker:
            visitor.start()
            until(lambda: any(code == 200 for _at, code in visitor.seen), 30)
            up = len(visitor.seen)
            call("manage.py", "migrate", "--noinput", cwd=new, **to)
            until(lambda: worker.poll() is not None, 120)
            time.sleep(1)
            assert {code for _at, code in visitor.seen[up:]} == {200}, "the old site bears the new tables"
        visitor.going = False
        call(*party, "more", mails, cwd=new, **to)
        call(*party, "send", sink.port, cwd=new, **to)
        for app, migration in before.items():
            call("manage.py", "migrate", app, migration, "--noinput", cwd=new, **to)
        call(*party, "more", mails, cwd=old, **to)
        call(*party, "send", sink.port, cwd=old, **to)
        states, _sent = json.loads(call(*party, "states", cwd=old, **to))
        came = sink.delivered()
    assert states == {"sent": 3 * mails} and len(came) == sum(came.values()) == 3 * mails, "0 doubled, 0 lost"


def memory(pid):
    """Return a process's resident memory in KB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def test_f21_a_long_run_does_not_grow(tmp_path):
    with Cluster(tmp_path) as cluster, Sink(tmp_path) as sink:
        to = {"DATABASE_URL": cluster.url, "PYTHONWARNINGS": "ignore"}
        call("-m", "correspondence.tests.party", "prepare", MAILS, cwd=settings.BASE_DIR, **to)
        with running("-m", "correspondence.tests.party", "send", str(sink.port), **to) as worker:
            until(lambda: len(sink.delivered()) > MAILS // 10, 3600)
            began, size, last = memory(worker.pid), 0, 0
            while worker.poll() is None:
                size = max(size, last)
                last = memory(worker.pid) if worker.poll() is None else last
                time.sleep(1)
        came = sink.delivered()
        print(f"\n{MAILS} mails, memory from {began} to {size} KB")
    assert len(came) == sum(came.values()) == MAILS
    assert size - began < GROWTH
