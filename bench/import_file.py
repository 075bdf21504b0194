"""Import of a campaign file of 10,000 companies with contacts, against bulk inserts of the same rows without a check.

    python bench/import_file.py [companies] [runs]

It makes a database of its own in a temporary folder; for PostgreSQL name an empty database in DATABASE_URL. Prints
minimum, median and maximum of the runs, and the ratio to the limit.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
folder = pathlib.Path(tempfile.mkdtemp(prefix="outreach-bench-"))
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
os.environ["DJANGO_SETTINGS_MODULE"] = "outreach.settings"


def campaign_file(number, companies):
    """A file of distinct companies, a third of which replied, each with one contact."""
    rows = [
        f"format: outreach-campaign/1\nslug: bench-{number}\nlanguage: en\ntitle: Bench {number}\nkind: survey\n"
        "asked_on: 2026-01-05\nclosed_on: 2026-02-05\npublished_on: 2026-02-06\n"
        'questions: [{number: "1", text: "What?"}]\ncompanies:\n'
    ]
    for n in range(companies):
        reply = ", reply: responded, replied_on: 2026-01-20" if n % 3 == 0 else ""
        rows.append(
            f'  - {{name: "Works {number} of {n * 7919:08d}", headquarters: GB, sectors: [dyeing]{reply}, '
            f'contacts: [{{name: "Press {n}", email: "press{n}@works{number}.example"}}]}}\n'
        )
    path = folder / f"bench-{number}.yaml"
    path.write_text("".join(rows))
    return path


def limit(number, companies):
    """Seconds for the plain inserts: companies, contacts, approaches and events as they come, nothing checked."""
    from datetime import UTC, date, datetime

    from django.db import transaction

    from campaigns.models import Approach, Campaign, ChosenContact, Event
    from companies.models import Company, Contact

    day, now = date(2026, 1, 5), datetime(2026, 3, 1, tzinfo=UTC)
    began = time.perf_counter()
    with transaction.atomic():
        campaign = Campaign.objects.create(slug=f"limit-{number}", title="Limit", asked_on=day)
        names = [f"l{number}-{n}" for n in range(companies)]
        made = Company.objects.bulk_create((Company(name=n, folded=n, slug=n) for n in names), batch_size=500)
        contacts = [Contact(company=c, email=f"press@l{number}-{c.pk}.example") for c in made]
        contacts = Contact.objects.bulk_create(contacts, batch_size=500)
        rows = [
            Approach(campaign=campaign, company=c, listed_as=c.name, reach="invited", added_on=day, added_at=now)
            for c in made
        ]
        rows = Approach.objects.bulk_create(rows, batch_size=500)
        pairs = zip(rows, contacts, strict=True)
        ChosenContact.objects.bulk_create((ChosenContact(approach=a, contact=c) for a, c in pairs), batch_size=500)
        events = [
            Event(approach=a, kind="invited", field="reach", after="invited", on=day, at=now, result="accepted")
            for a in rows
        ]
        Event.objects.bulk_create(events, batch_size=500)
        silent = [Event(approach=a, kind="moved", field="reply", after="silent", on=day, at=now) for a in rows]
        Event.objects.bulk_create(silent, batch_size=500)
    return time.perf_counter() - began


def main(companies=10_000, runs=3):
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    took, limits = [], []
    for number in range(runs):
        path = campaign_file(number, companies)
        for extra in (["--dry-run"], []):
            began = time.perf_counter()
            command = [sys.executable, "manage.py", "import_campaign", str(path), *extra]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            took.append((bool(extra), time.perf_counter() - began))
        limits.append(limit(number, companies))
    for title, seconds in (
        ("import, whole process", [s for dry, s in took if not dry]),
        ("dry run, whole process", [s for dry, s in took if dry]),
        ("limit: bulk inserts alone", limits),
    ):
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        ratio = statistics.median(limits) / middle
        speed = f"{companies / middle:8,.0f} rows/s"
        print(f"{title:<26} {low:6.2f} {middle:6.2f} {high:6.2f} s   {speed}   ratio {ratio:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
