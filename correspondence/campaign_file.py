"""The part of a campaign file that is sent: its wordings."""

from .models import Wording


def write(campaign, wording):
    """Write the wordings of a Document: {kind: {language: (subject, body)}}."""
    Wording.objects.bulk_create(
        Wording(campaign=campaign, kind=kind, language=language, subject=subject, body=body)
        for kind, languages in wording.items()
        for language, (subject, body) in languages.items()
    )


def read(campaign):
    """Return a campaign's wordings as a Document has them: {kind: {language: (subject, body)}}."""
    found = {}
    for row in campaign.wordings.order_by("id"):
        found.setdefault(row.kind, {})[row.language] = (row.subject, row.body)
    return found
