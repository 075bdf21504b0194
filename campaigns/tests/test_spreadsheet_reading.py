import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest
from django.conf import settings
from django.utils import translation

from campaigns.spreadsheet import columns, reading
from campaigns.spreadsheet.reading import CannotRead, clean, defuse, read_file, read_text

ROWS = [["Société", "Courriel"], ["Électronique «Nord»", "a@b.example"], ["شركة الحدود", "c@d.example"]]


def book(rows, **more):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for title in more.get("sheets", ()):
        made.create_sheet(title).append(["x"])
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def packed(**parts):
    """A zip that says it is an XLSX, with the parts of a small one replaced."""
    written, small = io.BytesIO(), zipfile.ZipFile(io.BytesIO(book([["a", "b"]])))
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as out:
        for name in small.namelist():
            out.writestr(name, parts.pop(name, small.read(name)))
        for name, content in parts.items():
            out.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_and_delimiters_of_spreadsheets(encoding, delimiter):
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    assert read_file("a.csv", text.encode(encoding)).rows == ROWS


@pytest.mark.parametrize(("row", "encoding"), [(ROWS[1], "cp1252"), (ROWS[2], "cp1256")])
def test_a_csv_in_a_windows_code_page_is_read(row, encoding):
    assert read_file("a.csv", f"Company;E-mail\n{';'.join(row)}\n".encode(encoding)).rows[1] == row


def test_quoted_newlines_formulas_and_excels_first_line_are_read():
    text = 'sep=;\nCompany;Note\n"A; B";"two\nlines"\n=cmd|calc;\'+33 1\n'
    assert read_text(text).rows == [["Company", "Note"], ["A; B", "two\nlines"], ["=cmd|calc", "+33 1"]]


@pytest.mark.parametrize("cell", ["=1+1", "+33 1 23", "-x", "@cmd", "plain"])
def test_what_goes_out_is_no_formula_and_comes_back_as_it_was(cell):
    assert not defuse(cell).startswith(("=", "+", "-", "@")) and clean(defuse(cell)) == cell


def test_a_workbook_is_read_as_text():
    from datetime import date

    cells = ["Airbus", 7, 2.5, date(2026, 3, 4), "=1+1", None]
    table = read_file("a.xlsx", book([["Company", "b", "c", "d", "e", "f"], cells], sheets=["More"]))
    assert table.rows[1] == ["Airbus", "7", "2.5", "2026-03-04", "=1+1"]
    assert table.notes == ["Only the sheet “Sheet” was read."]


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
SHEET = "xl/worksheets/sheet1.xml"
WHOLE = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)
LAUGHS = '<row><c t="str"><v>&i;</v></c></row>'
FAR = '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("big.csv", b"x" * (reading.MOST_BYTES + 1)),
        ("empty.csv", b"\r\n \n"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100),
        ("letter.pdf", b"%PDF-1.4"),
        ("open.csv", b'Company\n"never closed' + b"x" * 200_000),
        ("plain.zip", packed()[:200]),
        ("bomb.xlsx", packed(**{SHEET: b"0" * (reading.MOST_UNPACKED + 1)})),
        ("strings.xlsx", packed(**{"xl/sharedStrings.xml": b"0" * (9 * 2**20)})),
        ("laughs.xlsx", packed(**{SHEET: f"{BOMB}]>{WHOLE % LAUGHS}"})),
        ("rows.csv", b"a,b\n" * 20_001),
        ("wide.csv", b"a," * 61 + b"b\n"),
        ("far.xlsx", packed(**{SHEET: WHOLE % FAR})),
    ],
)  # fmt: skip
def test_what_is_no_list_of_companies_is_refused_quickly_and_in_words(name, data):
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(CannotRead) as refused:
        read_file(name, data)
    spent, (_now, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(refused.value).endswith(".") and spent < 2.5 and most < 100 * 2**20  # tracing slows it threefold


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (["Company", "E-mail", "Copy to", "Headquarters"], ["company", "email", "cc", "headquarters"]),
        (["EMPRESA", "Correio eletrónico", "País da sede"], ["company", "email", "headquarters"]),
        (["Nombre de la empresa", "Correo electrónico", "Sector"], ["company", "email", "sectors"]),
        (["Entreprise", "Courriel", "Siège social", "Langue"], ["company", "email", "headquarters", "language"]),
        (["الشركة", "البريد الإلكتروني", "البلد", "اللغة"], ["company", "email", "headquarters", "language"]),
        (["Name", "Country", "mail", "mail"], ["company", "headquarters", "email", ""]),
        (["Company name (as printed)", "xyz"], ["company", ""]),
    ],
)
def test_columns_are_guessed_from_heads_in_five_languages(heads, expected):
    assert columns.guess(heads) == expected


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_heads_of_our_own_template_are_known(language):
    with translation.override(language):
        heads = [str(label) for label in columns.LABELS.values()]
    assert columns.guess(heads) == list(columns.LABELS)


def test_the_row_of_heads_is_found_below_a_title_and_missed_where_there_is_none():
    assert columns.head_row([["Our list 2026"], [], ["Company", "E-mail"], ["Airbus", "a@b.example"]]) == 2
    assert columns.head_row([["Airbus", "press@airbus.example"]]) is None
    assert columns.appearing_twice(["Company", "mail", "E-mail"]) == ["E-mail"]


@pytest.mark.parametrize(
    ("text", "rows", "guessed"),
    [
        ("Airbus\nElbit, Ltd\nCisco", [["Airbus"], ["Elbit, Ltd"], ["Cisco"]], ["company"]),
        ("Company\nElbit, Ltd", [["Company"], ["Elbit, Ltd"]], ["company"]),
        ("1;Airbus;a@b.example\n2;Cisco", [["1", "Airbus", "a@b.example"], ["2", "Cisco"]], ["", "company", "email"]),
        ("a@b.example\tAirbus\tPress", [["a@b.example", "Airbus", "Press"]], ["email", "company", ""]),
    ],
)
def test_a_plain_list_of_names_is_one_column_and_a_table_without_heads_is_guessed(text, rows, guessed):
    assert reading.read_text(text).rows == rows and columns.guess_from_values(rows) == guessed
