import time
from contextlib import suppress

import pytest

from campaigns.setup import outline_rows
from campaigns.setup.questionnaire import MOST_CHARACTERS, Row, TooMany, read

MENA = """Dear colleagues,
we would be grateful for your answers:

1.
a) Do you sell surveillance goods or services to public-sector clients in the region for migration or
border purposes; which products, which countries?
b) How many of these have you delivered to crossings, checkpoints or refugee camps over roughly the last
5 years?
c) Would you keep giving us refreshed lists of those products and public clients?
2.
a) Do you (or a subsidiary) examine human rights risk before supplying such clients?
b) Does that examination include talking to affected groups and human rights defenders?
c) What else do you do so that the products do not harm migrants?
d) Is there a channel for raising complaints?
e) Is there a human rights policy or internal procedure that covers these sales?

3. Do you intend to stop such sales?
"""


def shape(text):
    return [(row.number, row.level) for row in read(text).rows]


def test_the_nine_nested_questions_of_the_reference_campaign_are_read():
    reading = read(MENA)
    numbers = ["1", "1.a", "1.b", "1.c", "2", "2.a", "2.b", "2.c", "2.d", "2.e", "3"]
    assert [row.number for row in reading.rows] == numbers
    assert reading.rows[0].text == "" and reading.rows[1].text.endswith(
        "or border purposes; which products, which countries?"
    )
    assert reading.rows[2].text.endswith("over roughly the last 5 years?")  # a broken line that begins with a number
    assert reading.before == "Dear colleagues, we would be grateful for your answers:"
    assert outline_rows.faults(reading.rows) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.a One\n1.b Two\n2 Three", [("1", 0), ("1.a", 1), ("1.b", 1), ("2", 0), ]),
        ("1(a) One\n1(b) Two\n1(b)(i) Three", [("1", 0), ("1.a", 1), ("1.b", 1), ("1.b.i", 2)]),
        ("1. a) One\nb) Two\n2. Three", [("1", 0), ("1.a", 1), ("1.b", 1), ("2", 0)]),
        ("1 Policy\n1.1 One costs\n1.5 million\n1.2 Two", [("1", 0), ("1.1", 1), ("1.2", 1)]),
        ("I. One\n(i) Two\n(ii) Three\nII. Four", [("I", 0), ("I.i", 1), ("I.ii", 1), ("II", 0)]),
        ("1. A\n(a) b\n(i) c\n(ii) d\n(b) e", [("1", 0), ("1.a", 1), ("1.a.i", 2), ("1.a.ii", 2), ("1.b", 1)]),
        ("g) One\nh) Two\ni) Three\nj) Four", [("g", 0), ("h", 0), ("i", 0), ("j", 0)]),
        ("١. سؤال\nأ) فرع\nب) فرع\n٢. سؤال", [("١", 0), ("١.أ", 1), ("١.ب", 1), ("٢", 0)]),
        ("• One\n• Two\n    o Three\n• Four", [("1", 0), ("2", 0), ("2.a", 1), ("3", 0)]),
        ("1. One\n- two\n- three", [("1", 0), ("1.a", 1), ("1.b", 1)]),
        ("Q1:\tOne\nQ2:\tTwo\n\u200f\xa0Question 3. Three", [("1", 0), ("2", 0), ("3", 0)]),
        ("> 1. One\n> goes on\n>> a. Two", [("1", 0), ("1.a", 1)]),
        ("First thing?\n\nSecond\nthing?", [("1", 0), ("2", 0)]),
        ("* One\n  * Two\n    * Three\n  * Four\n* Five", [("1", 0), ("1.a", 1), ("1.a.i", 2), ("1.b", 1), ("2", 0)]),
        ("1.º Um\n2ª Dois\n3° Trois", [("1", 0), ("2", 0), ("3", 0)]),
        ("*1. Bold*\n**2.** Bold\n## 3. Head\n_4. a_", [("1", 0), ("2", 0), ("3", 0), ("4", 0)]),
        ("Part A\n1. x\n2. y\nPart B: more\n1. z", [("A", 0), ("A.1", 1), ("A.2", 1), ("B", 0), ("B.1", 1)]),
        ("Section 1: x\n1. a, see\nSection 5 of it\nSection 2\n3. b", [("1", 0), ("1.1", 1), ("2", 0), ("2.3", 1)]),
    ],
)  # fmt: skip
def test_numberings_are_understood(text, expected):
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("letter", "after"),
    [
        (
            "1. One?\n2. Two,\nor not?\n\nPlease reply by 21 May.\n\nKind regards,\nA. Smith\n1 High Street",
            "Please reply by 21 May.",
        ),
        ("١. سؤال؟\n٢. سؤال؟\n\nمع خالص التحية\nسارة", "مع خالص التحية"),
        ("1. One?\n2. Two?\nAtenciosamente\nAna", "Atenciosamente"),
        ("1. One?\nThank you.\n2. Two?", ""),
        ("1. One?\n2. Say more.\n\nAnd why?\n\n--\nAnn", "--"),
    ],
)
def test_the_end_of_a_letter_is_left_out_and_said(letter, after):
    reading = read(letter)
    assert [row.number for row in reading.rows] in (["1", "2"], ["١", "٢"])
    assert reading.after.startswith(after) and bool(reading.after) == bool(after)
    kept = " ".join(row.text for row in reading.rows) + reading.after
    assert all(word.strip("().") in kept for word in letter.split() if word[-1] not in "1.2١٢")


def test_words_are_not_marks_and_no_text_is_lost():
    [row] = read("1. This is\na case of\nI. e. g. an\nin-house e.g. matter\n2022. Or so").rows[:1]
    kept = " ".join(f"{row.number} {row.text}" for row in read("1. This is\na case, e.g. of\n2022 goods").rows)
    assert row.text.startswith("This is a case of") and kept == "1 This is a case, e.g. of 2022 goods"


def test_a_number_that_is_used_twice_is_named_with_its_rows():
    rows = read("1. One\n2. Two\n2. Three").rows
    assert [sentence for _place, _field, sentence in outline_rows.faults(rows)] == [
        "The number 2 is used more than once: rows 2, 3."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2**20,
        "1.\n" * 2**19,
        "x\n" * (MOST_CHARACTERS // 2),
        "1. a) " * 16_000,
        "(((1" * 25_000,
        "\n" * 10**5,
        "x\n\n" * 15_000 + "1. y\n\n" + "x\n\n" * 15_000 + "Regards",
        "*" * 90_000,
        "**a " * 20_000,
        "--\n" * 30_000,
    ],
)
def test_hostile_text_is_read_or_refused_within_a_second(text):
    began = time.process_time()
    with suppress(TooMany):
        assert all(row.level < 4 for row in read(text).rows)
    assert time.process_time() - began < 1


def tree(text):
    """Rows from lines like "..1.a": a dot for each level, then the number."""
    return [Row(line.lstrip("-"), "x", len(line) - len(line.lstrip("-"))) for line in text.split()]


def written(rows):
    return " ".join("-" * row.level + row.number for row in rows)


@pytest.mark.parametrize(
    ("before", "act", "place", "after", "focus"),
    [
        ("1 2 3", "indent", 1, "1 -1.a 3", 1),
        ("1 2 -2.a 3", "indent", 1, "1 -1.a --1.a.a 3", 1),
        ("1 -1.a -1.b 2", "outdent", 2, "1 -1.a 3 2", 2),
        ("1 -1.a 2 -2.a 3", "up", 2, "2 -2.a 1 -1.a 3", 0),
        ("1 -1.a 2 -2.a 3", "down", 0, "2 -2.a 1 -1.a 3", 2),
        ("1 -1.a 2", "join", 1, "1 2", 0),
        ("1 -1.a -1.b 2", "remove", 0, "1.a 1.b 2", 0),
        ("1 -1.a 2", "add", 0, "1 -1.a 2 ", 2),
        ("3 -x -y 1", "number", 0, "1 -1.a -1.b 2", 0),
    ],
)
def test_an_act_on_a_row_moves_what_is_under_it_too(before, act, place, after, focus):
    rows = tree(before)
    assert outline_rows.ACTS[act](rows, place) == focus
    if act == "add":
        assert [row.text for row in rows] == ["x", "x", "", "x"] and rows[2].number == "3"
    else:
        assert written(rows) == after


def test_a_row_is_split_where_enter_was_pressed_and_joined_again():
    rows = [Row("1", "First part\nb) second part", label="Parts"), Row("2", "x")]
    assert outline_rows.split(rows, 0) == 1
    assert [(row.number, row.text) for row in rows] == [("1", "First part"), ("3", "second part"), ("2", "x")]
    assert outline_rows.join(rows, 1) == 0 and rows[0].text == "First part second part"
    with pytest.raises(outline_rows.CannotDo, match="Press Enter"):
        outline_rows.split(rows, 0)
