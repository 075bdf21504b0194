"""Reading a numbered questionnaire as people paste it from a letter, a mail or a PDF into rows with levels.

Nothing is lost silently: what stands before the first number comes back as `before`, the end of a letter as `after`,
and every other line is in a row.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.translation import gettext as _

from . import markers

MOST_ROWS = 300
MOST_CHARACTERS = 100_000
MOST_LEVELS = 4  # 1, 1.a, 1.a.i, 1.a.i.1
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\x00-\x08\x0b-\x1f]")
_QUOTED = re.compile(r"(?:>\s?)+")
_EMPHASIS = re.compile(r"^(\s*)(?:#{1,6}\s+)?(\*{1,3}|_{1,3})(?=[^\s*_])(.+?)\2(?!\w)")  # bold, as text
_HEADING = re.compile(r"^(\s*)#{1,6}\s+")
_CLOSING = re.compile(  # in the five languages
    r"(?:(?:with )?(?:kind|best|warm|kindest)? ?regards|yours (?:sincerely|faithfully|truly)|(?:sincerely|best wishes)"
    r"|(?:many thanks|thank you)(?: very much)?(?: in advance)?|atenciosamente|(?:com os )?(?:melhores )?cumprimentos"
    r"|atentamente|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|(?:bien )?cordialement|sincères salutations"
    r"|(?:و?تفضلوا|مع) .{0,40}(?:التحية|التقدير|الاحترام|الشكر)|--)\W*",
    re.IGNORECASE,
)
_SIGNATURE_MOST = 15  # lines after the closing words
_LAST_WORDS_MOST = 3  # paragraphs before them
_SENTENCE_ENDS = (".", "?", "!", ":", ";", "؟", "؛", "。")
_TEXT_MOST = 20_000  # characters of one question, as read


@dataclass
class Row:
    """One question or heading. `level` counts from 0; `pk` is None for a new one; `key` names it on one page."""

    number: str
    text: str = ""
    level: int = 0
    label: str = ""
    pk: int | None = None
    key: str = ""


@dataclass
class Reading:
    rows: list
    before: str = ""  # what stood before the first number
    after: str = ""  # the end of a letter: its last words, and who signs


class TooMany(ValueError):
    """More questions than any company would answer: most likely not a questionnaire."""


@dataclass
class _Open:
    """A level that is open while reading: the style of its marks, where its last one stood, and its meanings."""

    style: str
    meanings: dict
    number: str
    indent: int
    children: int = 0


@dataclass
class _Item:
    number: str
    level: int
    lines: list = field(default_factory=list)


def read(text):
    """Return the Reading of a pasted text. TooMany where it is longer than any questionnaire."""
    if len(text) > MOST_CHARACTERS:
        raise TooMany(
            _("This text has %(length)d characters. Paste the questions alone: %(most)d at most.")
            % {"length": len(text), "most": MOST_CHARACTERS}
        )
    lines, end = _without_end([_bare(line) for line in _UNSEEN.sub("", text).replace("\xa0", " ").splitlines()])
    reader, blank = _Reader(), False
    for line in lines:
        if stripped := line.strip():
            reader.take(stripped, len(line) - len(line.lstrip()), blank)
        blank = not stripped
    after = _joined([f"\n{line}" for line in end if line])
    if not reader.items:
        return Reading(_paragraphs(lines), after=after)
    rows = [Row(one.number, _joined(one.lines), one.level) for one in reader.items]
    return Reading(rows, _joined(reader.before), after)


def _bare(line):
    """A line without what a mail program or an editor puts around its words."""
    line = (_QUOTED.sub("", line, count=1) if line.startswith(">") else line).expandtabs(4)
    return _HEADING.sub(r"\1", _EMPHASIS.sub(r"\1\3", line, count=1), count=1)


def _without_end(lines):
    """Return (lines, end): a letter's last words go with the paragraphs that lead to them and number or ask nothing."""
    at = max((place for place, line in enumerate(lines) if _CLOSING.fullmatch(line.strip())), default=0)
    rest = [line.strip() for line in lines[at + 1 :] if line.strip()]
    numbered = [mark for line in rest if line[0].isdigit() and (mark := markers.read(line)) and mark.is_closed]
    if not at or numbered or len(rest) > _SIGNATURE_MOST:
        return lines, []  # thanked in the middle
    first = next((place for place, line in enumerate(lines) if markers.read(line.strip())), at)
    for _each in range(_LAST_WORDS_MOST):
        last = at
        while last > first and not lines[last - 1].strip():
            last -= 1
        start = last
        while start > first and lines[start - 1].strip():
            start -= 1
        block = [line.strip() for line in lines[start:last]]
        if last == at or any("?" in line or "؟" in line or markers.read(line) for line in block):
            break  # it is a question, or the closing words belong to its paragraph
        at = start
    return lines[:at], lines[at:]


class _Reader:
    def __init__(self):
        self.items, self.before, self.open, self.top = [], [], [], 0
        self.children = Counter()  # {number: how many are under it}
        self.numbers = set()

    def take(self, line, indent, blank):
        mark = markers.read(line)
        if mark and self.fits(mark):
            self.add(*self.place(mark, indent))
            self.go_on(mark.rest, indent)
        elif self.items:
            self.items[-1].lines.append(("\n" if blank and self.items[-1].lines else "") + line)
        else:
            self.before.append(("\n" if blank and self.before else "") + line)

    def add(self, number, level):
        if len(self.items) >= MOST_ROWS:
            raise TooMany(
                _("This text has more than %(most)d numbered lines. Paste the questions alone.") % {"most": MOST_ROWS}
            )
        self.items.append(_Item(number, level))
        self.numbers.add(number)
        self.children[number.rpartition(".")[0]] += 1

    def go_on(self, rest, indent):
        """What follows a mark: its text, or the first of a series in the same line, as in "1. a) Do you"."""
        mark = markers.read(rest) if len(self.open) < MOST_LEVELS else None
        if mark and len(mark.parts) == 1 and mark.is_closed and 1 in mark.parts[0].meanings.values() and mark.rest:
            self.take(rest, indent, blank=False)
        elif rest:
            self.items[-1].lines.append(rest)

    def fits(self, mark):
        """A number that nothing closes, in the middle of a text, is a mark only where it goes on with a series."""
        if mark.is_closed:
            return all("word" not in part.meanings for part in mark.parts)
        last = mark.parts[-1]
        if len(mark.parts) == 1:
            return last.value == self.top + 1
        own, above = _written(mark.parts), _written(mark.parts[:-1])
        return own not in self.numbers and last.value in (1, self.children[above] + 1)

    def place(self, mark, indent):
        """Return (number, level), and remember what is open now."""
        if len(mark.parts) > 1:
            return self.place_compound(mark, indent)
        level = self.level_of(mark, indent)
        del self.open[level + 1 :]
        parent = self.open[level - 1].number if level else ""
        if level < len(self.open):
            ordinal = self.open[level].children = self.open[level].children + 1
        else:
            ordinal = 1
        if mark.parts:
            [part] = mark.parts
            number = f"{parent}.{part.text}" if parent else part.text
            meanings = self.meant(part, level)
        else:
            number, meanings = markers.house(parent, ordinal), {"bullet": ordinal}
        self.set_open(level, _Open(mark.style, meanings, number, indent, ordinal))
        return number, level

    def place_compound(self, mark, indent):
        """The mark says where it belongs; a heading that it takes for granted is made."""
        parts = mark.parts[:MOST_LEVELS]
        for level in range(len(parts)):
            number = _written(parts[: level + 1])
            last = level == len(parts) - 1
            if not last and level < len(self.open) and self.open[level].number == number:
                continue
            del self.open[level:]
            self.set_open(level, _Open(mark.style, dict(parts[level].meanings), number, indent, parts[level].value))
            if not last:
                self.add(number, level)
        return number, len(parts) - 1

    def set_open(self, level, one):
        self.open[level:] = [one]
        if level == 0:
            self.top = one.children if "bullet" in one.meanings else next(iter(one.meanings.values()))

    def level_of(self, mark, indent):
        """Where the mark goes on with an open series, there; a new series begins below the last row."""
        if not self.open:
            return 0
        part = mark.parts[0] if mark.parts else None
        if mark.style == markers.SECTION:
            return 0
        if part is None:
            alike = [level for level, one in enumerate(self.open) if "bullet" in one.meanings]
            same = [level for level in alike if self.open[level].style == mark.style]
            level = len(self.open)
            if same:  # as deep as one of them, or one below the last that stands further out
                near = [level for level in same if abs(self.open[level].indent - indent) < 2]
                outer = [level + 1 for level in same if self.open[level].indent < indent]
                level = near[-1] if near else outer[-1] if outer else same[0]
            return min(level, MOST_LEVELS - 1)
        apart = self.open[0].style == markers.SECTION  # no number goes on with "Part 2"
        follows = [level for level, one in enumerate(self.open) if _follows(one.meanings, part.meanings)]
        follows = [level for level in follows if level or not apart]
        in_style = [level for level in follows if self.open[level].style == mark.style]
        if in_style or follows:
            return (in_style or follows)[-1]
        begins = {kind for kind, value in part.meanings.items() if value == 1}
        alike = [
            level
            for level, one in enumerate(self.open)
            if one.style == mark.style and set(one.meanings) & set(part.meanings) and begins <= set(one.meanings)
        ]
        if alike:  # it begins again, or a number was left out
            return alike[-1]
        return min(len(self.open), MOST_LEVELS - 1)

    def meant(self, part, level):
        """Which of its meanings a part has: that which goes on with the level, else the first that could begin it."""
        if level < len(self.open):
            before = self.open[level].meanings
            going_on = {kind: value for kind, value in part.meanings.items() if before.get(kind, -1) + 1 == value}
            return going_on or part.meanings
        begins = {kind: value for kind, value in part.meanings.items() if value == 1}
        return begins or part.meanings


def _follows(before, now):
    return any(before.get(kind, -1) + 1 == value for kind, value in now.items())


def _written(parts):
    return ".".join(part.text for part in parts)


def _joined(lines):
    """Return lines as one text: broken lines run on, a new paragraph after a whole sentence stays one."""
    text = []
    for line in lines:
        new, line = line.startswith("\n"), line.strip()
        if not text:
            text.append(line)
        elif new and text[-1].endswith(_SENTENCE_ENDS):
            text.append(f"\n{line}")
        else:
            text.append(f" {line}")
    return "".join(text)[:_TEXT_MOST]


def _paragraphs(lines):
    """A text without any number: each paragraph, or each line where there is but one, is a question."""
    lines = [" ".join(line.split()) for line in lines]
    blocks = [" ".join(block) for filled, block in groupby(lines, bool) if filled]
    if len(blocks) < 2:
        blocks = [line for line in lines if line]
    if len(blocks) > MOST_ROWS:
        said = _("This text has more than %(most)d paragraphs. Paste the questions alone.")
        raise TooMany(said % {"most": MOST_ROWS})
    return [Row(str(place), block[:_TEXT_MOST]) for place, block in enumerate(blocks, 1)]
