"""The part of a campaign file that came back, into the database."""

from companies.names import fold

from ..models import Answer, Passage, Response, ResponseTranslation
from ..passages import find

BATCH = 500


def write_responses(document, written, report, now):
    """Write the responses of a Document, with translations, answers, and passages anchored in the original.

    written  what the campaigns' part wrote; an answer that its response does not hold stays unanchored, with a warning
    """
    by_name = {fold(entry.name): written.approaches[entry.place] for entry in document.companies}
    by_name |= {fold(alias): written.approaches[e.place] for e in document.companies for alias in e.aliases}
    taken = set()
    ids = [r.id for e in document.companies for r in e.responses if r.id]
    for start in range(0, len(ids), BATCH):
        taken |= set(
            Response.objects.filter(public_id__in=ids[start : start + BATCH]).values_list("public_id", flat=True)
        )
    translations, answers, passages = [], [], []
    for entry in document.companies:
        for position, said in enumerate(entry.responses):
            if said.id in taken:
                report.fault(f"{said.place}.id", f"{said.id!r} is the id of another response")
                continue
            taken |= {said.id} - {""}
            response = _response(said, written, entry, position, document.language, now)
            response.save()
            response.covers.set([by_name[fold(name)] for name in said.covers])
            translations += _translations(response, said, document.language)
            for number, answer in enumerate(said.answers):
                row = Answer(
                    response=response,
                    question=written.questions[answer.question],
                    text=answer.text,
                    agreed=answer.coding,
                    position=number,
                )
                answers.append(row)
                if span := find(said.text, answer.text):
                    passages.append(Passage(answer=row, start=span[0], end=span[1]))
                elif answer.text:
                    report.warn(f"{said.place}.answers[{number}].text", "is not found in the response's text")
    ResponseTranslation.objects.bulk_create(translations, batch_size=BATCH)
    Answer.objects.bulk_create(answers, batch_size=BATCH)
    Passage.objects.bulk_create(passages, batch_size=BATCH)


def _response(said, written, entry, position, language, now):
    received, stated = said.received_on or (None, "")
    embargo, embargo_stated = said.embargo_until or (None, "")
    values = {"public_id": said.id} if said.id else {}
    campaign = written.campaign
    public = said.publication == "published" and campaign.published_at and campaign.published_at <= now
    return Response(
        approach=written.approaches[entry.place],
        kind=said.kind,
        position=position,
        author=said.author,
        received_on=received,
        received_stated=stated,
        channel=said.channel,
        language=said.language,
        text=said.text,
        link=said.link,
        publication=said.publication,
        withheld_because=said.withheld_because.get(language, "") or next(iter(said.withheld_because.values()), ""),
        embargo_until=embargo,
        embargo_stated=embargo_stated,
        first_public_at=now if public else None,
        logged_at=now,
        **values,
    )


def _translations(response, said, language):
    for item in said.translations:
        yield ResponseTranslation(response=response, language=item.language, label=item.label, text=item.text)
    for code, text in said.withheld_because.items():
        if code != language:
            yield ResponseTranslation(response=response, language=code, withheld_because=text)
