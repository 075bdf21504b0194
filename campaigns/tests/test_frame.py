"""The frame of a page: dates, percentages and languages as each reader writes them; no cookie; links that hold."""

import datetime
import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from campaigns.templatetags import frame


@pytest.mark.parametrize(
    ("language", "stated", "shown"),
    [
        ("en", "2022-07-14", "14 July 2022"),
        ("en", "2022-07", "July 2022"),
        ("en", "2022", "2022"),
        ("en", "", "date not recorded"),
        ("en", None, "date not recorded"),
        ("pt", "2022-07-14", "14 de julho de 2022"),
        ("pt", "2022-07", "julho de 2022"),
        ("es", "2022-07-14", "14 de julio de 2022"),
        ("fr", "2022-07-01", "1 juillet 2022"),
        ("ar", "2022-07-14", "14 يوليو 2022"),
        ("ar", "2022-07", "يوليو 2022"),
        ("ar", "", "التاريخ غير مسجّل"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(language, stated, shown):
    with translation.override(language):
        assert frame.partial_date(stated) == shown


def test_a_date_that_the_calendar_has_not_is_an_error():
    with pytest.raises(ValueError, match="calendar"):
        frame.partial_date("2022-02-30")


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "20.8%"), ("pt", "20,8%"), ("es", "20,8\u00a0%"), ("fr", "20,8\u202f%"), ("ar", "20.8%")],
)
def test_a_percentage_has_one_decimal(language, shown):
    with translation.override(language):
        assert frame.percent_one(20.8) == shown
        assert frame.percent_one(None) == ""


def test_a_whole_percentage_keeps_its_decimal():
    assert frame.percent_one(0) == "0.0%"


def test_pieces_say_their_language_and_direction():
    assert frame.lang_attrs("ar") == 'lang="ar" dir="rtl"'
    assert frame.lang_attrs("pt") == 'lang="pt" dir="ltr"'
    assert frame.lang_attrs("") == 'dir="auto"'
    assert frame.lang_attrs('"><script>') == 'lang="&quot;&gt;&lt;script&gt;" dir="ltr"'


def test_language_names_stand_in_sentences():
    with translation.override("fr"):
        assert [frame.language_name(code) for code in ("en", "ar")] == ["anglais", "arabe"]
    assert frame.language_name("xx") == "xx"
    assert frame.own_name("ar") == "العربية"


def page(path, **context):
    template = Template(
        "{% load frame %}{% page_languages as languages %}{% page_addresses languages as addresses %}"
        "{{ addresses.canonical }}|{% for c, a in addresses.alternates %}{{ c }}={{ a }} {% endfor %}|"
        "{% for l in languages %}{{ l.url }}{% if not l.has_content %} {{ l.menus_only }}{% endif %};{% endfor %}"
    )
    return template.render(Context({"request": RequestFactory().get(path), **context}, autoescape=False))


def test_a_page_of_menus_exists_in_all_languages():
    with translation.override("en"):
        canonical, alternates, menu = page("/en/campaigns/?q=oil&page=2").split("|")
    assert canonical == "https://outreach.test/en/campaigns/"
    assert [pair.split("=")[0] for pair in alternates.split()] == ["en", "pt", "es", "fr", "ar", "x-default"]
    assert "/ar/campaigns/?q=oil&page=2;" in menu  # the filters survive the change of language
    assert "menus" not in menu


def test_only_real_translations_are_listed():
    with translation.override("en"):
        _canonical, alternates, menu = page("/en/campaigns/a/", content_languages=["en", "ar"]).split("|")
    assert [pair.split("=")[0] for pair in alternates.split()] == ["en", "ar", "x-default"]
    assert "/pt/campaigns/a/ só os menus;" in menu
    assert "/ar/campaigns/a/;" in menu


def test_a_fallback_belongs_to_the_language_that_it_shows():
    with translation.override("pt"):
        canonical, alternates, _menu = page("/pt/campaigns/a/", content_languages=["en", "ar"], shown_in="en").split(
            "|"
        )
    assert canonical == "https://outreach.test/en/campaigns/a/"
    assert not alternates


def test_an_address_without_a_language_leads_to_the_first_pages():
    assert "/fr/;" in page("/nowhere/")
    assert "//elsewhere" not in page("//elsewhere.example/x/")


def test_an_icon_is_silent():
    shown = frame.icon("responded")
    assert 'aria-hidden="true"' in shown
    assert re.search(r'<use href="/static/icons[^"]*\.svg#i-responded"/>', shown)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("2022-07-04", "4 Jul 2022"),
        (datetime.date(2022, 7, 4), "4 Jul 2022"),
        ("2022-07", "July 2022"),
        ("2022", "2022"),
    ],
)
def test_a_short_date_is_short_only_where_the_day_is_known(stated, shown):
    assert frame.short_date(stated) == shown
    assert frame.short_date("") == "date not recorded"
