"""A Document as YAML: every text quoted or a block, the order of campaigns, companies and questions kept."""

import yaml

from .entries import Sending


class _Key(str):
    """A key of the format, written plain."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    pass


def _text(dumper, value):
    block = "\n" in value and not any(line != line.rstrip() for line in value.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else '"')


_Dumper.add_representer(
    _Key, lambda dumper, key: dumper.represent_scalar("tag:yaml.org,2002:str", str(key), style=None)
)
_Dumper.add_representer(str, _text)


def dump(document):
    """Return the file of a Document."""
    return yaml.dump(
        _keyed(_campaign(document)), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000, line_break="\n"
    )


def _keyed(value):
    if isinstance(value, dict):
        return {_Key(key): _keyed(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_keyed(one) for one in value]
    return str(value)


def _filled(**values):
    """The keys that say something, in their order."""
    return {key.rstrip("_"): value for key, value in values.items() if value not in ("", None, [], {})}


def _day(day):
    return day.stated if day else None


def _texts(texts, language):
    """A plain text where the original is all there is, else a map of languages."""
    return texts.get(language) if set(texts) <= {language} else texts


def _campaign(doc):
    def texts(value):
        return _texts(value, doc.language)

    trigger, sender, sending, usual = doc.trigger, doc.sender, doc.sending, Sending()
    return _filled(
        format="outreach-campaign/1",
        slug=doc.slug,
        language=doc.language,
        title=texts(doc.title),
        headline=texts(doc.headline),
        summary=texts(doc.summary),
        findings=[texts(finding) for finding in doc.findings],
        kind=doc.kind,
        source_url=doc.source_url,
        notice=texts(doc.notice),
        context=texts(doc.context),
        trigger=_filled(
            kind=trigger.kind,
            title=texts(trigger.title),
            author=trigger.author,
            date=_day(trigger.date),
            link=trigger.link,
        ),
        askers=doc.askers,
        regions=doc.regions,
        sectors=doc.sectors,
        issues=doc.issues,
        time_zone=doc.time_zone,
        asked_on=_day(doc.asked_on),
        deadline=_day(doc.deadline),
        closed_on=_day(doc.closes_on),
        closed=None if doc.closed is None else str(doc.closed).lower(),
        published_on=_day(doc.published_on),
        previous_round=doc.previous_round,
        counts_as_response=doc.counts_as_response,
        reminders=[_reminder(*step) for step in doc.reminders],
        sender=_filled(
            name=sender.name, address=sender.address, reply_to=sender.reply_to, signature=texts(sender.signature)
        ),
        sending=_filled(
            from_=f"{sending.opens:%H:%M}" if sending.opens != usual.opens else None,
            until=f"{sending.closes:%H:%M}" if sending.closes != usual.closes else None,
            daily_cap=sending.daily_cap,
        ),
        wording={
            kind: {language: {"subject": subject, "body": body} for language, (subject, body) in languages.items()}
            for kind, languages in doc.wording.items()
        },
        questions=[_question(question, texts) for question in doc.questions],
        companies=[_company(company, texts) for company in doc.companies],
        timeline=[
            _filled(
                date=_day(item.date), kind=item.kind, title=texts(item.title), link=item.link, text=texts(item.text)
            )
            for item in doc.timeline
        ],
        stated_totals=_filled(approached=doc.stated_approached, responded=doc.stated_responded),
    )


def _reminder(anchor, days, wording, escalates):
    more = {"wording": wording} if wording != "reminder" else {}
    return {anchor: days, **more, **({"escalate": "yes"} if escalates else {})}


def _question(question, texts):
    row = _filled(number=question.number, label=texts(question.label)) | {"text": texts(question.text) or ""}
    if question.replaces:
        row["replaces"] = _question(question.replaces, texts)
        row["replaces"].pop("number", None)
    if question.children:
        row["children"] = [_question(child, texts) for child in question.children]
    return row


def _company(company, texts):
    return _filled(
        name=company.name,
        aliases=company.aliases,
        headquarters=company.headquarters,
        sectors=company.sectors,
        website=company.website,
        group=texts(company.group),
        reason=texts(company.reason),
        reach=company.reach,
        not_approached_because=company.not_approached_because,
        asked_on=_day(company.asked_on),
        deadline=_day(company.deadline),
        reply=company.reply,
        replied_on=_day(company.replied_on),
        answered_by={"company": company.answered_by} if company.answered_by else None,
        remark=texts(company.remark),
        promised_for=_day(company.promised_for),
        history=[
            _filled(
                on=_day(entry.on),
                kind=entry.kind,
                **{entry.field or "_": entry.after or None},
                channel=entry.channel,
                result=entry.result,
                remark=texts(entry.remark),
            )
            for entry in company.history
        ],
        contacts=[_filled(**vars(contact)) for contact in company.contacts],
        responses=[_response(response, texts) for response in company.responses],
    )


def _response(response, texts):
    return _filled(
        id=response.id,
        received_on=_day(response.received_on),
        channel=response.channel,
        language=response.language,
        kind=response.kind,
        author=response.author,
        text=response.text,
        link=response.link,
        covers=response.covers,
        publication=response.publication,
        withheld_because=texts(response.withheld_because),
        embargo_until=_day(response.embargo_until),
        translations=[_filled(**vars(translation)) for translation in response.translations],
        answers=[_filled(**vars(answer)) for answer in response.answers],
    )
