"""Every word is gathered, and every word that was gathered is translated, with its fields and tags."""

import ast
import re

import polib
import pytest
from django.conf import settings

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
FIELDS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")


def entries(language):
    return polib.pofile(str(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"))


def wrong(entry):
    """Say whether a translation lacks a field or a tag of the English text, or has one of its own."""
    wanted = sorted(FIELDS.findall(entry.msgid_plural or entry.msgid))
    if not entry.msgid_plural:
        return sorted(FIELDS.findall(entry.msgstr)) != wanted
    forms = [sorted(FIELDS.findall(form)) for form in entry.msgstr_plural.values()]
    return wanted not in forms or any(set(form) - set(wanted) for form in forms)  # "one company" needs no number


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(language):
    assert [entry.msgid for entry in entries(language).untranslated_entries()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_fields_of_the_english_text(language):
    assert [entry.msgid for entry in entries(language) if entry.translated() and wrong(entry)] == []


def test_a_lost_field_and_an_invented_one_are_found():
    assert wrong(polib.POEntry(msgid="Until %(day)s", msgstr="Até"))
    assert wrong(polib.POEntry(msgid="Until", msgstr="Até %(day)s"))
    plural = {0: "Uma empresa", 1: "%(n)s empresas"}
    assert wrong(polib.POEntry(msgid="%(n)d company", msgid_plural="%(n)d companies", msgstr_plural=plural))


def aliases(source):
    """Return the names, other than _, under which a module calls gettext and its like: makemessages passes them by."""
    imported = [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
    ]
    return [one.asname for one in imported if "gettext" in one.name and one.asname not in (None, one.name, "_")]


def test_words_are_marked_by_names_that_are_gathered():
    assert aliases("from django.utils.translation import gettext as _t") == ["_t"]
    ours = ("campaigns", "companies", "correspondence", "outreach", "responses")
    files = [file for app in ours for file in (settings.BASE_DIR / app).rglob("*.py")]
    assert [str(file) for file in files if aliases(file.read_text(encoding="utf-8"))] == []
