"""What of a response is public: a switch of its own, moved by people who may publish. The status is another matter."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import days

from .models import Publication, Response


def was_public(response, now):
    """Say whether readers could read it at some time: its words are then kept, and a withdrawal says so (410)."""
    return bool(public_since(response, now))


def public_since(response, now):
    """Return the instant from which readers could read it, None if they never could.

    A campaign that was withdrawn was public before. What is withheld was noted when it was withheld.
    """
    campaign = response.approach.campaign
    starts, ends = [campaign.published_at], [now, campaign.withdrawn_at or now]
    if response.publication == Publication.EMBARGOED:
        starts.append(response.embargo_at)
    if response.first_public_at or response.publication not in (Publication.PUBLISHED, Publication.EMBARGOED):
        return response.first_public_at
    return max(starts) if None not in starts and max(starts) <= min(ends) else None


def send_to_review(response):
    """A draft is done; somebody who may publish looks at it."""
    return _move(response, {Publication.DRAFT}, publication=Publication.IN_REVIEW)


def send_back(response):
    """Not ready: a draft again."""
    return _move(response, {Publication.IN_REVIEW}, publication=Publication.DRAFT)


def publish(response, *, now):
    """Show it from now on, as far as its campaign is public. A withdrawal or an embargo ends."""
    with transaction.atomic():
        row = _lock(response)
        row.first_public_at = public_since(row, now)
        row.publication, row.withheld_because, row.withheld_at = Publication.PUBLISHED, "", None
        row.embargo_until, row.embargo_stated = None, ""
        row.save()
        if not row.first_public_at and Response.objects.public(now).filter(pk=row.pk).exists():
            row.first_public_at = now
            row.save()
    return row


def embargo(response, until, *, now):
    """Show it from the start of the day `until` (a date) on. What readers have seen can only be withheld."""
    with transaction.atomic():
        row = _lock(response)
        if was_public(row, now):
            raise ValidationError(_("%(response)s was public. Withhold it instead.") % {"response": row})
        if days.start(until, row.approach.campaign.time_zone) <= now:
            raise ValidationError(_("%(day)s has begun. Publish it instead.") % {"day": until})
        row.publication, row.embargo_until = Publication.EMBARGOED, until
        row.save()
    return row


def withhold(response, because, *, now):
    """Hide its words, with a reason that readers see. If it was public before, its address says so (410)."""
    with transaction.atomic():
        row = _lock(response)
        row.first_public_at = public_since(row, now)
        row.publication, row.withheld_because, row.withheld_at = Publication.WITHHELD, because, now
        row.save()
    return row


def check(document, by, *, now):
    """Somebody has read the file: it is public with its response. None for `by` takes that back."""
    document.checked_at, document.checked_by = (now, by) if by else (None, None)
    document.save()


def _lock(response):
    rows = Response.objects.select_for_update(of=("self",)).select_related("approach__campaign")
    return rows.get(pk=response.pk)


def _move(response, allowed, **values):
    with transaction.atomic():
        row = _lock(response)
        if row.publication not in allowed:
            stands = row.get_publication_display()
            raise ValidationError(_("%(response)s: %(stands)s.") % {"response": row, "stands": stands})
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return row
