from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import window
from campaigns.models import Approach, ChosenContact

from .make import make_approach, make_campaign, make_company, make_contact


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def hours(zone="UTC", country="", opens=time(9), closes=time(17)):
    return window.Window(zone, country, opens, closes)


@pytest.mark.django_db
def test_the_recipients_zone_goes_before_the_countrys_and_the_campaigns():
    campaign = make_campaign(time_zone="Asia/Tokyo", window_from=time(10))
    plain = make_approach(campaign, contact=False)
    assert window.of(plain) == hours("Asia/Tokyo", "", time(10))
    approach = make_approach(campaign, make_company(headquarters="FR"), contact=False)
    assert window.of(approach).zone == "Europe/Paris"
    superior = make_contact(approach.company, time_zone="America/Lima")
    approach.chosen.create(contact=superior, use=ChosenContact.Use.ESCALATION)
    assert window.of(approach).zone == "Europe/Paris"
    approach.chosen.create(contact=make_contact(approach.company, time_zone="Asia/Dubai"))
    assert window.of(approach) == hours("Asia/Dubai", "FR", time(10))


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("", date(2026, 4, 4), date(2026, 4, 6)),  # Saturday; where the country is not known no holiday is
        ("AT", date(2026, 4, 4), date(2026, 4, 7)),  # and Easter Monday
        ("EG", date(2026, 4, 17), date(2026, 4, 19)),  # Friday and Saturday are free, Sunday is not
        ("AE", date(2026, 4, 17), date(2026, 4, 17)),
        ("CN", date(2026, 2, 14), date(2026, 2, 14)),  # a Saturday that is worked before the Spring Festival
        ("ZZ", date(2026, 12, 25), date(2026, 12, 25)),
    ],
)
def test_a_day_that_is_free_moves_to_the_next_working_day(country, day, works):
    assert hours(country=country).working_day(day) == works


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(2026, 3, 20, 7), at(2026, 3, 20, 8)),  # Friday in Berlin
        (at(2026, 3, 20, 12), at(2026, 3, 20, 12)),
        (at(2026, 3, 20, 16), at(2026, 3, 23, 8)),
        (at(2026, 3, 21, 12), at(2026, 3, 23, 8)),
        (at(2026, 3, 27, 16), at(2026, 3, 30, 7)),  # the clock goes forward in between
    ],
)
def test_mail_waits_until_the_window_opens(now, opens):
    assert hours("Europe/Berlin").next_opening(now) == opens


CHANGES = [  # zone, a day in the night before which the clock changes
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("opens", [time(0), time(0, 30), time(1, 45), time(2, 15), time(9)])
def test_where_the_clock_changes_each_day_opens_once(zone, day, opens, monkeypatch):
    monkeypatch.setattr(window, "works", lambda country, day: True)
    mine = hours(zone, opens=opens)
    openings, now = [], mine.opening(day - timedelta(days=3))
    while now < mine.opening(day + timedelta(days=3)):
        if mine.next_opening(now) == now and (not openings or mine.day(openings[-1]) != mine.day(now)):
            openings.append(now)
        now += timedelta(minutes=5)
    assert [mine.day(one) for one in openings] == [day + timedelta(days=n) for n in range(-3, 3)]
    offsets = {one.astimezone(ZoneInfo(zone)).utcoffset() for one in openings}
    assert len(offsets) == 2, "the clock does not change there"
    for one in openings:
        local = one.astimezone(ZoneInfo(zone))
        assert local.time() == opens or local.date() == day  # an hour that this night leaves out comes later
        assert mine.closing(one) > one


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_windows_of_many_cost_no_query_each(rows, django_assert_num_queries):
    campaign = make_campaign()
    for _ in range(rows):
        make_approach(campaign)
    read = Approach.objects.select_related("campaign", "company").prefetch_related("chosen__contact")
    with django_assert_num_queries(3):
        assert [window.next_opening(one, at(2026, 3, 20, 12)) for one in read]
