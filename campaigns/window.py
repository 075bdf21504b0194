"""When a company may get a reminder: on its working days, between two hours, by its own clock.

The clock is that of its first recipient, else of its headquarters' country, else the campaign's; weekend and public
holidays are those of that country. Instants are returned in UTC: two in one zone would compare by the hands of the
clock, which are wrong on the nights on which it changes.
"""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from . import days, zones

ONE_DAY = timedelta(days=1)
SATURDAY = 5
ESCALATION = "esc"  # ChosenContact.Use; the models import what imports this


class Window(NamedTuple):
    """The send window of one approach."""

    zone: str  # name of the time zone
    country: str  # of the headquarters: code, or ""
    opens: time  # by the clock of the zone
    closes: time

    def day(self, instant):
        """Return the date that an instant falls on for the company."""
        return days.today(instant, self.zone)

    def working_day(self, day):
        """Return the first working day of the company on or after the date `day`."""
        while not works(self.country, day):
            day += ONE_DAY
        return day

    def working_day_before(self, day):
        """Return the last working day of the company on or before the date `day`."""
        while not works(self.country, day):
            day -= ONE_DAY
        return day

    def opening(self, day):
        """Return the instant at which the window of the first working day on or after `day` opens."""
        return self._at(self.working_day(day), self.opens)

    def closing(self, instant):
        """Return the end of the window of the company's day that an instant falls on."""
        return self._at(self.day(instant), self.closes)

    def next_opening(self, now):
        """Return `now` while the window is open, else the instant at which it opens next."""
        today = self.day(now)
        opens = self.opening(today)
        if opens > now:
            return opens
        return now if now < self.closing(now) else self.opening(today + ONE_DAY)

    def _at(self, day, hour):
        return datetime.combine(day, hour, ZoneInfo(self.zone)).astimezone(UTC)


def of(approach):
    """Return the Window of an approach; two queries where company and recipients are not read yet (see records.py)."""
    chosen = approach.chosen.all()
    if "chosen" not in getattr(approach, "_prefetched_objects_cache", ()):
        chosen = chosen.select_related("contact")
    first = next((one.contact for one in chosen if one.use != ESCALATION), None)
    country, campaign = str(approach.company.headquarters), approach.campaign
    zone = (first and first.time_zone) or zones.of_country(country) or campaign.time_zone
    return Window(zone, country, campaign.window_from, campaign.window_until)


def next_opening(approach, now):
    """Return `now` while the approach's window is open, else the instant at which it opens next."""
    return of(approach).next_opening(now)


def closing(approach, instant):
    """Return the end of the approach's window of the company's day that an instant falls on."""
    return of(approach).closing(instant)


@lru_cache(maxsize=20_000)
def works(country, day):
    """Say whether a date is a working day in a country (its code, or ""); Saturday and Sunday are free if unknown."""
    calendar = _calendar(country, day.year)
    return day.weekday() < SATURDAY if calendar is None else calendar.is_working_day(day)


@lru_cache(maxsize=1000)
def _calendar(country, year):
    """Return the public holidays of one year, or None for a country that the package does not know."""
    import holidays  # large, and asked for only where mail is planned

    try:
        return holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        return None
