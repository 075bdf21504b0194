"""From bytes to rows of cells, all of them text: CSV in the encodings that spreadsheets write, XLSX, a pasted table.

Formulas are read as what they are, a text that begins with "=". What is too large is refused before it is unpacked.
"""

import codecs
import csv
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO, StringIO

from django.utils.translation import gettext as _

MB = 2**20
MOST_BYTES = 5 * MB  # of the file
MOST_UNPACKED = 40 * MB  # of an XLSX, as its directory says; zipfile unpacks no more than that
MOST_PART = {"xl/sharedStrings.xml": 8 * MB}  # held in memory as a whole
MOST_ENTRIES = 500
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 20_000, 60, 5_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t|"
_NONE = "\x1f"  # a table of one column has no delimiter, and its names may have commas
_LEADING_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_DAMAGED = (  # what openpyxl's parts raise; an entity in the XML is a ValueError
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, EOFError, OSError, SyntaxError,
    RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\u200b]")


class CannotRead(ValueError):
    """Why a file cannot be read, and what to do, for the person."""


@dataclass
class Table:
    """Rows of cells as they stand in the file, empty rows too; notes are sentences on what was left out."""

    rows: list
    notes: list = field(default_factory=list)


def read_file(name, data):
    """Return the Table of a file's bytes. CannotRead where it is too large, empty or of another kind."""
    check_size(name, len(data))
    if not data.strip(b"\0\r\n\t "):
        raise CannotRead(_("The file is empty."))
    if data.startswith(b"PK"):
        return _tidy(_read_xlsx(name, data))
    if data.startswith((_OLD_EXCEL, b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8")):
        raise CannotRead(_("%(name)s cannot be read here. Save it as XLSX or CSV.") % {"name": name})
    return read_text(decode(data))


def check_size(name, size):
    """Refuse a file of more than MOST_BYTES before it is read."""
    if size > MOST_BYTES:
        text = _("%(name)s is %(size)d MB. Files can be up to %(most)d MB.")
        raise CannotRead(text % {"name": name, "size": -(-size // MB), "most": MOST_BYTES // MB})


def read_text(text):
    """Return the Table of CSV text, or of a table that was pasted."""
    if len(text) > MOST_BYTES:
        text = _("This table is too long. Choose a file, up to %(most)d MB.")
        raise CannotRead(text % {"most": MOST_BYTES // MB})
    first, _break, rest = text.partition("\n")
    delimiter = ""
    if found := re.fullmatch(r"sep=(.)\r?", first):  # Excel's own first line
        delimiter, text = found[1], rest
    rows = _parse(text, delimiter or _delimiter(text), MOST_ROWS + 1)
    return _tidy(Table(rows))


def decode(data):
    """Return the text of a file: UTF-16 or UTF-8 where it says so or can be it, else a Windows code page."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    start = data[:2000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # without its mark: every other byte is nought
        if len(start) > 3 and start[first::2].count(0) > len(start) // 3:
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Words of letters beyond ASCII alone are Arabic in one code page, and hardly ever Western in the other.
        whole, single = len(re.findall(rb"[\xc0-\xff]{3,}", data)), len(re.findall(rb"[\xc0-\xff]+", data))
        return data.decode("cp1256" if whole * 2 > single else "cp1252", "replace")


def _parse(text, delimiter, most):
    rows = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > most:
                break
    except csv.Error:
        raise CannotRead(
            _("Row %(row)d cannot be read: a quotation mark is opened and never closed.") % {"row": len(rows) + 1}
        ) from None
    return rows


def _delimiter(text):
    """The one that gives the most rows of the same number of cells, more than one; _NONE for a plain list."""
    best, most = _NONE, 0
    sample = text[:20_000]
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in _sample(sample, delimiter) if any(row)]
        wide = [width for width in widths if width > 1]
        common = max(set(wide), key=wide.count) if wide else 1
        fits = wide.count(common) * common if wide else 0
        if fits > most and (len(wide) * 2 > len(widths) or widths[0] > 1):
            best, most = delimiter, fits
    return best


def _sample(text, delimiter):
    try:
        return _parse(text, delimiter, 30)
    except CannotRead:
        return []


def _read_xlsx(name, data):
    """Open what the directory says is small; the XML is read by defusedxml, which refuses entities."""
    from openpyxl import load_workbook

    cannot = _("%(name)s cannot be read: it is damaged, or no spreadsheet. Save it as XLSX or CSV.") % {"name": name}
    try:
        _check_size(name, zipfile.ZipFile(BytesIO(data)).infolist())
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            return _sheet(sheets or book.worksheets)
        finally:
            book.close()
    except CannotRead:
        raise
    except _DAMAGED:
        raise CannotRead(cannot) from None


def _check_size(name, entries):
    known = {entry.filename: entry.file_size for entry in entries}
    too_large = sum(known.values()) > MOST_UNPACKED or len(entries) > MOST_ENTRIES
    if too_large or any(known.get(part, 0) > most for part, most in MOST_PART.items()):
        raise CannotRead(_("%(name)s unpacks to more than a list of companies needs. Save it as CSV.") % {"name": name})
    if "xl/workbook.xml" not in known:
        raise CannotRead(_("%(name)s cannot be read here. Save it as XLSX or CSV.") % {"name": name})


def _sheet(sheets):
    """The first sheet that has something in it."""
    for sheet in sheets:
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1, values_only=True)
        rows = [[_text(cell) for cell in row] for row in cells]
        if any(any(row) for row in rows):
            notes = []
            if len(sheets) > 1:
                notes.append(_("Only the sheet “%(sheet)s” was read.") % {"sheet": sheet.title})
            return Table(rows, notes)
    raise CannotRead(_("The file is empty."))


def _text(cell):
    """A cell as a person reads it: whole numbers without a point, days as 2026-03-04."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _tidy(table):
    """Check the numbers, clean the cells, cut what is empty at the ends."""
    rows = [[clean(cell) for cell in row] for row in table.rows]
    while rows and not any(rows[-1]):
        rows.pop()
    rows = [row[: max((at for at, cell in enumerate(row, 1) if cell), default=0)] for row in rows]
    if not rows:
        raise CannotRead(_("The file is empty."))
    if len(rows) > MOST_ROWS:
        raise CannotRead(_("This has more than %(most)d rows. Divide it.") % {"most": MOST_ROWS})
    if max(map(len, rows)) > MOST_COLUMNS:
        raise CannotRead(
            _("This has more than %(most)d columns. Take out those that are not needed.") % {"most": MOST_COLUMNS}
        )
    for number, row in enumerate(rows, 1):
        if any(len(cell) > MOST_CELL for cell in row):
            text = _("Row %(row)d has a cell with more than %(most)d characters. Shorten it.")
            raise CannotRead(text % {"row": number, "most": MOST_CELL})
    return Table(rows, table.notes)


def clean(cell):
    """Return a cell's text without what nobody sees; undo what defuse() did."""
    text = _NOT_TEXT.sub("", cell.replace("\r\n", "\n").replace("\xa0", " ")).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_LEADING_FORMULA) else text


def defuse(cell):
    """Return a cell that no spreadsheet takes for a formula (S13)."""
    return f"'{cell}" if cell.startswith(_LEADING_FORMULA) else cell
