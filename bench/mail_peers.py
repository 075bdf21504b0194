"""Mails per second, and per second of processor, of the outbox and of its peers; and what a kill -9 in mid-batch costs.

    pip install -r requirements-dev.txt -r bench/peers.txt      in an environment of its own
    python bench/mail_peers.py [--mails 1000] [--runs 3]

All send the same number of mails of 4 KB to the same kind of sink in the same run: one that answers at once, one after
20 ms. For PostgreSQL name an empty database in DATABASE_URL; the naive Celery needs Redis (REDIS_URL). Prints two
tables in Markdown: minimum / median / maximum of the runs, and after one kill the mails that came twice or never.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent.parent))
FILE = os.environ.get("DATABASE_URL", "")
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/9")
WORKERS = 2
BODY = ("x" * 70 + "\n") * 50
CANDIDATES = {
    "limit": "limit: ready bytes, smtplib, one connection",
    "outreach": f"this outbox, {WORKERS} workers",
    "mailer": "django-mailer (one process: it locks)",
    "post_office": f"django-post_office, {WORKERS} processes",
    "celery": f"Celery, a task and a connection a mail, {WORKERS} processes",
}


def mails(number):
    """Yield the keyword arguments of so many mails; each keeps its Message-ID, by which the sink knows it."""
    for n in range(number):
        head = {"Message-ID": f"<{n}@bench.example>"}
        yield {"to": f"press{n}@company{n}.example", "subject": f"Question {n}", "body": BODY, "headers": head}


def peer(port, app=""):
    """Configure Django for one peer alone; return its call_command."""
    import dj_database_url
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="for-the-bench-only",
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        INSTALLED_APPS=["django.contrib.contenttypes", *filter(None, [app])],
        DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=60, DEFAULT_FROM_EMAIL="desk@asker.example",
        EMAIL_BACKEND={"mailer": "mailer.backend.DbBackend", "post_office": "post_office.EmailBackend"}.get(
            app, "django.core.mail.backends.smtp.EmailBackend"
        ),
        POST_OFFICE={"BATCH_SIZE": 500, "THREADS_PER_PROCESS": 4, "BACKENDS": {
            "default": "django.core.mail.backends.smtp.EmailBackend"}},
        MAILER_LOCK_PATH=str(Path(os.environ["BENCH_FOLDER"]) / "mailer-lock"),
        LOGGING_CONFIG=None,
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    return call_command


class Mailer:
    def __init__(self, port):
        self.command = peer(port, "mailer")

    def prepare(self, number):
        from django.core.mail import EmailMessage

        self.command("migrate", verbosity=0)
        for one in mails(number):
            EmailMessage(one["subject"], one["body"], to=[one["to"]], headers=one["headers"]).send()

    def send(self):
        from mailer.engine import send_all

        lock = Path(os.environ["BENCH_FOLDER"]) / "mailer-lock.lock"
        lock.unlink(missing_ok=True)  # left by a killed process
        send_all()


class PostOffice:
    def __init__(self, port):
        self.command = peer(port, "post_office")

    def prepare(self, number):
        from post_office import mail

        self.command("migrate", verbosity=0)
        rows = [
            {"recipients": one["to"], "subject": one["subject"], "message": one["body"], "headers": one["headers"]}
            for one in mails(number)
        ]
        mail.send_many([{**row, "sender": "desk@asker.example"} for row in rows])

    def send(self):
        from django.db import connections
        from post_office.mail import get_queued, send_queued

        while get_queued():
            send_queued(processes=WORKERS, log_level=0)
            connections.close_all()  # its forked processes have closed the one that they shared


class NaiveCelery:
    """The row is marked after the mail has gone; what is not marked when it begins is sent (again)."""

    def __init__(self, port):
        self.command = peer(port)

    def prepare(self, number):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS naive")
            cursor.execute("CREATE TABLE naive (id integer PRIMARY KEY, sent integer NOT NULL)")
            cursor.executemany("INSERT INTO naive VALUES (%s, 0)", [(n,) for n in range(number)])

    def start(self):
        """A worker that is ready: what it takes to start is not measured."""
        self.queue = self.app()
        self.queue.control.purge()
        command = [sys.executable, str(HERE), "celery", "work", str(self.port)]
        self.worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.queue.control.ping(timeout=0.5):
            pass

    def send(self):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM naive WHERE sent = 0 ORDER BY id")
            for (n,) in cursor.fetchall():
                self.queue.send_task("send", [n])
        left = 1
        while left:
            time.sleep(0.05)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM naive WHERE sent = 0")
                left = cursor.fetchone()[0]
        self.worker.terminate()
        self.worker.wait()

    def app(self):
        from celery import Celery

        app = Celery("naive", broker=REDIS)
        app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, task_default_queue="bench")

        @app.task(name="send")
        def send(n):
            from django.core.mail import EmailMessage
            from django.db import connection

            one = next(iter(list(mails(n + 1))[-1:]))
            EmailMessage(one["subject"], one["body"], to=[one["to"]], headers=one["headers"]).send()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE naive SET sent = 1 WHERE id = %s", [n])

        return app

    def work(self):
        self.app().worker_main(["worker", "-c", str(WORKERS), "-l", "ERROR", "--without-gossip", "--without-mingle"])


class Outreach:
    def __init__(self, port):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
        import mail as bench  # sets Django up

        self.bench = bench

    def prepare(self, number):
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        self.bench.prepare(number, reminders=False)

    def send(self):
        from datetime import timedelta

        from correspondence import claims
        from correspondence.models import Message

        claims.LEASE = timedelta(seconds=2)  # what a killed worker had is looked at again soon
        while Message.objects.filter(state__in=["queued", "leased", "data"]).exists():
            self.bench.ours(self.port, judge=False)


class Limit(Outreach):
    def send(self):
        from correspondence.models import Message

        self.bench.plain(self.port, [bytes(mime) for mime in Message.objects.values_list("mime", flat=True)])


KINDS = {"limit": Limit, "outreach": Outreach, "mailer": Mailer, "post_office": PostOffice, "celery": NaiveCelery}


def be(name, verb, port, number):
    """Be one candidate in a process of its own: prepare, or send and print what it took."""
    candidate = KINDS[name](port)
    candidate.port = port
    if verb != "send":
        return candidate.prepare(number) if verb == "prepare" else candidate.work()
    if name == "celery":
        candidate.start()
    began, used = time.perf_counter(), processor()
    candidate.send()
    print(json.dumps([time.perf_counter() - began, processor() - used]))


def processor():
    """Return the seconds of processor of this process and of its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def call(name, verb, port, number, folder):
    """Run a candidate's verb; return (seconds, seconds of processor) of a send."""
    process = start(name, verb, port, number, folder)
    out = process.communicate()[0]
    assert not process.returncode, (name, verb)
    return json.loads(out.splitlines()[-1]) if verb == "send" else None


def start(name, verb, port, number, folder):
    given = {
        "BENCH_FOLDER": folder,
        "DATABASE_URL": FILE or f"sqlite:///{folder}/bench.sqlite3",
        "VAR_DIR": folder,
        "SECRET_KEY": "for-the-bench-only",
        "LOG_LEVEL": "CRITICAL",
        "OUTREACH_DOMAIN_HOUR": "0",
    }
    command = [sys.executable, str(HERE), name, verb, str(port), str(number)]
    return subprocess.Popen(
        command, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=folder
    )


def sink(folder, delay):
    """Return a mail server of its own process, and the ledger of what it took."""
    from correspondence.tests.workers import Sink

    return Sink(Path(folder), delay=delay)


def measured(name, number, delay):
    """Return (mails per second, mails per second of processor) of one run."""
    with tempfile.TemporaryDirectory() as folder, sink(folder, delay) as server:
        call(name, "prepare", server.port, number, folder)
        seconds, used = call(name, "send", server.port, number, folder)
        assert len(server.delivered()) == number, (name, len(server.delivered()))
        return number / seconds, number / used


def killed(name, number):
    """Kill everything of a candidate in mid-batch, let it run again; return (came twice, never came)."""
    with tempfile.TemporaryDirectory() as folder, sink(folder, 0.002) as server:
        call(name, "prepare", server.port, number, folder)
        process = start(name, "send", server.port, number, folder)
        while not server.path.exists() or len(server.delivered()) < number * 0.4:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        call(name, "send", server.port, number, folder)
        came = server.delivered()
        return sum(times - 1 for times in came.values()), number - len(came)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    import mail  # noqa: F401  sets Django up, for the sink

    head = "at once: mails/s | ratio | mails per CPU-second | after 20 ms: mails/s | ratio"
    print(f"| {'PostgreSQL' if FILE else 'SQLite'} | {head} |\n|---|---|---|---|---|---|")
    figures = {name: ([], []) for name in CANDIDATES}
    for _run in range(options.runs):  # all candidates in each run: the machine drifts
        for name in CANDIDATES:
            for place, delay in enumerate((0, 0.02)):
                figures[name][place].append(measured(name, options.mails // (1, 4)[place], delay))
    for name, said in CANDIDATES.items():
        row = []
        for place, runs in enumerate(figures[name]):
            rates = [rate for rate, _used in runs]
            limits = [rate for rate, _used in figures["limit"][place]]
            ratio = statistics.median(mine / limit for mine, limit in zip(rates, limits, strict=True))
            row += [spread(rates), f"{ratio:.2f}", *([spread([used for _rate, used in runs])] if not place else [])]
        print(f"| {said} | " + " | ".join(row) + " |")
    print("\n| killed with -9 in mid-batch, then run again | came twice | never came |\n|---|---|---|")
    for name in [one for one in CANDIDATES if one != "limit"]:
        print("| {} | {} | {} |".format(CANDIDATES[name], *killed(name, options.mails)))


def spread(figures):
    return " / ".join(f"{figure:.0f}" for figure in (min(figures), statistics.median(figures), max(figures)))


if __name__ == "__main__":
    if len(sys.argv) > 3 and sys.argv[1] in KINDS:
        be(sys.argv[1], sys.argv[2], int(sys.argv[3]), int((sys.argv[4:] or ["0"])[0]))
    else:
        main()
