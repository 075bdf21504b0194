"""The marks that number a line: "1.", "2.b", "1(a)", "iv)", "أ-", bullets; read as parts with a kind and a value."""

import re
import unicodedata
from dataclasses import dataclass

_ARABIC = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
_ABJAD = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"  # the other order in which Arabic lists go on
_HOME = {"ا": "أ", "إ": "أ", "آ": "أ", "هـ": "ه"}
_PART = r"(?:\d{1,3}|[ivxlc]{2,7}|[IVXLC]{2,7}|[A-Za-z]|هـ|[ء-غف-ي])"
_CLOSE = r"[.)\]:：\-–—٫۔º°ª]"
_SECTION = r"(?:Part|Section|Chapter|Parte|Seção|Secção|Sección|Capítulo|Partie|Chapitre|القسم|الجزء|المحور)"
SECTION = "section"  # the style of a heading like "Part A"
_MARK = re.compile(
    rf"(?:(?P<section>{_SECTION})\s{{1,3}}"
    r"|(?:Q|Question|Pregunta|Pergunta|السؤال|سؤال)\s{0,3}(?:no\.?|nº|n°|رقم)?\s{0,3}(?=[\d(]))?"
    rf"(?P<open>[(\[])?(?P<parts>{_PART}(?:(?:[.\-]|[)\]]?[(\[]){_PART}|(?<=\d)[A-Za-z]){{0,5}})"
    rf"(?P<close>(?:\s?{_CLOSE}){{0,3}})(?P<after>\s+|$)",
    re.IGNORECASE,
)
_PIECE = re.compile(_PART)
_BULLET = re.compile(r"([•◦▪▫●○■□‣⁃·∙*o–—-])(?:\s+)(?=\S)")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ROMAN_FORM = re.compile(r"(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One component of a mark: as written, and what it can mean: {kind: value}."""

    text: str
    meanings: dict

    @property
    def value(self):
        return next(iter(self.meanings.values()))


@dataclass(frozen=True)
class Mark:
    """parts (none for a bullet), the punctuation around them, whether anything closes it, and the text after it."""

    parts: tuple
    style: str
    is_closed: bool
    rest: str


def read(line):
    """Return the Mark that a line begins with, or None. The line has no space at its ends."""
    if found := _MARK.match(line):
        parts = tuple(_part(text) for text in _PIECE.findall(found["parts"]))
        closed = bool(found["close"].strip() or found["open"])
        if found["section"]:
            if len(parts) == 1 and len(line) < 100 and (closed or found.end() == len(line)):
                return Mark(parts, SECTION, True, line[found.end() :])
            return None
        spaced = found["after"] in ("", "\t") or len(found["after"]) > 1
        if closed or (len(parts) > 1 and _is_compound(found["parts"])) or _is_bare_number(parts, found, spaced):
            style = f"{found['open'] or ''}{found['close'].replace(' ', '')}"
            return Mark(parts, style, closed, line[found.end() :])
    if found := _BULLET.match(line):
        return Mark((), found[1], True, line[found.end() :])
    return None


def _is_compound(text):
    """Beyond its first part: "1.a", "1(a)" and "1a" are marks, "co-operation" and "e.g" are not."""
    return text[0].isdigit() or "(" in text


def _is_bare_number(parts, found, spaced):
    """A number without punctuation counts where something sets it off; whether it fits is for the reader to say."""
    return len(parts) == 1 and parts[0].text.isdigit() and (spaced or len(parts[0].text) < 3)


def _part(text):
    meanings = {}
    if text.isdigit():
        return Part(text, {"digit": int("".join(str(unicodedata.digit(one)) for one in text))})
    letter = _HOME.get(text, text)
    if letter in _ARABIC:
        return Part(text, {"arabic": _ARABIC.index(letter) + 1, "abjad": _ABJAD.index(letter) + 1})
    case = "lower" if text.islower() else "upper"
    if len(text) == 1 and text.isascii() and text.isalpha():
        meanings[f"{case} letter"] = ord(text.lower()) - ord("a") + 1
    if _ROMAN_FORM.fullmatch(text):
        meanings[f"{case} roman"] = _roman(text.lower())
    return Part(text, meanings or {"word": 0})


def _roman(text):
    values = [_ROMAN[one] for one in text]
    return sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values))


def roman(number):
    """Return a small number in small Roman letters: 4 -> "iv"."""
    written = ""
    for sign, value in (("xc", 90), ("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1)):
        count, number = divmod(number, value)
        written += sign * count
    return written


def house(parent, place):
    """Return the number of the `place`th child (from 1) of the number `parent` in the house form: 1, 1.a, 1.a.i."""
    levels = parent.count(".") + 1 if parent else 0
    if levels == 1:
        letters = "abcdefghijklmnopqrstuvwxyz"
        own = letters[place - 1] if place <= 26 else letters[(place - 1) // 26 - 1] + letters[(place - 1) % 26]
    elif levels == 2:
        own = roman(place)
    else:
        own = str(place)
    return f"{parent}.{own}" if parent else own
