"""Days that are known to the year, the month or the day, and the instants that they give in a time zone.

A day is kept twice: `on`, the last day that it can mean, which all counting uses, and `stated`, the text as it was
known ("2022", "2022-07", "2022-07-14", empty when nobody recorded it), which is what readers are shown.
"""

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_STATED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class Day(NamedTuple):
    """`on`: a date, the last one meant; `stated`: how exactly it is known."""

    on: date
    stated: str


def read(text):
    """Return the Day that "YYYY", "YYYY-MM" or "YYYY-MM-DD" states; ValueError says what is wrong with it."""
    if not (found := _STATED.fullmatch(text.strip())):
        raise ValueError(f"{text!r} is not a date like 2022-07-14, 2022-07 or 2022")
    year, month, day = found.groups()
    try:
        if day:
            return Day(date(int(year), int(month), int(day)), found[0])
        last_month = int(month or 12)
        return Day(date(int(year), last_month, calendar.monthrange(int(year), last_month)[1]), found[0])
    except (ValueError, IndexError):  # calendar.IllegalMonthError is both, by version
        raise ValueError(f"{text!r} is not a day of the calendar") from None


def first(day):
    """Return the first date that a Day can mean."""
    return day.on.replace(**{10: {}, 7: {"day": 1}, 4: {"month": 1, "day": 1}}[len(day.stated)])


def exactly(on):
    """Return the Day of a date that is known to the day."""
    return Day(on, on.isoformat())


def restated(on, stated):
    """Return how the date `on` is stated: as before, unless a form has changed the date alone."""
    if on is None:
        return ""
    return stated if stated and read(stated).on == on else on.isoformat()


def today(now, zone):
    """Return the date that the instant `now` falls on in the zone named `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()


def start(on, zone):
    """Return the instant at which the day begins in the zone: what is dated ahead becomes visible then."""
    return datetime.combine(on, time.min, ZoneInfo(zone))


def end(on, zone):
    """Return the instant at which the day is over in the zone: what closes on it closes then."""
    return datetime.combine(on + timedelta(days=1), time.min, ZoneInfo(zone))
