"""Responses over time as a step line: from nobody to all that were invited, so that silence stays visible."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _

from campaigns import days
from campaigns.drawing import EDGE, LINE, staggered
from campaigns.models import Event
from campaigns.status import Reach
from campaigns.templatetags.frame import partial_date

TO_THE_DAY = len("2022-07-14")
HEIGHT = 190  # of the field, in pixels
LEFT = 34  # room for the numbers of the axis


@dataclass
class Progress:
    """`points` are (day, how many had responded by its end); `undated` responded on a day that nobody recorded."""

    first: date
    last: date
    invited: int
    points: list
    reminders: list  # of (day, how many)
    close: date | None
    undated: int

    @property
    def responded(self):
        return self.points[-1][1] if self.points else 0


@dataclass
class Drawing:
    css: str
    width: int
    height: int
    top: int
    axis: int
    line: str  # the path of the step line
    marks: list  # (x, y) of each day on which somebody responded
    rules: list  # (x, whether it is the close)
    today: int | None
    numbers: list  # of (y, number) on the axis
    below: list  # of Label


def progress(campaign, figures, now):
    """Return the Progress of a campaign that was sent out, or None before; three queries."""
    invitations = _days(campaign, kind=Event.Kind.INVITED, field="reach")
    if not figures.approached or not invitations:
        return None
    reminders = _days(campaign, kind=Event.Kind.REMINDED)
    counted = campaign.approaches.filter(reach=Reach.INVITED, reply__in=campaign.counts_as_response).order_by()
    replies = list(counted.values_list("reply_on", "reply_stated"))
    dated = Counter(on for on, stated in replies if len(stated) == TO_THE_DAY)
    total, points = 0, []
    for on in sorted(dated):
        total += dated[on]
        points.append((on, total))
    today = days.today(now, campaign.time_zone)
    last = max([campaign.closes_on or today, *(on for on, _n in points), *reminders, *invitations])
    return Progress(
        first=min([*invitations, *dated]),
        last=last if campaign.closed_at else max(last, today),
        invited=figures.approached,
        points=points,
        reminders=sorted(reminders.items()),
        close=campaign.closes_on,
        undated=len(replies) - sum(dated.values()),
    )


def drawings(found, today):
    """Return the Drawing for wide and for narrow screens."""
    return [_draw(found, today, 560, "plot-wide"), _draw(found, today, 330, "plot-narrow")]


def _days(campaign, **facts):
    """Return {day: number} of the campaign's standing events with these facts, where the day is known."""
    events = Event.objects.standing().filter(approach__campaign=campaign, **facts).order_by()
    known = events.values_list("on", "stated").annotate(Count("pk"))
    return Counter({on: number for on, stated, number in known if len(stated) == TO_THE_DAY})


def _draw(found, today, width, css):
    span, top = max((found.last - found.first).days, 1), 14

    def x(day):
        return round(LEFT + (day - found.first).days * (width - LEFT - EDGE) / span)

    def y(number):
        return round(top + HEIGHT - number * HEIGHT / max(found.invited, 1))

    ends = min(max(today, found.first), found.last)
    path = [f"M{x(found.first)} {y(0)}"]
    for day, number in found.points:
        path.append(f"H{x(day)}V{y(number)}")
    path.append(f"H{max(x(ends), x(found.points[-1][0]) if found.points else 0)}")
    marked = [(x(day), _("Reminder, %(day)s") % {"day": partial_date(day)}, "") for day, _n in found.reminders]
    if found.close:
        marked.append((x(found.close), _("Closing date"), ""))
    begin = [(x(found.first), partial_date(found.first), ""), (x(found.last), partial_date(found.last), "")]
    axis, below = top + HEIGHT, []
    start = axis + 20
    for wanted in (begin, marked):
        labels, lines = staggered(wanted, width)
        for label in labels:
            label.y = start + label.y * LINE
        start, below = start + lines * LINE, below + labels
    return Drawing(
        css=css, width=width, height=start - 8, top=top, axis=axis, line="".join(path),
        marks=[(x(day), y(number)) for day, number in found.points],
        rules=[(x(day), False) for day, _n in found.reminders] + ([(x(found.close), True)] if found.close else []),
        today=x(today) if found.first < today < found.last else None,
        numbers=_numbers(found.invited, y), below=below,
    )  # fmt: skip


def _numbers(invited, y):
    """Return the numbers of the axis: none, half and all."""
    return [(y(number), number) for number in sorted({0, invited // 2, invited})]
