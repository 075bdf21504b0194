"""Reading one cell by its column: what it means, or a sentence that says what to write instead."""

import re
from datetime import date
from functools import lru_cache
from zoneinfo import available_timezones

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from django_countries import countries

from companies.names import fold

MOST = {  # characters, as the columns of the database
    "company": 200, "website": 200, "group": 200, "name": 200, "role": 200, "phone": 50, "email": 254,
}  # fmt: skip
_WHOLE_NAME = re.compile(r"[^<>]*<([^<>]+)>")
_BETWEEN = re.compile(r"[;,\n|،؛]+")
_MORE_COUNTRIES = {"uk": "GB", "england": "GB", "usa": "US", "us": "US", "uae": "AE", "prc": "CN", "korea": "KR"}
_is_url = URLValidator(schemes=["http", "https"])


class Unclear(ValueError):
    """What to write instead, for the person."""


def read(column, text, closes_on):
    """Return the value of a filled cell: a text, a list of texts, or a date. Unclear says what to write instead."""
    return _READERS.get(column, _plain)(column, text, closes_on)


def _plain(column, text, _closes_on):
    text = text if column in ("note", "reason") else " ".join(text.split())
    if len(text) > MOST.get(column, 5000):
        raise Unclear(_("Shorten it to %(most)d characters.") % {"most": MOST[column]})
    return text


def _company(column, text, closes_on):
    if not fold(text):
        raise Unclear(_("This is not a name."))
    return _plain(column, text, closes_on)


def _several(most):
    def read_several(_column, text, _closes_on):
        found = list(dict.fromkeys(" ".join(one.split()) for one in _BETWEEN.split(text) if one.strip()))
        if any(len(one) > most or not fold(one) for one in found):
            raise Unclear(_("Separate several with semicolons; each up to %(most)d characters.") % {"most": most})
        return found

    return read_several


def _country(_column, text, _closes_on):
    if code := _countries().get(_bare(text)):
        return code
    raise Unclear(_("Write a country like FR or France."))


@lru_cache(maxsize=1)
def _countries():
    """{folded name in any of the site's languages, or code: code}"""
    known = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            known |= {_bare(str(name)): code for code, name in countries}
    for code, _name in countries:
        known |= {_bare(code): code, _bare(countries.alpha3(code)): code}
    return known | _MORE_COUNTRIES


def _bare(text):
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


def _website(column, text, closes_on):
    text = _plain(column, text if "//" in text else f"https://{text}", closes_on)
    try:
        _is_url(text)
    except ValidationError:
        raise Unclear(_("Write an address like https://company.com.")) from None
    return text


def _email(_column, text, _closes_on):
    if whole := _WHOLE_NAME.fullmatch(text):
        text = whole[1]
    text = text.removeprefix("mailto:").strip()
    if len([one for one in re.split(r"[;,\s]+", text) if one]) > 1:
        raise Unclear(_("Write one address. Put each further contact in a row of its own."))
    try:
        validate_email(text)
    except ValidationError:
        if re.fullmatch(r"[^@\s]+@[^@\s.]*\.?|@[^@\s]+", text):
            raise Unclear(_("It is not complete. Write an address like press@company.com.")) from None
        raise Unclear(_("Write an address like press@company.com.")) from None
    if len(text) > MOST["email"]:
        raise Unclear(_("Write an address like press@company.com."))
    return text


def _emails(column, text, closes_on):
    several = [one.strip() for one in re.split(r"[;,\n]+", text) if one.strip()]
    return list(dict.fromkeys(_email(column, one, closes_on) for one in several))


def _language(_column, text, _closes_on):
    if code := _languages().get(_bare(text)):
        return code
    raise Unclear(_("Write a language like fr or French."))


@lru_cache(maxsize=1)
def _languages():
    """{folded name in its own or any of the site's languages, or code: code}"""
    named = {code for code, info in LANG_INFO.items() if "name" in info}
    known = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            known |= {_bare(str(get_language_info(code)["name_translated"])): code for code in named}
    for code in named:
        info = get_language_info(code)
        known |= {_bare(info["name"]): code, _bare(info["name_local"]): code, _bare(code): code}
    return known


def _time_zone(_column, text, _closes_on):
    if name := _zones().get(text.casefold().replace(" ", "_")):
        return name
    raise Unclear(_("Write a time zone like Europe/Berlin."))


@lru_cache(maxsize=1)
def _zones():
    return {name.casefold(): name for name in available_timezones()}


def _day(_column, text, closes_on):
    """2026-08-09, 9.8.2026, and with slashes where only one reading is a day of the calendar."""
    try:
        day = _as_date(text)
    except ValueError:
        raise Unclear(_("The date must be real, like 2026-08-09.")) from None
    if closes_on and day > closes_on:
        raise Unclear(_("The campaign closes before, on %(day)s.") % {"day": closes_on})
    return day


def _as_date(text):
    numbers = [int(one) for one in re.findall(r"\d{1,4}", text)]
    if re.fullmatch(r"\d{4}([-/.])\d{1,2}\1\d{1,2}", text):
        return date(*numbers)
    if re.fullmatch(r"\d{1,2}([-/.])\d{1,2}\1\d{4}", text):
        first, second, year = numbers
        if "." in text or first > 12 or first == second:
            return date(year, second, first)
        if second > 12:
            return date(year, first, second)
    raise ValueError(text)


_READERS = {
    "company": _company, "aliases": _several(200), "headquarters": _country, "sectors": _several(100),
    "website": _website, "email": _email, "cc": _emails, "escalation": _emails, "language": _language,
    "time_zone": _time_zone, "deadline": _day,
}  # fmt: skip
