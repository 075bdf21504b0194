"""The part of a Document that came back, from the database."""

from campaigns.campaign_file.entries import AnswerEntry, ResponseEntry, TranslationEntry
from campaigns.days import Day

from ..models import Response
from ..redacting import cuts_of, pieces, pieces_of_answer, pieces_of_copy, plain


def responses_of(campaign, now, *, public=False):
    """Return {approach id: [ResponseEntry]}; for the public, unpublished responses without a word of theirs, and
    published ones without what was removed.

    Why a reply is withheld is written for readers: the campaign's page says it, and so does its file.
    """
    found, of = {}, {"approach__campaign": campaign}
    shown = set(Response.objects.public(now).filter(**of).values_list("pk", flat=True)) if public else set()
    rows = Response.objects.filter(**of).prefetch_related(
        "translations", "answers__question", "answers__passages", "covers", "redactions"
    )
    for row in rows.order_by("position", "id"):
        hidden = public and row.pk not in shown
        if not (public and hidden and row.kind == Response.Kind.REJOINDER):
            found.setdefault(row.approach_id, []).append(
                _entry(row, campaign.language, hidden, cuts_of(row) if public else [])
            )
    return found


def _entry(row, language, hidden, removed):
    translations, answers = row.translations.all(), row.answers.all()
    reasons = {language: row.withheld_because} if row.withheld_because else {}
    reasons |= {item.language: item.withheld_because for item in translations if item.withheld_because}
    return ResponseEntry(
        place="",
        id=row.public_id,
        received_on=Day(row.received_on, row.received_stated) if row.received_on else None,
        channel=row.channel,
        language=row.language,
        kind=row.kind,
        author="" if hidden else row.author,
        text="" if hidden else plain(pieces(row.text, removed)),
        link="" if hidden else row.link,
        covers=[approach.listed_as for approach in row.covers.all()],
        publication=row.publication,
        withheld_because=reasons if row.publication == "withheld" or not hidden else {},
        embargo_until=Day(row.embargo_until, row.embargo_stated) if row.embargo_until else None,
        translations=[]
        if hidden
        else [
            TranslationEntry(item.language, item.label, plain(pieces_of_copy(item.text, row.text, removed)))
            for item in translations
            if item.label
        ],
        answers=[] if hidden else [_answer(item, row.text, removed) for item in answers],
    )


def _answer(answer, text, removed):
    words = plain(pieces_of_answer(answer, text, removed)) if removed else answer.text
    return AnswerEntry(answer.question.number, words, answer.agreed)
