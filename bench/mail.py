"""Mails per second of the outbox against plain smtplib: ready bytes, one connection, the same sink, in the same run.

    python bench/mail.py [--mails 2000] [--runs 3] [--reminders]

It makes a database of its own in a temporary folder; for PostgreSQL name an empty one in DATABASE_URL: its content is
replaced for each run, so one that holds anything else is refused. Prints a table in Markdown: minimum, median and
maximum of the runs, and the queries and commits that one mail costs.
"""

import argparse
import multiprocessing
import os
import smtplib
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
os.environ.setdefault("SECRET_KEY", "for-the-bench-only")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.mkdtemp(prefix='outreach-bench-')}/mail.sqlite3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.tests.make import NOW, make_invited
from companies.models import Company, Contact
from correspondence import claims, outbox, relay
from correspondence.models import Message, State
from correspondence.tests.make import BODY, make_sending_campaign, queue
from correspondence.tests.workers import Sink

WORKERS = 2
SIZE = 4096  # bytes of a mail, about


def plain(port, mails):
    """Send ready bytes over one plain smtplib connection; return mails per second."""
    server = smtplib.SMTP("127.0.0.1", port)
    began = time.perf_counter()
    for mail in mails:
        server.sendmail("desk@asker.example", ["press@company.example"], mail)
    took = time.perf_counter() - began
    server.quit()
    return len(mails) / took


def work(port, ready, go):
    connections.close_all()
    connection.ensure_connection()
    ready.release()
    go.wait()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    outbox.sweep(NOW, seconds=3600)


def ours(port, judge=True):
    """Send all that is queued with so many worker processes; return mails per second. judge  all must have left."""
    context = multiprocessing.get_context("fork")
    waiting = Message.objects.filter(state=State.QUEUED).count()
    ready, go = context.Semaphore(0), context.Event()
    connections.close_all()
    workers = [context.Process(target=work, args=(port, ready, go)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    began = time.perf_counter()
    go.set()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    states = set(Message.objects.values_list("state", flat=True))
    assert not judge or states == {State.SENT}, states
    return waiting / took


def refuse_what_is_not_ours():
    """End here if the database holds anything that the bench did not make; every flush asks first."""
    ours = Campaign.objects.filter(slug="bench")
    used = Campaign.objects.exclude(pk__in=ours).exists() or (not ours and Company.objects.exists())
    if used or get_user_model().objects.exists():
        raise SystemExit("This database is in use: give the bench an empty one in DATABASE_URL.")


def prepare(number, reminders):
    """Replace the database's content by so many queued mails of 4 KB, each to a company with a domain of its own."""
    refuse_what_is_not_ours()
    call_command("flush", interactive=False, verbosity=0)
    with transaction.atomic():
        campaign, approaches = make_sending_campaign(0 if reminders else number, slug="bench")
        campaign.wordings.update(body=BODY + "\n" + ("x" * 70 + "\n") * (SIZE // 71 - 12))
        if reminders:
            approaches = [make_invited(campaign) for _ in range(number)]
        for contact in Contact.objects.all():  # a mail server of its own each, as the limits of a domain ask
            Contact.objects.filter(pk=contact.pk).update(email=f"press@company{contact.pk}.example")
        kind = ("reminder:1", "reminder") if reminders else ("invitation", "invitation")
        for approach in approaches:
            queue(approach, *kind)
    return [bytes(mime) for mime in Message.objects.values_list("mime", flat=True)]


def cost():
    """Return (queries, commits) that one mail costs in the middle of a batch."""

    class Nowhere(relay.FileRelay):
        def data(self, mime, name):
            return relay.Answer(250, "OK")

    claim = claims.claim(NOW)
    with CaptureQueriesContext(connection) as queries:
        outbox.Sender(Nowhere(Path(tempfile.gettempdir())), NOW).work(claim, time.monotonic() + 60)
    said = [query["sql"] for query in queries.captured_queries]
    commits = sum(sql == "COMMIT" for sql in said)
    return (len(said) - sum(sql.startswith(("BEGIN", "COMMIT")) for sql in said)) / claims.BATCH, commits / claims.BATCH


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--reminders", action="store_true", help="reminders instead of invitations")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    kind = "reminders" if options.reminders else "invitations"
    print(f"| {connection.vendor}, {kind} | plain smtplib: mails/s | outbox, {WORKERS} workers: mails/s | ratio |")
    print("|---|---|---|---|")
    for delay in (0, 0.02):
        number = options.mails if not delay else max(options.mails // 5, 1)
        rows = []
        for _run in range(options.runs):
            mails = prepare(number, options.reminders)
            with tempfile.TemporaryDirectory() as folder, Sink(Path(folder), delay=delay) as sink:
                one = plain(sink.port, mails[: number if not delay else number // 2])
                two = ours(sink.port)
                rows.append((one, two, two / one))
        columns = [
            " / ".join(f"{figure:.{2 if n == 2 else 0}f}" for figure in (min(c), statistics.median(c), max(c)))
            for n, c in enumerate(zip(*rows, strict=True))
        ]
        print(f"| sink answers after {1000 * delay:.0f} ms, {number} mails | " + " | ".join(columns) + " |")
    prepare(claims.BATCH, options.reminders)
    queries, commits = cost()
    prepare(0, options.reminders)
    print(f"\nOne mail costs {queries:.1f} queries and {commits:.2f} commits; mails have {len(mails[0])} bytes.")
    print(f"Minimum / median / maximum of {options.runs} runs.")


if __name__ == "__main__":
    main()
