"""Filing what a company sent: one transaction for its words, files, answers and the status that follows from them.

A reply counts when it is logged; its text is public only after somebody reviewed and published it (see publication.py).
"""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import planning, status
from campaigns.status import AWAITED, IllegalMove, Reach, Reply
from campaigns.templatetags.frame import partial_date
from companies.models import Alias, Company
from companies.names import fold

from . import passages
from .models import Answer, Coding, Document, Passage, Publication, Response


class Outcome(models.TextChoices):
    """What a reply means: a kind of reply, or that the company asks for time."""

    RESPONDED = Reply.RESPONDED.value, _("Responded")
    PARTIAL = Reply.PARTIAL.value, _("Partial response")
    DECLINED = Reply.DECLINED.value, _("Declined")
    DECLINED_WITH_STATEMENT = Reply.DECLINED_WITH_STATEMENT.value, _("Declined, with a statement")
    NOT_CONCERNED = Reply.NOT_CONCERNED.value, _("Says that it is not concerned")
    REFERS_TO_PUBLIC = Reply.REFERS_TO_PUBLIC.value, _("Points to what is public")
    ANSWERED_BY_OTHER = Reply.ANSWERED_BY_OTHER.value, _("Answered by another company")
    ACKNOWLEDGED = Reply.ACKNOWLEDGED.value, _("Confirmed receipt, no answer yet")
    MORE_TIME = "more_time", _("Asks for more time")
    ENGAGED = Reply.ENGAGED.value, _("Talked, sent nothing in writing")


# These are nothing without a text, a file or a link.
WITH_WORDS = (Outcome.RESPONDED, Outcome.PARTIAL, Outcome.DECLINED_WITH_STATEMENT)


@dataclass
class Answered:
    """What a reply says about one question; the text may be empty where only the judgement is known."""

    question: object
    text: str = ""
    code: str = ""


@dataclass
class Filed:
    """What log_reply() did."""

    approach: object
    response: object = None  # None where nothing came in writing
    unanchored: list = field(default_factory=list)  # questions whose answer is not in the original word for word


def log_reply(
    approach,
    *,
    outcome,
    day,
    by,
    now,
    text="",
    link="",
    author="",
    channel="",
    language="",
    documents=(),
    checked=False,
    covers=(),
    answers=(),
    answered_by="",
    more_time=None,
    remark=None,
    note="",
    publication=Publication.DRAFT,
    further=False,
):
    """File one reply and move the company's status; all of it or nothing.

    outcome      an Outcome
    day          the days.Day on which it was received
    documents    (name, media type, file) of each file; `checked`: somebody has read them and they may be published
    covers       approaches of the same campaign that the reply also answers for; their status stays
    answers      Answered, one per question
    answered_by  the name of the company that answered, for that outcome
    more_time    the days.Day until which the company asks for time, for that outcome
    remark       the public remark, or None to leave it; `note` is added to the private note
    further      this company sent something before, and this is another reply
    returns      Filed
    raises       ValidationError by field where something cannot be; then nothing was written and no file is left
    """
    with ExitStack() as undo, transaction.atomic():
        row = status.lock(approach)
        _check(row, outcome, day, text, link, documents, answered_by, more_time, further)
        filed = Filed(row)
        if text or link or documents or answers:
            filed.response = Response.objects.create(
                approach=row,
                position=next_position(row),
                author=author,
                received_on=day.on,
                received_stated=day.stated,
                channel=channel,
                language=language,
                text=text,
                link=link,
                publication=publication,
                logged_by=by,
                logged_at=now,
            )
            filed.response.covers.set(covers)
            for name, media_type, file in documents:
                _store(filed.response, name, media_type, file, by if checked else None, now, undo)
            for number, answered in enumerate(answers):
                if not _add_answer(filed.response, number, answered, by):
                    filed.unanchored.append(answered.question)
        _move(row, outcome, day, channel, more_time, by, now)
        row.refresh_from_db()
        if outcome == Outcome.ANSWERED_BY_OTHER:
            row.answered_by, row.answered_by_name = _company(answered_by)
        if remark is not None:
            row.remark = remark
        if note:
            row.note = f"{row.note}\n\n{note}".strip()
        row.save()
        undo.pop_all()
    return filed


def _check(row, outcome, day, text, link, documents, answered_by, more_time, further):
    """Raise ValidationError with every fault that the facts at hand give."""
    faults = {}
    if outcome in WITH_WORDS and not (text or link or documents):
        faults["text"] = gettext("Paste the text, add the file, or give the link")
    if outcome == Outcome.REFERS_TO_PUBLIC and not (text or link):
        faults["link"] = gettext("Enter the address of what it points to, or paste its words")
    if outcome == Outcome.ANSWERED_BY_OTHER and not answered_by:
        faults["answered_by"] = gettext("Enter the company that answered")
    if outcome == Outcome.MORE_TIME and not more_time:
        faults["more_time"] = gettext("Enter the day until which it asks for time")
    invitation = row.events.standing().filter(kind="invited", field="reach").order_by("on", "id").first()
    if invitation and invitation.stated and day.on < invitation.on:
        faults["day"] = gettext("The reply cannot be older than the invitation (%(day)s)") % {
            "day": partial_date(invitation.stated)
        }
    replies = row.responses.filter(kind=Response.Kind.REPLY)
    if text and replies.filter(text=text).exists():
        faults["text"] = gettext("This text is already filed for %(company)s") % {"company": row.listed_as}
    elif not further and replies.exists() and (text or link or documents):
        faults["further"] = gettext(
            "There is already a response from %(company)s to this campaign. Add to it, or say that this is another one"
        ) % {"company": row.listed_as}
    if faults:
        raise ValidationError(faults)


def _move(row, outcome, day, channel, more_time, by, now):
    """Move the status, where the reply says something else than what is stored, or says it for an earlier day."""
    to = Reply.ACKNOWLEDGED if outcome == Outcome.MORE_TIME else Reply(outcome)
    known = row.reply == to or (outcome == Outcome.MORE_TIME and row.reply in AWAITED - {Reply.NONE})
    earlier = row.reach == Reach.INVITED and row.reply_on and day.on < row.reply_on
    try:
        if not known or earlier:
            status.advance(row, to, now=now, on=day, by=by, channel=channel)
        if outcome == Outcome.MORE_TIME:
            planning.give_time(row, more_time, by=by, now=now, promised=True)
    except IllegalMove as error:
        raise ValidationError({"outcome": str(error)}) from error


def _company(name):
    """Return (company, "") for a name that is known here, else (None, name)."""
    folded = fold(name)
    if company := Company.objects.filter(folded=folded).first():
        return company, ""
    alias = Alias.objects.filter(folded=folded).select_related("company").first()
    return (alias.company, "") if alias else (None, name)


def next_position(row):
    last = row.responses.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _store(response, name, media_type, file, checked_by, now, undo):
    document = Document(
        response=response,
        name=name,
        media_type=media_type,
        size=file.size,
        language=response.language,
        sha256=digest(file),
        checked_at=now if checked_by else None,
        checked_by=checked_by,
    )
    undo.callback(document.file.storage.delete, document.file.field.generate_filename(document, name))
    document.file.save(name, file, save=False)
    document.save()
    return document


def digest(file):
    """Return the SHA-256 of a file, in hexadecimal."""
    seen = hashlib.sha256()
    for piece in file.chunks():
        seen.update(piece)
    return seen.hexdigest()


def _add_answer(response, position, answered, by):
    """Store one answer; return whether its words were found in the original (an answer without words is)."""
    answer = Answer.objects.create(
        response=response,
        question=answered.question,
        text=answered.text,
        agreed=answered.code,
        position=position,
    )
    if answered.code and by:
        Coding.objects.create(answer=answer, coder=by, code=answered.code)
    return anchor(answer)


def anchor(answer):
    """Mark where an answer's words stand in the original, whole or by paragraphs; return whether all were found."""
    answer.passages.all().delete()
    original = answer.response.text
    spans = [passages.find(original, answer.text)]
    if spans == [None]:
        spans = [passages.find(original, paragraph) for paragraph in answer.text.split("\n\n") if paragraph.strip()]
    if not answer.text.strip() or None in spans:
        return not answer.text.strip()
    Passage.objects.bulk_create([Passage(answer=answer, start=start, end=end) for start, end in spans])
    return True
