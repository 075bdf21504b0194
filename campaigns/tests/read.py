"""Pages as a visitor reads them."""

import html
import re

from django.test import Client


def fetch(path, **headers):
    """Return the answer to an anonymous visitor, who must not be given a cookie."""
    answer = _visitor.get(path, headers=headers, secure=True)
    assert not _visitor.cookies
    return answer


_visitor = Client()  # one for all: each new one reads the folder of static files


def words(answer):
    """Return the text of a page, its tags replaced by spaces."""
    text = re.sub(r"(?s)<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def text_of(path, status=200):
    answer = fetch(path)
    assert answer.status_code == status
    return words(answer)
