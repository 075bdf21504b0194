from datetime import date

from campaigns.tests.make import NOW
from responses.models import Answer, Response


def make_response(approach, **values):
    """A published reply in English."""
    values = {
        "received_on": date(2026, 3, 9),
        "language": "en",
        "text": "We thank you for your letter.",
        "publication": "published",
        "logged_at": NOW,
    } | values
    return Response.objects.create(approach=approach, **values)


def make_answer(response, question, **values):
    return Answer.objects.create(
        response=response, question=question, **{"text": "Yes.", "agreed": "answered", **values}
    )
