"""Replacing an imported campaign: only while it is exactly as the file left it and no person has worked on it."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from campaigns.models import Approach, Campaign, Event, Question
from correspondence.models import Message, Wording
from responses.models import Answer, Document, Response


class TouchedByAPerson(Exception):
    """str() says what a person did to the campaign."""


def remove_untouched(campaign):
    """Delete a campaign with all that is under it; TouchedByAPerson where that would lose somebody's work."""
    if touched := _touched(campaign):
        raise TouchedByAPerson(touched)
    of = {"approach__campaign": campaign}
    Answer.objects.filter(response__approach__campaign=campaign).delete()
    Response.objects.filter(**of).delete()
    Event.objects.filter(**of).exclude(retracts=None).delete()  # what they take back is protected while they stand
    Event.objects.filter(**of).delete()
    Approach.objects.filter(campaign=campaign).delete()
    Question.objects.filter(campaign=campaign).update(parent=None, replaces=None)
    Question.objects.filter(campaign=campaign).delete()
    campaign.delete()


def _touched(campaign):
    of = {"approach__campaign": campaign}
    responses = Response.objects.filter(**of)
    tests = (
        ("it was not imported", campaign.imported_at is None),
        ("mail was made for it", Message.objects.filter(**of).exists() or campaign.batches.exists()),
        ("somebody recorded an event", Event.objects.filter(**of).exclude(by=None).exists()),
        ("somebody recorded an event", Event.objects.filter(**of).exclude(at=campaign.imported_at).exists()),
        ("somebody wrote a private note", campaign.approaches.exclude(note="").exists()),
        ("somebody owns a company of it", campaign.approaches.exclude(assigned=None).exists()),
        ("it has a team", campaign.memberships.exists()),
        ("it has documents", Document.objects.filter(response__approach__campaign=campaign).exists()),
        ("somebody logged a response", responses.exclude(logged_by=None).exists()),
        ("its publication was changed", campaign.withdrawn_at or responses.exclude(withheld_at=None).exists()),
        ("somebody changed it", _was_edited(campaign)),
    )
    return next((text for text, found in tests if found), "")


def _was_edited(campaign):
    """Look for entries in the admin's log for the campaign or anything under it."""
    under = {
        Campaign: [campaign.pk],
        Approach: campaign.approaches.values_list("pk", flat=True),
        Question: campaign.questions.values_list("pk", flat=True),
        Response: Response.objects.filter(approach__campaign=campaign).values_list("pk", flat=True),
        Wording: campaign.wordings.values_list("pk", flat=True),
    }
    return any(
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, keys)
        ).exists()
        for model, keys in under.items()
    )
