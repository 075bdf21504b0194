"""Where things stand on the dated strip: positions for an SVG of a given width, in pixels where it is not scaled."""

from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

LETTER = 7.2  # width of an average letter at 13 px
LINE = 19
EDGE = 9
STEP = 15  # between marks of one day


@dataclass
class Label:
    """A text with the place that it belongs to; `anchor` is SVG's text-anchor."""

    text: str
    at: int
    x: int
    y: int
    anchor: str = "middle"
    key: str = ""


@dataclass
class Drawing:
    css: str
    width: int
    height: int
    axis: int
    marks: list  # (x, y, label key)
    names: list  # of Label, above the axis
    lines: list  # (x, whether it is the close)
    below: list  # of Label, under the axis


def drawings(strip):
    """Return the Drawing for wide and for narrow screens."""
    return [_draw(strip, 1100, "plot-wide"), _draw(strip, 340, "plot-narrow")]


def _draw(strip, width, css):
    def at(thousandths):
        return round(EDGE + thousandths * (width - 2 * EDGE) / 1000)

    same_day, marks = {}, []
    for mark in strip.marks:
        x = at(mark.x)
        same_day[x] = same_day.get(x, -1) + 1
        marks.append((x, same_day[x], mark))
    stack = STEP * max(same_day.values())
    names, levels = staggered([(at(mark.x), mark.name, mark.key) for mark in strip.marks] if strip.named else [], width)
    axis = 14 + levels * LINE + stack + 12
    for label in names:
        label.y = 14 + label.y * LINE
    ends = [(at(0), _day(strip.first), ""), (at(1000), _day(strip.last), "")]
    under = [(at(x), _("Reminder, %(day)s") % {"day": _day(day)}, "") for day, x in strip.reminders]
    if strip.close is not None and strip.close < 1000:
        under.append((at(strip.close), _("Closing date"), ""))
    below, rows = staggered(ends, width)
    more, more_rows = staggered(under, width)
    for label in below:
        label.y = axis + 20 + label.y * LINE
    for label in more:
        label.y = axis + 20 + (rows + label.y) * LINE
    lines = [(at(x), False) for _day_of, x in strip.reminders]
    lines += [(at(strip.close), True)] if strip.close is not None else []
    return Drawing(
        css=css,
        width=width,
        height=axis + 10 + (rows + more_rows) * LINE,
        axis=axis,
        marks=[(x, axis - place * STEP, mark.key) for x, place, mark in marks],
        names=names,
        lines=lines,
        below=below + more,
    )


def staggered(wanted, width):
    """Put texts on as few lines as they need without touching; return (Labels with y = line from the top, lines)."""
    ends, found = [], []
    for at, text, key in sorted(wanted, key=lambda one: one[0]):
        half = len(text) * LETTER / 2
        anchor, x = "middle", at
        if at - half < 0:
            anchor, x = "start", max(at - EDGE, 0)
        elif at + half > width:
            anchor, x = "end", min(at + EDGE, width)
        begin = {"start": x, "middle": x - half, "end": x - 2 * half}[anchor]
        line = next((number for number, end in enumerate(ends) if end + 8 < begin), len(ends))
        ends[line : line + 1] = [begin + 2 * half]
        found.append(Label(text, at, round(x), line, anchor, key))
    return found, len(ends)


def _day(on):
    return formats.date_format(on, "DATE_FORMAT")
