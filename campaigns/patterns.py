"""What a campaign's figures look like by group, country and sector, and when its replies came: numbers for drawings."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from .labels import IN_THE_RATE, ORDER
from .models import Event
from .texts import Text

UNITS = 60  # up to this many companies a bar has one unit each
NAMES = 8  # up to this many replies are named on the strip
WEEK = timedelta(days=7)


@dataclass
class Bar:
    name: Text | str
    responded: int
    asked: int
    keys: list  # of the labels, one unit each, responses first

    @property
    def has_units(self):
        return self.asked <= UNITS


def unit_bar(rows):
    """Return the label keys of those in the rate, one unit each, responses first; empty where there are too many."""
    keys = sorted((row.label.key for row in rows if row.label.key in IN_THE_RATE), key=ORDER.index)
    return keys if len(keys) <= UNITS else []


def segments(rows):
    """Return [(label key, where it begins, its share)] in hundredths of the bar, for campaigns with too many units."""
    count = defaultdict(int)
    for row in rows:
        count[row.label.key] += 1
    total = sum(count[key] for key in IN_THE_RATE) or 1
    found, at = [], 0
    for key in IN_THE_RATE:
        share = 100 * count[key] / total
        if share:
            found.append((key, at, share))
            at += share
    return found


def by_group(rows):
    """Return a Bar for each heading of the list, in its order; nothing where there are none."""
    if not any(row.group for row in rows):
        return []
    return _bars(rows, lambda row: [row.group.text], {row.group.text: row.group for row in rows})


def by_country(rows):
    return _where_known(rows, lambda row: [row.country_name] if row.country else [])


def by_sector(rows):
    return _where_known(rows, lambda row: row.sectors)


def _where_known(rows, values):
    """Return Bars where half of the companies have a value and they differ; those that stand alone become one."""
    rows = [row for row in rows if row.label.key in IN_THE_RATE]
    found = [values(row) for row in rows]
    if sum(map(bool, found)) * 2 < len(rows) or len({value for its in found for value in its}) < 2:
        return []
    size = defaultdict(int)
    for value in (value for its in found for value in its):
        size[value] += 1
    alone = sorted(value for value, number in size.items() if number == 1)
    together = ", ".join(alone) if len(alone) <= 4 else _("Others, one company each")
    merged = dict.fromkeys(alone, together) if len(alone) > 1 else {}

    def place(row):
        return [merged.get(value, value) for value in values(row)] or [_("Not recorded")]

    return _bars(rows, place, {}, last=[together, _("Not recorded")])


def _bars(rows, places, texts, last=()):
    keys = defaultdict(list)
    counted = defaultdict(int)
    for row in rows:
        if row.label.key in IN_THE_RATE:
            for place in dict.fromkeys(places(row)):
                keys[place].append(row.label.key)
                counted[place] += row.counted
    bars = [
        Bar(texts.get(place) or place or _("Without a group"), counted[place], len(its), sorted(its, key=ORDER.index))
        for place, its in keys.items()
    ]
    if not last:
        return bars
    order = {name: place for place, name in enumerate(last)}
    return sorted(bars, key=lambda bar: (order.get(bar.name, -1), -bar.responded, -bar.asked))


@dataclass
class Mark:
    """One reply on the strip; `x` in thousandths of its width, `y` the line that its name stands on."""

    on: date
    stated: str
    name: str
    key: str
    x: int
    line: int = 0


@dataclass
class Strip:
    """When the replies came that have a day; `undated` are those that have none."""

    first: date
    last: date
    marks: list
    undated: int
    reminders: list  # [(date, thousandths of the width)]
    close: int | None
    named: bool
    soon: int | None  # replies within a week after a reminder; None where there was none

    @property
    def total(self):
        return len(self.marks) + self.undated


def strip(campaign, rows, events, today):
    """Return the Strip of a campaign, or None where fewer than two replies have a day."""
    replied = [row for row in rows if row.has_replied]
    dated = sorted((row for row in replied if len(row.state.reply_stated) == 10), key=lambda row: row.state.reply_on)
    if len(dated) < 2 or not campaign.asked_on:
        return None
    reminded_on = {
        pk: {e.on for e in its if e.kind == Event.Kind.REMINDED and len(e.stated) == 10} for pk, its in events.items()
    }
    reminded = sorted(set().union(*reminded_on.values()))
    known = [row.state.reply_on for row in dated] + reminded
    known += [campaign.closes_on] if campaign.closed_at else [today]
    first, last = min([campaign.asked_on, *known]), max(known)
    span = max((last - first).days, 1)

    def place(on):
        return round(1000 * (on - first).days / span)

    marks = [
        Mark(row.state.reply_on, row.state.reply_stated, row.name, row.label.key, place(row.state.reply_on))
        for row in dated
    ]
    for number, mark in enumerate(marks):
        mark.line = number % 4
    # a reminder that went to other companies only has moved nobody to reply
    soon = sum(
        any(timedelta() <= row.state.reply_on - day <= WEEK for day in reminded_on.get(row.pk, ())) for row in dated
    )
    return Strip(
        first=first,
        last=last,
        marks=marks,
        undated=len(replied) - len(dated),
        reminders=[(day, place(day)) for day in reminded],
        close=place(campaign.closes_on) if campaign.closed_at and first <= campaign.closes_on <= last else None,
        named=len(marks) <= NAMES,
        soon=soon if reminded else None,
    )
