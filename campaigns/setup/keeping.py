"""Questions between the database and the rows of a page; saving the whole tree in one act."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Question
from campaigns.models.question import locked

from .outline_rows import parents
from .questionnaire import Row


def rows_of(campaign):
    """Return the campaign's current questions as Rows in reading order; two queries at most."""
    questions = list(campaign.questions.current().order_by("position", "id"))
    follows = dict(campaign.questions.exclude(replaces=None).values_list("replaces", "pk"))
    levels, rows = {}, []
    for one in questions:
        parent = one.parent_id
        while parent in follows:  # the heading over it was corrected since
            parent = follows[parent]
        levels[one.pk] = levels.get(parent, -1) + 1
        rows.append(Row(one.number, one.text, levels[one.pk], one.label, one.pk))
    return rows


def version(rows):
    """Return a digest of rows as they were read: a save that started from another state is refused."""
    seen = hashlib.sha256()
    for row in rows:
        seen.update(repr((row.pk, row.number, row.text, row.level, row.label)).encode())
    return seen.hexdigest()[:16]


def save(campaign, rows, shown):
    """Make the campaign's questions what the rows say; return (added, changed, removed).

    shown   version() of the rows that the page started from
    raises  ValidationError where somebody changed them meanwhile, where they were asked, or where answers hang on one
    """
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked(campaign.pk):
            raise ValidationError(_("The questions were asked meanwhile. What was asked stays as it was asked."))
        before = rows_of(campaign)
        if version(before) != shown:
            raise ValidationError(
                _("Somebody changed the questions meanwhile. Copy what you need of your text and open this page again.")
            )
        return _write(campaign, rows, {row.pk: row for row in before})


def save_labels(campaign, labels):
    """Store the short labels of questions that were asked: {pk: label}; return how many changed."""
    changed = 0
    for question in campaign.questions.current().filter(pk__in=labels):
        if question.label != labels[question.pk]:
            question.label = labels[question.pk]
            question.save(update_fields=["label"])
            changed += 1
    return changed


def _write(campaign, rows, before):
    existing = {one.pk: one for one in campaign.questions.current()}
    kept = {row.pk for row in rows if row.pk}
    for pk in kept:  # no number stands in the way of another while they change places
        Question.objects.filter(pk=pk).update(number=f"~{pk}", parent=None)
    removed = [one for pk, one in existing.items() if pk not in kept]
    Question.objects.filter(pk__in=[one.pk for one in removed]).update(parent=None)
    try:
        for one in removed:
            one.delete()
    except ProtectedError:
        raise ValidationError(
            _("Question %(number)s has answers, so it cannot be removed.") % {"number": one.number}
        ) from None
    written, added, changed = [], 0, 0
    above = parents(rows)
    for place, row in enumerate(rows):
        parent = None if above[place] is None else written[above[place]]
        question = existing.get(row.pk) or Question(campaign=campaign)
        question.number, question.text, question.label = row.number, row.text, row.label
        question.parent, question.position = parent, place
        question.save()
        written.append(question)
        added += row.pk is None
        changed += row.pk is not None and _differs(before[row.pk], row)
    return added, changed, len(removed)


def _differs(old, new):
    return (old.number, old.text, old.level, old.label) != (new.number, new.text, new.level, new.label)
