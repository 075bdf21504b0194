"""The part of a campaign file that came back: responses, with their translations and answers."""

import re

from .entries import AnswerEntry, ResponseEntry, TranslationEntry

PUBLICATIONS = ("draft", "in_review", "published", "withheld", "embargoed")  # responses.Publication; a test compares
CHANNELS = ("email", "post", "phone", "web_form", "meeting", "other")  # campaigns.Event.Channel
CODES = ("answered", "partly", "not_answered", "not_applicable")  # responses.Coded
LABELS = ("official", "unofficial", "machine")  # responses.ResponseTranslation.Label
_ID = re.compile(r"[a-z0-9][a-z0-9-]{3,39}")


def read_responses(company, today, numbers):
    """Return the ResponseEntry list of a company's Node; `numbers` are the questions that answers may name."""
    found = []
    for node in company.nodes("responses"):
        found.append(_response(node, today, numbers, first=not found))
    return found


def _response(node, today, numbers, first):
    response = ResponseEntry(
        place=node.place,
        id=node.text("id"),
        received_on=node.fact("received_on", today),
        channel=node.choice("channel", CHANNELS),
        language=node.language_code("language"),
        kind=node.choice("kind", ("reply", "rejoinder"), "reply"),
        author=node.text("author", most=300),
        text=node.text("text"),
        link=node.url("link"),
        covers=node.strings("covers"),
        publication=node.choice("publication", PUBLICATIONS, "draft"),
        withheld_because=node.texts("withheld_because"),
        embargo_until=node.day("embargo_until"),
        translations=_translations(node),
        answers=_answers(node, numbers),
    )
    node.done()
    if response.id and not _ID.fullmatch(response.id):
        node.fault("id", f"{response.id!r} must have 4 to 40 small letters, digits and hyphens")
    if response.publication == "withheld" and not response.withheld_because:
        node.fault("withheld_because", "is required with publication: withheld")
    if response.publication == "embargoed" and not node.has("embargo_until"):
        node.fault("embargo_until", "is required with publication: embargoed")
    if response.kind == "rejoinder" and first:
        node.report.warn(node.at("kind"), "a rejoinder stands below the reply that it belongs to, and there is none")
    return response


def _translations(response):
    found, seen = [], set()
    for node in response.nodes("translations"):
        entry = TranslationEntry(node.language_code("language"), node.choice("label", LABELS), node.text("text"))
        for key in ("language", "label"):
            if not node.has(key):
                node.fault(key, "is required")
        if (entry.language, entry.label) in seen:
            node.fault("language", f"{entry.language!r} appears twice with this label")
        seen.add((entry.language, entry.label))
        node.done()
        found.append(entry)
    return found


def _answers(response, numbers):
    found, seen = [], set()
    for node in response.nodes("answers"):
        entry = AnswerEntry(node.text("question", required=True), node.text("text"), node.choice("coding", CODES))
        if entry.question and entry.question not in numbers:
            node.fault("question", f"there is no question {entry.question!r}")
        if entry.question in seen:
            node.fault("question", f"{entry.question!r} is answered twice in this response")
        seen.add(entry.question)
        node.done()
        found.append(entry)
    return found
