"""F9: a clock that jumps, changes for summer, or meets a leap day, sends nothing twice and nothing unlooked at."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from campaigns import window
from campaigns.models import Approach, Campaign
from campaigns.tests.make import invite, make_approach, make_company, make_contact, make_user
from correspondence import control
from correspondence.models import Message, State
from correspondence.tick import tick

from .make import make_sending_campaign, make_step

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"


def started(invited_on, steps=(14, 21), zones=("",), **values):
    """A campaign whose reminders leave by themselves, with a company in each zone; return its approaches."""
    values = {"deadline": None, "closes_on": None, "reminders_leave": Campaign.ReminderMode.AUTOMATIC, **values}
    campaign, _none = make_sending_campaign(0, **values)
    for number in steps:
        make_step(campaign, number)
    found = []
    for zone in zones:
        approach = make_approach(campaign, make_company(), contact=False)
        approach.chosen.create(contact=make_contact(approach.company, time_zone=zone))
        found.append(invite(approach, on=invited_on, now=datetime.combine(invited_on, time(12), UTC)))
    return found


def sent():
    return list(Message.objects.filter(state=State.SENT).order_by("sent_at", "pk"))


def run(start, hours):
    for hour in range(hours):
        tick(start + HOUR * hour)


JUMPS = [
    (datetime(2026, 3, 15, 12, tzinfo=UTC), timedelta(days=30)),
    (datetime(2026, 3, 16, 8, 30, tzinfo=UTC), timedelta(hours=-2)),
    (datetime(2028, 2, 28, 12, tzinfo=UTC), timedelta(days=30)),  # over a leap day
]


@pytest.mark.parametrize(("start", "jump"), JUMPS)
def test_after_a_jump_all_is_held_until_a_person_has_looked(start, jump):
    approaches = started(start.date() - timedelta(days=13), zones=[""] * 5)
    tick(start)
    planned = [approach.remind_at for approach in Approach.objects.order_by("pk")]
    run(start + jump, 12)
    assert not sent() and control.row().held_at
    assert [approach.remind_at for approach in Approach.objects.order_by("pk")] == planned
    assert not any(approach.events.filter(kind="skipped").exists() for approach in approaches)
    control.release(by=make_user(), now=start + jump + 12 * HOUR)
    run(start + jump + 12 * HOUR, 72)
    steps = [(mail.approach_id, mail.step) for mail in sent()]
    assert len(set(steps)) == len(steps)


CHANGES = [  # zone, a working day on or after the night in which its clock changes
    ("Europe/Berlin", date(2026, 3, 30)),
    ("Europe/Berlin", date(2026, 10, 26)),
    ("America/New_York", date(2026, 3, 9)),
    ("America/New_York", date(2026, 11, 2)),
    ("Australia/Lord_Howe", date(2026, 4, 6)),
    ("Australia/Lord_Howe", date(2026, 10, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_where_the_clock_changes_each_step_opens_once_in_its_order(zone, day):
    first = day - timedelta(days=4)
    [approach] = started(first - timedelta(days=1), steps=range(1, 10), zones=[zone])
    run(datetime.combine(first - timedelta(days=1), time(12), UTC), 24 * 14)
    mails, mine = sent(), window.of(approach)
    assert [mail.step for mail in mails] == [step.key for step in approach.campaign.steps.order_by("days")]
    days = [mine.day(mail.sent_at) for mail in mails]
    assert days == sorted(set(days)), "two on one day, or out of order"
    assert all(mine.next_opening(mail.sent_at) == mail.sent_at for mail in mails)


def test_a_leap_day_is_a_day_like_others():
    started(date(2028, 2, 15), steps=(14,))  # the 29th, a Tuesday
    run(datetime(2028, 2, 28, 0, tzinfo=UTC), 72)
    assert [mail.sent_at.date() for mail in sent()] == [date(2028, 2, 29)]
