"""What the frame of every page is made of: icons, dates as exact as known, percentages, the language menu.

{% load frame %}
{% icon "responded" %}                an inline picture from static/icons.svg, silent for screen readers
{% icon "next" flip=True %}           the same, mirrored where the page runs from right to left
{{ "2022-07"|partial_date }}          July 2022 · julho de 2022 · juillet 2022 · يوليو 2022
{{ "2022-07-14"|short_date }}         14 Jul 2022 · 14/07/2022, for narrow columns; less exact days as above
{{ 20.8|percent_one }}                20.8% · 20,8 %
<p {% lang_attrs "ar" %}>             lang="ar" dir="rtl"
{{ "ar"|language_name }}              Arabic (as it stands inside a sentence)
"""

import datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import formats, translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import days

register = template.Library()

CODES = [code for code, _name in settings.LANGUAGES]
NAMES = dict(settings.LANGUAGES)
# Written out for the menus' own languages: Django's names are made for lists, not for sentences.
IN_A_SENTENCE = {
    "en": lambda: pgettext("language, inside a sentence", "English"),
    "pt": lambda: pgettext("language, inside a sentence", "Portuguese"),
    "es": lambda: pgettext("language, inside a sentence", "Spanish"),
    "fr": lambda: pgettext("language, inside a sentence", "French"),
    "ar": lambda: pgettext("language, inside a sentence", "Arabic"),
}


def is_rtl(code):
    """Return whether language `code` (`ar`, `fa-IR`) is written from right to left."""
    return code.split("-")[0] in settings.LANGUAGES_BIDI


@register.simple_tag
@lru_cache(maxsize=100)  # of a few names, asked for a hundred times per page
def icon(name, flip=False):
    """Return the symbol `i-<name>` of the sprite; the word beside it says what it means."""
    return format_html(
        '<svg class="icon{}" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>',
        " icon-flip" if flip else "",
        static("icons.svg"),
        name,
    )


@register.filter
def partial_date(stated):
    """Return a date as exact as it is known, in the language of the page.

    stated   `2022`, `2022-07`, `2022-07-14`, a date or datetime; empty or None: not recorded
    returns  "2022", "July 2022", "14 July 2022" or "date not recorded"
    raises   ValueError for any other text: the caller stores what the calendar has
    """
    if not stated:
        return _("date not recorded")
    if isinstance(stated, datetime.date):
        return formats.date_format(stated, "DATE_FORMAT")
    return _day_in(translation.get_language(), stated)


@register.filter
def short_date(stated):
    """Return partial_date() in the language's short style, where the day is known."""
    if stated and (isinstance(stated, datetime.date) or len(stated) == len("2022-07-14")):
        day = stated if isinstance(stated, datetime.date) else days.read(stated).on
        return formats.date_format(day, "SHORT_DATE_FORMAT")
    return partial_date(stated)


@lru_cache(maxsize=2000)  # a page says the same few days again and again
def _day_in(_language, stated):
    day = days.read(stated)
    if len(day.stated) == len("2022"):
        return day.stated
    style = "YEAR_MONTH_FORMAT" if len(day.stated) == len("2022-07") else "DATE_FORMAT"
    return formats.date_format(day.on, style)


@register.filter
def percent_one(percent):
    """Return a percentage (0 to 100) with one decimal, "20.8%"; nothing for None. The fraction goes first."""
    if percent is None:
        return ""
    number = formats.number_format(percent, decimal_pos=1)
    # Translators: a percentage; the number comes formatted. French and Spanish put a no-break space before the sign.
    return pgettext("percentage", "%(number)s%%") % {"number": number}


@register.simple_tag
def lang_attrs(code):
    """Return lang= and dir= for a piece of content; without a known language the browser finds the direction."""
    if not code:
        return mark_safe('dir="auto"')
    return format_html('lang="{}" dir="{}"', code, "rtl" if is_rtl(code) else "ltr")


@register.filter
def language_name(code):
    """Return the name of language `code` in the language of the page, as it stands inside a sentence."""
    if code in IN_A_SENTENCE:
        return IN_A_SENTENCE[code]()
    try:
        return translation.get_language_info(code)["name_translated"]
    except KeyError:
        return code


@register.filter
def own_name(code):
    """Return the name that language `code` gives itself: "português"."""
    try:
        return NAMES.get(code) or translation.get_language_info(code)["name_local"]
    except KeyError:
        return code


def in_language(path, code):
    """Return `path` (which may carry a query) under another language's prefix; its home page if it had no prefix."""
    first, _slash, rest = path.lstrip("/").partition("/")
    return f"/{code}/{rest}" if first in CODES else f"/{code}/"


@register.simple_tag(takes_context=True)
def page_languages(context):
    """Return the language menu of this page: dicts of code, name, dir, url, current, has_content, menus_only.

    The page says in `content_languages` in which languages its own words exist; without that, in all of them.
    The filters in the address are kept; `menu_path` stands for a path that must not be shown.
    `menus_only` is said in the language that it is about.
    """
    having = context.get("content_languages") or CODES
    path = context.get("menu_path") or context["request"].get_full_path()
    languages = []
    for code in CODES:
        with translation.override(code):
            menus_only = _("menus only")
        languages.append(
            {
                "code": code,
                "name": NAMES[code],
                "dir": "rtl" if is_rtl(code) else "ltr",
                "url": in_language(path, code),
                "current": code == translation.get_language(),
                "has_content": code in having,
                "menus_only": menus_only,
            }
        )
    return languages


@register.simple_tag(takes_context=True)
def page_addresses(context, languages):
    """Return {"canonical": address, "alternates": [(code, address), ...]} for search engines and the foot of a print.

    A page that shows another language than its own (`shown_in`) belongs to that language: it is canonical there
    and stands in no list of translations. `x-default` is English where English exists, else the first language.
    """
    path, shown_in = context["request"].path, context.get("shown_in")
    here = in_language(path, shown_in) if shown_in in CODES else path
    real = [language["code"] for language in languages if language["has_content"]]
    alternates = []
    if not shown_in and len(real) > 1:
        address = {code: settings.SITE_URL + in_language(path, code) for code in real}
        default = "en" if "en" in real else real[0]
        alternates = [*address.items(), ("x-default", address[default])]
    return {"canonical": context.get("canonical") or settings.SITE_URL + here, "alternates": alternates}
