from datetime import UTC, date, datetime

import pytest

from campaigns import days
from campaigns.days import Day


@pytest.mark.parametrize(
    ("text", "on"),
    [("2022", date(2022, 12, 31)), ("2022-02", date(2022, 2, 28)), ("2024-02-29", date(2024, 2, 29))],
)
def test_a_day_counts_from_the_last_one_that_it_can_mean(text, on):
    assert days.read(text) == Day(on, text)


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "2022-13", "22-01-01", "2022-7", "0000", "２０２２"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError):
        days.read(text)


def test_a_day_is_restated_only_where_the_date_alone_was_changed():
    assert days.restated(date(2022, 7, 31), "2022-07") == "2022-07"
    assert days.restated(date(2022, 8, 1), "2022-07") == "2022-08-01"
    assert days.restated(None, "2022-07") == ""


def test_instants_of_a_day_follow_the_zone_and_its_summer_time():
    assert days.start(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert days.end(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert days.today(datetime(2026, 3, 29, 23, tzinfo=UTC), "Asia/Tokyo") == date(2026, 3, 30)
