"""All texts of a campaign as a spreadsheet for translators, and the same sheet as it comes back: a report first.

Heads: key, check, part, text, then one column for each language, the original first. `check` holds what each cell was
when the sheet was written, as short hashes: a text that was edited here meanwhile is never written over. An empty cell
changes nothing.
"""

import hashlib
from io import BytesIO
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.spreadsheet.reading import MOST_CELL, CannotRead, clean, defuse, read_file

from . import texts_grid
from .models import WordingKind

HEADS = ("key", "check", "part", "text")
NEW, CHANGED, REFUSED = "new", "changed", "refused"


class Cell(NamedTuple):
    """One cell of a sheet that differs from what is stored."""

    state: str
    row: int  # in the sheet, as a person counts
    key: str
    name: str
    language: str
    text: str
    now: str  # what is stored
    reason: str = ""  # why it is refused


class Report(NamedTuple):
    cells: list
    unchanged: int  # cells

    def of(self, *states):
        return [cell for cell in self.cells if cell.state in states]


def digest(text):
    return hashlib.sha256(clean(text).encode()).hexdigest()[:8]


def xlsx(rows, columns):
    """Return the bytes of a sheet with these texts_grid Rows. Texts longer than a sheet can bring back are left out."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Texts")
    sheet.freeze_panes = "E2"
    for column, width in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [4, 4, 14, 26, *[60] * len(columns)], strict=False):
        sheet.column_dimensions[column].width = width

    def cell(text, **style):
        one = WriteOnlyCell(sheet, value=defuse(text))
        one.data_type, one.number_format = "s", "@"  # a text, whatever it begins with
        one.alignment = Alignment(wrap_text=True, vertical="top", **style)
        return one

    heads = [cell(head) for head in (*HEADS, *columns)]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        if any(len(text) > MOST_CELL for text in row.texts.values()):
            continue
        check = " ".join(f"{language}:{digest(text)}" for language, text in sorted(row.texts.items()))
        texts = [row.texts.get(language, "") for language in columns]
        ways = [{"readingOrder": 2} if code.split("-")[0] in ("ar", "fa", "he", "ur") else {} for code in columns]
        marked = [cell(clean(text), **way) for text, way in zip(texts, ways, strict=True)]
        sheet.append([cell(row.key), cell(check), cell(row.part), cell(row.name), *marked])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def report(name, data, rows, known):
    """Return the Report on a sheet that came back; nothing is written.

    name, data  of the file
    rows        the texts_grid Rows of today
    known       the languages that a column may have
    raises      CannotRead with a sentence
    """
    table = read_file(name, data).rows
    heads = [head.strip() for head in table[0]]
    if missing := [head for head in ("key", "check") if head not in heads]:
        text = _("The sheet has no column “%(head)s”. Use the one that was downloaded here.")
        raise CannotRead(text % {"head": missing[0]})
    places = {head: at for at, head in enumerate(heads) if head not in HEADS and head}
    if strange := sorted(set(places) - set(known)):
        raise CannotRead(_("The column “%(head)s” is no language of this sheet.") % {"head": strange[0]})
    mine, seen, cells, unchanged = {row.key: row for row in rows}, set(), [], 0
    for number, values in enumerate(table[1:], 2):
        values = [*values, *[""] * (len(heads) - len(values))]
        key, check = values[heads.index("key")], dict(_pairs(values[heads.index("check")]))
        given = {language: values[at] for language, at in places.items() if values[at]}
        if not key and not given:
            continue
        if key not in mine or key in seen:
            why = _("This row is there twice.") if key in seen else _("There is no such text any more.")
            cells += [Cell(REFUSED, number, key, key, language, text, "", why) for language, text in given.items()]
            continue
        seen.add(key)
        found, same = _compare(mine[key], number, given, check)
        cells, unchanged = cells + found, unchanged + same
    return Report(_whole(cells, mine), unchanged)


def _pairs(check):
    return [one.split(":", 1) for one in check.split() if ":" in one]


def _compare(row, number, given, check):
    """Return (Cells that differ, how many do not)."""
    found, same = [], 0
    moved = check.get(row.language, "") != (digest(row.original) if row.original else "")
    for language, text in given.items():
        now = row.texts.get(language, "")
        if clean(now) == text or check.get(language) == digest(text):  # nobody touched this cell
            same += 1
            continue
        reason = texts_grid.fault(row, language, text)
        if not reason and check.get(language, "") != (digest(now) if now else ""):
            reason = _("It was edited here after the sheet was made.")
        elif not reason and moved:
            reason = _("The original was edited after the sheet was made. It reads now: %(text)s") % {
                "text": row.original
            }
        state = REFUSED if reason else CHANGED if now else NEW
        found.append(Cell(state, number, row.key, row.name, language, text, now, reason))
    return found, same


def _whole(cells, rows):
    """Refuse half a letter: a new one needs its subject and its text."""
    coming = {(cell.key, cell.language) for cell in cells if cell.state != REFUSED}
    checked = []
    for cell in cells:
        row = rows.get(cell.key)
        if row and row.is_letter and cell.state == NEW:
            other = cell.key.rpartition("-")[0] + ("-body" if cell.key.endswith("-subject") else "-subject")
            if (other, cell.language) not in coming and cell.language not in rows[other].texts:
                cell = cell._replace(state=REFUSED, reason=_("A letter has a subject and a text."))
        checked.append(cell)
    return checked


def accept(campaign, cells, rows):
    """Write the Cells of a report that are not refused, all or none; return how many.

    raises ValidationError where something was edited since the report, or cannot stand; nothing was written
    """
    mine, letters = {row.key: row for row in rows}, {}
    with transaction.atomic():
        for cell in cells:
            row = mine.get(cell.key)
            if row is None or row.texts.get(cell.language, "") != cell.now:
                raise ValidationError(_("%(name)s was edited meanwhile. Check the sheet again.") % {"name": cell.name})
            if row.is_letter:
                _noun, kind, name = cell.key.split("-")
                letters.setdefault((kind, cell.language), {})[name] = cell.text
                if said := texts_grid.fault(row, cell.language, cell.text):
                    raise ValidationError(said)
            else:
                texts_grid.write(campaign, row, cell.language, cell.text)
        for (kind, language), texts in letters.items():
            whole = {
                name: texts.get(name) or mine[f"wording-{kind}-{name}"].texts[language] for name in texts_grid.LETTERS
            }
            texts_grid.write_letter(campaign, WordingKind(kind), language, **whole)
    return len(cells)
