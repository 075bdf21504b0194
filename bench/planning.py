"""Reminders planned per second, and what the tick costs where nothing is due among a million approaches.

    python bench/planning.py [--due 100000] [--runs 3] [--idle 1000000]

It makes a database of its own in a temporary folder; for PostgreSQL name an empty one in DATABASE_URL: its content is
replaced, so one that holds anything else is refused. Prints minimum, median and maximum of the runs.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
os.environ.setdefault("SECRET_KEY", "for-the-bench-only")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.mkdtemp(prefix='outreach-bench-')}/planning.sqlite3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns import clock, days
from campaigns.models import Approach, Campaign, ChosenContact, Event
from companies.models import Company, Contact
from correspondence import reminders
from correspondence.models import Message, Recipient, ReplyLink
from correspondence.tests.make import make_sending_campaign, make_step
from correspondence.tick import tick

INVITED = date(2026, 3, 2)
DUE = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)  # a Monday
COUNTRIES = ["", "GB", "PT", "IE"]  # nine o'clock lies at the same instant
TOGETHER = 5000


def refuse_what_is_not_ours():
    """End here if the database holds anything that the bench did not make; every flush asks first."""
    ours = Campaign.objects.filter(slug="bench")
    used = Campaign.objects.exclude(pk__in=ours).exists() or (not ours and Company.objects.exists())
    if used or get_user_model().objects.exists():
        raise SystemExit("This database is in use: give the bench an empty one in DATABASE_URL.")


def prepare(number, remind_at=None):
    """Replace the database's content by a campaign of so many invited companies.

    remind_at  the instant of the first step of each, which has a contact and an event; None: nothing is planned
    """
    refuse_what_is_not_ours()
    call_command("flush", interactive=False, verbosity=0)
    campaign, _none = make_sending_campaign(0, slug="bench")
    first, _second = make_step(campaign, 14), make_step(campaign, 21)
    made = datetime.combine(INVITED, DUE.time(), UTC)
    for start in range(0, number, TOGETHER):
        numbers = range(start, min(start + TOGETHER, number))
        companies = Company.objects.bulk_create(
            Company(name=f"Company {n}", folded=f"company {n}", slug=f"company-{n}", headquarters=COUNTRIES[n % 4])
            for n in numbers
        )
        approaches = Approach.objects.bulk_create(
            Approach(
                campaign=campaign, company=one, listed_as=one.name, reach="invited", added_on=INVITED, added_at=made,
                next_step=first.key if remind_at else "", remind_at=remind_at,
            )
            for one in companies
        )  # fmt: skip
        if not remind_at:
            continue
        contacts = Contact.objects.bulk_create(
            Contact(company=one, name="Press office", email=f"press@{one.slug}.example", language="en")
            for one in companies
        )
        pairs = list(zip(approaches, contacts, strict=True))
        ChosenContact.objects.bulk_create(ChosenContact(approach=one, contact=contact) for one, contact in pairs)
        day = days.exactly(INVITED)
        Event.objects.bulk_create(
            Event(
                approach=one, kind="invited", field="reach", before="planned", after="invited", on=day.on,
                stated=day.stated, at=made, channel="email", result="accepted",
            )
            for one in approaches
        )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return campaign


def planned(number):
    """Plan so many reminders that are due; return how many a second, and how many are stored a second: the limit."""
    prepare(number, DUE - timedelta(minutes=30))
    began = time.perf_counter()
    counts = reminders.plan(DUE, seconds=3600)
    took = time.perf_counter() - began
    assert counts == {"written": number} and Message.objects.count() == number, counts
    return number / took, stored(number)


def stored(number):
    """Store the same mails, recipients and links once more, ready as they are; return how many a second."""
    kinds = (Message, Recipient, ReplyLink)
    rows = [list(kind.objects.order_by("pk")) for kind in kinds]
    for kind in reversed(kinds):
        kind.objects.all().delete()
    began = time.perf_counter()
    for kind, made in zip(kinds, rows, strict=True):
        for start in range(0, number, reminders.TOGETHER):
            with transaction.atomic():
                kind.objects.bulk_create(made[start : start + reminders.TOGETHER])
    return number / (time.perf_counter() - began)


def idle(number):
    """Let the clock ring where nothing is due; return (queries, their ms, ms of asking who is due, ms of all)."""
    campaign = prepare(number)
    campaign.refresh_count()
    Approach.objects.filter(pk__in=Approach.objects.values("pk")[:1000]).update(
        next_step=campaign.steps.first().key, remind_at=DUE + timedelta(days=1)
    )
    tick(DUE)
    with CaptureQueriesContext(connection) as seen:
        began = time.perf_counter()
        tick(DUE + timedelta(minutes=1))
        took = time.perf_counter() - began
    times = [float(query["time"]) * 1000 for query in seen.captured_queries]
    asked = [float(q["time"]) * 1000 for q in seen.captured_queries if "remind_at" in q["sql"].partition("WHERE")[2]]
    return len(seen), sum(times), max(asked), took * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle", type=int, default=1_000_000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    runs = [planned(options.due) for _run in range(options.runs)]
    columns = [
        [rate for rate, _limit in runs],
        [limit for _rate, limit in runs],
        [rate / limit for rate, limit in runs],
    ]
    said = [
        f"{min(c):.{d}f} / {statistics.median(c):.{d}f} / {max(c):.{d}f}"
        for c, d in zip(columns, (0, 0, 2), strict=True)
    ]
    print(
        f"{connection.vendor}: {options.due} due reminders planned, {said[0]} rows/s; "
        f"ready ones stored, {said[1]} rows/s; ratio {said[2]}"
    )
    if options.idle:
        queries, asked, due, all_of_it = idle(options.idle)
        print(
            f"{connection.vendor}: a tick with nothing due among {options.idle} approaches: {queries} queries in "
            f"{asked:.0f} ms, who is due {due:.1f} ms, in all {all_of_it:.0f} ms"
        )
    prepare(0)
    print(f"Minimum / median / maximum of {options.runs} runs; finished {clock.real_now():%Y-%m-%d}.")


if __name__ == "__main__":
    main()
