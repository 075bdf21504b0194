"""One question with every public answer to it, side by side."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import outline, roll
from campaigns.texts import Texts

from . import matrix
from .models import Answer
from .redacting import cuts_of, pieces_of_answer
from .response_page import Answered, crumbs


@dataclass
class Quote:
    """What one company's newest response says about the question."""

    row: roll.Row
    answered: Answered
    language: str
    link: str
    stated: str


def build(campaign, number, now):
    """Return the template's context, or None where the campaign has no such question that can be answered."""
    texts = Texts.read(campaign, get_language())
    questions, current = outline.read(campaign)
    _roots, leaves = outline.outline(questions, texts)
    place = next((place for place, leaf in enumerate(leaves) if leaf.number == number), None)
    if place is None:
        return None
    leaf = leaves[place]
    rows = roll.rows_of(campaign, texts, {}, now)
    replies = matrix.given(campaign, now)
    matrix.fill(rows, replies, matrix.codes(replies), leaves, current)
    quotes = _quotes(campaign, leaf, rows, current, now)
    answering = {quote.row.pk for quote in quotes}
    title = texts.first("headline", "title")
    return {
        "campaign": campaign,
        "campaign_title": title,
        "notice_text": texts.of("notice"),
        "leaf": leaf,
        "before": leaves[place - 1] if place else None,
        "after": leaves[place + 1] if place + 1 < len(leaves) else None,
        "quotes": quotes,
        "without": [row for row in rows if row.responses and row.pk not in answering],
        "page_title": _("Question %(number)s") % {"number": number} + (f": {leaf.label}" if leaf.label else ""),
        "page_description": leaf.text.text,
        "crumbs": crumbs(campaign, title),
    }


def _quotes(campaign, leaf, rows, current, now):
    """The answers that have words or a code, in the order of the list; a reply that covers several stands once."""
    old = [pk for pk, stands_for in current.items() if stands_for == leaf.pk]
    shown = {one.pk for row in rows for one in row.responses}
    answers = Answer.objects.filter(question__in=old, response__approach__campaign=campaign).select_related("response")
    found = {
        answer.response_id: answer
        for answer in answers.prefetch_related("passages", "response__redactions")
        if answer.response_id in shown
    }
    quotes = []
    for row in rows:
        one = next((one for one in reversed(row.responses) if one.pk in found), None)
        if one is None or one.approach != row.pk:
            continue
        answer = found[one.pk]
        removed = cuts_of(answer.response)
        answered = Answered(leaf, leaf.text, pieces_of_answer(answer, answer.response.text, removed), answer.agreed)
        link = reverse("response", args=[one.public_id]) + f"#{leaf.anchor}"
        quotes.append(Quote(row, answered, answer.response.language, link, answer.response.received_stated))
    return quotes
