"""Words that are promised in five languages: the status labels, and plurals that follow each language's grammar."""

import re

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext

from campaigns.labels import WORDS

CATALOGUES = {
    code: polib.pofile(str(settings.BASE_DIR / "locale" / code / "LC_MESSAGES/django.po"))
    for code in ("pt", "es", "fr", "ar")
}
STATUS = {  # the design's table: companies are told these words
    "responded": ["Responded", "Respondeu", "Respondió", "A répondu", "ردّت"],
    "partial": ["Partial response", "Resposta parcial", "Respuesta parcial", "Réponse partielle", "ردّ جزئي"],
    "declined": ["Declined", "Recusou responder", "Se negó a responder", "A refusé de répondre", "رفضت الرد"],
    "silent": ["No response", "Sem resposta", "Sin respuesta", "Sans réponse", "لم تردّ"],
    "unreached": [
        "Could not be reached",
        "Não foi possível contactar",
        "No se pudo contactar",
        "N’a pas pu être contactée",
        "تعذّر الوصول إليها",
    ],
    "awaiting": [
        "Awaiting response",
        "A aguardar resposta",
        "En espera de respuesta",
        "En attente de réponse",
        "في انتظار الرد",
    ],
}


@pytest.mark.parametrize("key", STATUS)
def test_a_status_has_its_promised_word_in_every_language(key):
    for (code, _name), word in zip(settings.LANGUAGES, STATUS[key], strict=True):
        with translation.override(code):
            assert str(WORDS[key]) == word


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "لا ردود"), (1, "رد واحد"), (2, "ردّان"), (3, "3 ردود"), (11, "11 ردًا"), (100, "100 رد")],
)
def test_arabic_has_six_plurals(number, shown):
    with translation.override("ar"):
        assert ngettext("%(n)d response", "%(n)d responses", number) % {"n": number} == shown


def test_every_language_has_a_catalogue():
    assert {*CATALOGUES, "en"} == {code for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_catalogue_names_its_language_and_its_plurals(code):
    metadata = CATALOGUES[code].metadata
    assert metadata["Language"] == code
    assert f"nplurals={6 if code == 'ar' else ''}" in metadata["Plural-Forms"]
    assert not [entry.msgid for entry in CATALOGUES[code] if entry.fuzzy]


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_fills_in_nothing_that_the_original_does_not_offer(code):
    fields = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
    for entry in CATALOGUES[code]:
        offered = set(fields.findall(entry.msgid + entry.msgid_plural))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert set(fields.findall(text)) <= offered, entry.msgid


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_keeps_every_field_of_the_original(code):
    fields = re.compile(r"%\(\w+\)[sd]")
    for entry in CATALOGUES[code]:
        if entry.msgstr:
            assert sorted(fields.findall(entry.msgstr)) == sorted(fields.findall(entry.msgid)), entry.msgid
