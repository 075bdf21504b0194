"""The acts on rows of a questionnaire before they are saved: level, order, joining, splitting, numbers; what is wrong.

Rows stand in reading order, and a row is under the nearest row above it with a smaller level. Each act takes the list
and the place of a row (from 0), changes the list, and returns the place to look at next.
"""

from collections import defaultdict

from django.utils.translation import gettext as _

from . import markers
from .questionnaire import MOST_LEVELS, MOST_ROWS, Row

NUMBER_MOST, LABEL_MOST = 20, 100  # as the columns of Question


class CannotDo(ValueError):
    """Why the act is not possible on this row, for the person."""


def straighten(rows):
    """No row is more than one level below the row above it."""
    above = -1
    for row in rows:
        row.level = above = max(0, min(row.level, above + 1, MOST_LEVELS - 1))


def parents(rows):
    """Return {place: place of the row that it is under}, None for those of the first level."""
    found, way = {}, []
    for place, row in enumerate(rows):
        del way[row.level :]
        found[place] = way[-1] if way else None
        way.append(place)
    return found


def asked(rows):
    """Return how many rows a company answers: those with nothing under them."""
    return len(rows) - len(set(parents(rows).values()) - {None})


def _end(rows, place):
    """The place after a row and all that is under it."""
    end = place + 1
    while end < len(rows) and rows[end].level > rows[place].level:
        end += 1
    return end


def indent(rows, place):
    if place == 0 or rows[place].level > rows[place - 1].level:
        raise CannotDo(_("There is no question above that it could be under."))
    if max(row.level for row in rows[place : _end(rows, place)]) + 1 >= MOST_LEVELS:
        raise CannotDo(_("Questions go %(most)d levels deep at most.") % {"most": MOST_LEVELS})
    _shift(rows, place, 1)
    return place


def outdent(rows, place):
    if rows[place].level == 0:
        raise CannotDo(_("It is on the first level already."))
    _shift(rows, place, -1)
    return place


def _shift(rows, place, by):
    for row in rows[place : _end(rows, place)]:
        row.level += by
    _fit_number(rows, place)


def _fit_number(rows, place):
    """Give a row that came under another the next number there, and what is under it numbers that begin with it."""
    old, above = rows[place].number, parents(rows)
    siblings = [other for other, parent in above.items() if parent == above[place]]
    taken = {row.number for row in rows} - {old}
    prefix = "" if above[place] is None else rows[above[place]].number
    ordinal = siblings.index(place) + 1
    while (number := markers.house(prefix, ordinal)) in taken:
        ordinal += 1
    rows[place].number = number
    for row in rows[place + 1 : _end(rows, place)]:
        if old and row.number.startswith(f"{old}."):
            row.number = number + row.number[len(old) :]


def up(rows, place):
    """Change places with the row before it on its level, with all that is under either."""
    before = place - 1
    while before >= 0 and rows[before].level > rows[place].level:
        before -= 1
    if before < 0 or rows[before].level < rows[place].level:
        raise CannotDo(_("It is the first of its level already."))
    end = _end(rows, place)
    rows[before:end] = rows[place:end] + rows[before:place]
    return before


def down(rows, place):
    end = _end(rows, place)
    if end == len(rows) or rows[end].level < rows[place].level:
        raise CannotDo(_("It is the last of its level already."))
    after = _end(rows, end)
    rows[place:after] = rows[end:after] + rows[place:end]
    return place + after - end


def settle(rows, place):
    """A row was dragged to its place and level: straighten what it broke, and number it there."""
    straighten(rows)
    _fit_number(rows, place)
    return place


def join(rows, place):
    """Add a row's text to the row above it."""
    if place == 0:
        raise CannotDo(_("There is no question above to join it with."))
    row, above = rows.pop(place), rows[place - 1]
    above.text = " ".join(filter(None, (above.text.strip(), row.text.strip())))
    above.label = above.label or row.label
    straighten(rows)
    return place - 1


def split(rows, place):
    """Cut a row in two at the first line break of its text."""
    first, _break, rest = rows[place].text.replace("\r", "").strip().partition("\n")
    if not rest.strip():
        raise CannotDo(_("Press Enter in the text where it should be cut, then split it."))
    if len(rows) >= MOST_ROWS:
        raise CannotDo(_("A questionnaire has %(most)d rows at most.") % {"most": MOST_ROWS})
    mark = markers.read(rest.strip())
    rows[place].text = first.strip()
    text = mark.rest if mark and mark.is_closed else rest.strip()
    new = _end(rows, place)
    rows.insert(new, Row("", text, rows[place].level))
    _fit_number(rows, new)
    return new


def remove(rows, place):
    """Take a row out; what was under it moves up a level."""
    for row in rows[place + 1 : _end(rows, place)]:
        row.level -= 1
    rows.pop(place)
    straighten(rows)
    return max(0, min(place, len(rows) - 1))


def add(rows, place):
    """Put an empty row after a row and all that is under it."""
    if len(rows) >= MOST_ROWS:
        raise CannotDo(_("A questionnaire has %(most)d rows at most.") % {"most": MOST_ROWS})
    new = _end(rows, place) if rows else 0
    rows.insert(new, Row("", "", rows[place].level if rows else 0))
    _fit_number(rows, new)
    return new


def number_anew(rows, place=0):
    """Give every row its number in the house form: 1, 1.a, 1.a.i."""
    above, counted = parents(rows), defaultdict(int)
    for at, row in enumerate(rows):
        counted[above[at]] += 1
        row.number = markers.house("" if above[at] is None else rows[above[at]].number, counted[above[at]])
    return place


ACTS = {
    "indent": indent, "outdent": outdent, "up": up, "down": down, "join": join, "split": split, "remove": remove,
    "add": add, "number": number_anew, "settle": settle,
}  # fmt: skip


def faults(rows):
    """Return [(place, field, sentence)] of what keeps the rows from being saved."""
    found, used = [], defaultdict(list)
    above = parents(rows)
    headings = set(above.values())
    for place, row in enumerate(rows):
        used[row.number].append(place)
        if not row.number:
            found.append((place, "number", _("Row %(row)d: enter a number.") % {"row": place + 1}))
        elif len(row.number) > NUMBER_MOST:
            text = _("Row %(row)d: the number “%(number)s” is longer than %(most)d characters.")
            found.append((place, "number", text % {"row": place + 1, "number": row.number, "most": NUMBER_MOST}))
        elif "/" in row.number:
            text = _("Row %(row)d: the number cannot have a slash: it is part of an address.")
            found.append((place, "number", text % {"row": place + 1}))
        if len(row.label) > LABEL_MOST:
            text = _("Row %(row)d: the short label is longer than %(most)d characters.")
            found.append((place, "label", text % {"row": place + 1, "most": LABEL_MOST}))
        if not row.text and place not in headings:
            text = _("Row %(row)d (%(number)s) has no text and no questions under it. Enter its text, or remove it.")
            found.append((place, "text", text % {"row": place + 1, "number": row.number}))
    for number, places in used.items():
        if number and len(places) > 1:
            listed = ", ".join(str(place + 1) for place in places)
            text = _("The number %(number)s is used more than once: rows %(rows)s.")
            found.append((places[1], "number", text % {"number": number, "rows": listed}))
    return sorted(found)
