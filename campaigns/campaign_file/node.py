"""A place in a campaign file's tree: asked for typed values, it collects every fault with its place.

A key that nobody asked for is a fault too, with the nearest known key named; so the questions asked are the format.
"""

import difflib
import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from .. import days

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_url = URLValidator(schemes=["http", "https"])


class Report:
    """What is wrong with one file (`faults`: nothing is written) and what looks odd (`warnings`)."""

    def __init__(self):
        self.faults, self.warnings = [], []

    def fault(self, place, text):
        self.faults.append(f"{place}: {text}")

    def warn(self, place, text):
        self.warnings.append(f"{place}: {text}")


class Node:
    """A mapping of the tree at `place`. Values that are wrong are reported once and read as left out."""

    def __init__(self, tree, place, report, language="en"):
        self.tree, self.place, self.report, self.language = tree, place, report, language
        self.known = []

    def at(self, key):
        return f"{self.place}.{key}" if self.place else key

    def fault(self, key, text):
        self.report.fault(self.at(key), text)

    def has(self, key):
        return self.tree.get(key) is not None

    def done(self):
        """Report the keys that nobody asked for."""
        for key in self.tree:
            if key not in self.known:
                near = difflib.get_close_matches(str(key), self.known, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.fault(key, f"is not a key of this format{hint}")

    def _get(self, key, kind):
        self.known.append(key)
        value = self.tree.get(key)
        if value is None or isinstance(value, kind):
            return value
        wanted = {str: "a text", list: "a list", dict: "a map of keys"}[kind]
        found = {str: "a text", list: "a list", dict: "a map of keys"}[type(value)]
        self.fault(key, f"must be {wanted}, not {found}")
        return None

    def text(self, key, *, most=None, required=False):
        """A text in one language; "" where it is left out."""
        value = self._get(key, str) or ""
        if required and not value.strip():
            self.fault(key, "is required")
        if most and len(value) > most:
            self.fault(key, f"has {len(value)} characters; at most {most} fit")
            return value[:most]
        return value

    def texts(self, key, *, most=None, required=False):
        """A text, plain or as a map of languages: {language: text}."""
        if not isinstance(self.tree.get(key), dict):
            value = self.text(key, most=most, required=required)
            return {self.language: value} if value else {}
        languages = Node(self._get(key, dict), self.at(key), self.report)
        found = {}
        for language in languages.tree:
            if not _LANGUAGE.fullmatch(language):
                languages.fault(language, f"{language!r} is not a language code like en or pt-BR")
            elif text := languages.text(language, most=most):
                found[language] = text
        if required and not found.get(self.language, "").strip():
            self.fault(key, f"has no text in {self.language}, the campaign's language")
        return found

    def language_code(self, key, default=""):
        value = self.text(key)
        if value and not _LANGUAGE.fullmatch(value):
            self.fault(key, f"{value!r} is not a language code like en or pt-BR")
            return default
        return value or default

    def choice(self, key, values, default=""):
        value = self.text(key)
        if value and value not in values:
            near = difflib.get_close_matches(value, list(values), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.fault(key, f"{value!r} is not one of {', '.join(values)}{hint}")
            return default
        return value or default

    def url(self, key, most=500):
        value = self.text(key, most=most)
        return value if self._valid(key, value, _url, "is not an address like https://company.com/page") else ""

    def email(self, key):
        value = self.text(key, most=254)
        return value if self._valid(key, value, validate_email, "is not an address like press@company.com") else ""

    def _valid(self, key, value, validator, wrong):
        try:
            if value:
                validator(value)
        except ValidationError:
            self.fault(key, f"{value!r} {wrong}")
            return False
        return True

    def day(self, key):
        """A days.Day, or None."""
        value = self.text(key)
        try:
            return days.read(value) if value else None
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def fact(self, key, today):
        """A Day that is over by `today`: a fact. One that is known to the year may end later and counts from today."""
        day = self.day(key)
        if day is None:
            return None
        if days.first(day) > today:
            self.fault(key, f"{day.stated} has not come yet")
            return None
        return day

    def number(self, key, most=100_000_000):
        value = self.text(key)
        if value and not (value.isascii() and value.isdigit() and int(value[:20]) <= most):
            self.fault(key, f"{value!r} is not a whole number up to {most}")
            return None
        return int(value) if value else None

    def truth(self, key):
        """True, False, or None where it is left out."""
        value = self.choice(key, ("true", "false", "yes", "no"))
        return None if not value else value in ("true", "yes")

    def hour(self, key, default):
        """A time of the day, like 09:00."""
        value = self.text(key)
        try:
            return datetime.strptime(value, "%H:%M").time() if value else default
        except ValueError:
            self.fault(key, f"{value!r} is not a time like 09:00")
            return default

    def strings(self, key, *, most=200):
        """A list of texts, without what is empty."""
        found = []
        for place, value in self._items(key):
            if not isinstance(value, str) or not value.strip():
                self.report.fault(place, "must be a text")
            elif len(value) > most:
                self.report.fault(place, f"has {len(value)} characters; at most {most} fit")
            else:
                found.append(value)
        return found

    def nodes(self, key):
        """The Nodes of a list of maps."""
        found = []
        for place, value in self._items(key):
            if isinstance(value, dict):
                found.append(Node(value, place, self.report, self.language))
            else:
                self.report.fault(place, "must be a map of keys")
        return found

    def node(self, key):
        """The Node of a map, or None."""
        value = self._get(key, dict)
        return None if value is None else Node(value, self.at(key), self.report, self.language)

    def text_list(self, key):
        """A list of texts, each plain or as a map of languages: [{language: text}]."""
        items = self._get(key, list) or []
        holder = Node({f"{key}[{i}]": value for i, value in enumerate(items)}, self.place, self.report, self.language)
        return [texts for name in holder.tree if (texts := holder.texts(name))]

    def _items(self, key):
        return [(self.at(f"{key}[{i}]"), value) for i, value in enumerate(self._get(key, list) or [])]
