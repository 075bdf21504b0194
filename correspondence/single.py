"""A single letter: what a person writes to some companies of a campaign, once. It is proposed and approved like any."""

from django.db import transaction

from . import batches, merged
from .compose import compose, compose_test
from .letters import SINGLE, Letters
from .models import Letter, State, WordingKind
from .wording import Blocked

MOST = 300  # companies of one letter: about as many as one request can merge


def step(letter):
    """Return the key of the letter's step."""
    return f"{SINGLE}{letter.pk}"


def preview(letter, approach):
    """Return (Words, [To]) as an unsaved Letter would read for an approach, its link hidden; Blocked as ever."""
    letters = Letters(letter.campaign)
    letters.know(letter)
    records = merged.Records(letter.campaign.approaches.filter(pk=approach.pk))
    return records.words(approach.pk, WordingKind.LETTER, letters, step(letter))


def send_test(mail, user, *, now):
    """Queue a mail of a letter as a test to a member of staff; return the Message. Blocked as ever."""
    with transaction.atomic():
        return compose_test(mail.approach, WordingKind.LETTER, user, now=now, step=mail.step)


def write(campaign, language, subject, body, approaches, *, by, now):
    """Store a letter and propose its mails, all or nothing of them with the letter.

    approaches  of the campaign, at most MOST
    returns     (the Letter, [(Approach, sentence)] of those whom it cannot be sent to)
    """
    with transaction.atomic():
        letter = Letter.objects.create(
            campaign=campaign, language=language, subject=subject, body=body, by=by, made_at=now
        )
        letters, blocked = Letters(campaign), []
        for approach in batches.locked([approach.pk for approach in approaches]):
            approach.campaign = campaign
            try:
                compose(approach, step(letter), WordingKind.LETTER, now=now, state=State.PROPOSED, letters=letters)
            except Blocked as fault:
                blocked.append((approach, str(fault)))
    return letter, blocked
