"""The HTML part of a mail, made from its plain text: the same words, nothing that is loaded, nothing that is run.

No styles and no pictures: it looks as a letter that a person typed, in whatever the reader's program prefers.
"""

import re
import unicodedata

from django.conf import settings
from django.utils.html import escape

from campaigns.templatetags.frame import is_rtl

_URL = re.compile(r"https?://[^\s<>\"']+")
_AFTER = ".,;:!?)]}»”’،؛؟"  # ends a sentence, never an address
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def html(text, language, *, written):
    """Return a page for a plain text.

    language  its code; the page runs in its direction
    written   http(s) addresses that may become links beside the site's own: those that a person wrote, not a record
    """
    way = "rtl" if is_rtl(language) else "ltr"
    paragraphs = re.split(r"\n{2,}", text.strip("\n"))
    body = "\n".join(
        "<p>" + "<br>\n".join(_line(line, way, written) for line in one.split("\n")) + "</p>" for one in paragraphs
    )
    lang = escape(language)
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}" dir="{way}">\n<head>\n<meta charset="utf-8">\n'
        # The frame repeats both: webmail throws the html and body elements away.
        f'</head>\n<body>\n<div lang="{lang}" dir="{way}">\n{body}\n</div>\n</body>\n</html>\n'
    )


def _line(line, way, written):
    """One line: its indentation kept, and its own direction where all its letters run the other way."""
    words = line.lstrip(" ")
    found = {_STRONG.get(unicodedata.bidirectional(one)) for one in words} - {None}
    inside = _linked(words, written)
    if found and way not in found:
        inside = f'<span dir="{found.pop()}">{inside}</span>'
    return "&nbsp;" * 2 * (len(line) - len(words)) + inside


def _linked(words, written):
    ours, parts, after = f"{settings.SITE_URL}/", [], 0
    for match in _URL.finditer(words):
        address = match[0].rstrip(_AFTER)
        if address in written or address.startswith(ours):
            at = match.start() + len(address)
            link = f'<a href="{escape(address)}" dir="ltr">{escape(address)}</a>'
            parts += [escape(words[after : match.start()]), link]
            after = at
    return "".join([*parts, escape(words[after:])])


def addresses(text):
    """Return the http(s) addresses in a text, as they become links."""
    return {match[0].rstrip(_AFTER) for match in _URL.finditer(text)}
