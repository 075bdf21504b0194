"""Pages as a visitor reads them."""

import html
import re

from django.test import Client


def fetch(path, **headers):
    """Return the answer to an anonymous visitor, who must not be given a cookie."""
    answer = Client(headers=headers).get(path, secure=True)
    assert not answer.cookies
    return answer


def words(answer):
    """Return the text of a page, its tags replaced by spaces."""
    text = re.sub(r"(?s)<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def text_of(path, status=200):
    answer = fetch(path)
    assert answer.status_code == status
    return words(answer)
