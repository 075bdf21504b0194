"""Files that the import hands out: an empty template, the rows that are left out. No cell is a formula (S13)."""

import csv
from io import BytesIO, StringIO

from django.http import HttpResponse
from django.utils.translation import gettext as _

from .columns import LABELS
from .reading import defuse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 22  # characters


def template():
    """Return an XLSX with the heads of every column, in the person's language, and nothing below."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = str(_("Companies"))[:31]
    for place, label in enumerate(LABELS.values(), 1):
        cell = sheet.cell(1, place, str(label))
        cell.data_type, cell.font = "s", Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = WIDTH
    sheet.freeze_panes = "B2"
    written = BytesIO()
    book.save(written)
    return _attached(written.getvalue(), XLSX, "companies.xlsx")


def left_out(check):
    """Return the lines that are not imported as they stand."""
    return [line for line in check.lines if line.state in ("problem", "likely")]


def rows_with_problems(check):
    """Return a CSV of the rows that are left out, as they came, with a column that says why."""
    written = StringIO()
    out = csv.writer(written)
    width = len(check.sheet.columns)
    heads = [
        head or str(LABELS.get(key, "")) for head, key in zip(check.sheet.rows[0], check.sheet.columns, strict=False)
    ]
    heads += [""] * (width - len(heads))
    out.writerow([defuse(head) for head in [*heads, _("What to do")]])
    for line in left_out(check):
        row = check.sheet.rows[line.number - check.first + 1]
        row = row + [""] * (width - len(row))
        out.writerow([defuse(cell) for cell in [*row, _why(line)]])
    return _attached(f"\ufeff{written.getvalue()}".encode(), "text/csv; charset=utf-8", "rows-with-problems.csv")


def _why(line):
    said = [f"{finding.label}: {finding.said}" for finding in line.problems]
    if line.state == "likely" and line.asked:
        names = ", ".join(name for _key, name in line.asked.candidates)
        said.append(_("It looks like %(company)s. Say whether it is the same.") % {"company": names})
    return " ".join(said)


def _attached(content, kind, name):
    return HttpResponse(content, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
