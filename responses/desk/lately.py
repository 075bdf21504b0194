"""What happened last in a campaign, newest first: equal things that were recorded one after another are one line."""

from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns import days, roles
from campaigns.models import Event
from campaigns.status import Reach, Reply

READ, SHOWN = 200, 5  # events that are read; lines that are shown


class Line(NamedTuple):
    """`who` is safe HTML, companies' names in <bdi>; `by` is empty where the site did it by itself."""

    at: datetime
    said: str
    who: str
    by: str


def lately(campaign):
    """Return the newest Lines; one query."""
    rows = Event.objects.filter(approach__campaign=campaign).select_related("approach", "by").order_by("-id")[:READ]
    groups = groupby(rows, lambda one: (one.kind, one.after, one.by_id, days.today(one.at, campaign.time_zone)))
    return [_line(list(events)) for _key, events in islice(groups, SHOWN)]


def _line(events):
    newest, names = events[0], list(dict.fromkeys(event.approach.listed_as for event in events))
    who = format_html("<bdi>{}</bdi>", names[0])
    if len(names) > 1:
        who = format_html(_("{first} and {number} more"), first=who, number=len(names) - 1)
    return Line(newest.at, _word(newest), who, roles.name_of(newest.by) if newest.by else "")


def _word(event):
    """Return the status that it was moved to, or what was done."""
    for kind in (Reach, Reply):
        if event.kind == Event.Kind.MOVED and event.after in kind.values:
            return kind(event.after).label
    return event.get_kind_display()
