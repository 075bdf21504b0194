"""The campaigns' part of a Document from the database, in a handful of queries whatever the number of companies."""

from collections import defaultdict

from .. import days, outline
from ..days import Day
from ..models import ChosenContact, Event, Translation
from ..status import Reach, Reply
from . import history
from .entries import CompanyEntry, ContactEntry, Document, QuestionEntry, Sender, Sending, TimelineItem, Trigger

_NOUNS = ("question_id", "approach_id", "finding_id", "timeline_entry_id", "event_id")


class Texts:
    """The texts of a campaign in all languages, as in texts.of("text", question.text, question_id=question.pk)."""

    def __init__(self, campaign):
        self.language, self.rows = campaign.language, defaultdict(dict)
        for row in Translation.objects.filter(campaign=campaign).order_by("id"):
            noun = next(((name, getattr(row, name)) for name in _NOUNS if getattr(row, name)), None)
            self.rows[row.field, noun][row.language] = row.text

    def of(self, field, original, **noun):
        key = next(iter(noun.items()), None)
        return ({self.language: original} if original else {}) | self.rows.get((field, key), {})


def collect(campaign, now, *, contacts, wording, responses):
    """Return the Document of a campaign.

    now        the instant: a closing day that is over without a close is said
    contacts   whether to read the private contacts
    wording    {kind: {language: (subject, body)}}
    responses  {approach id: [ResponseEntry]}
    """
    texts = Texts(campaign)
    topics = defaultdict(list)
    for link in campaign.campaigntopic_set.select_related("topic"):
        topics[link.topic.kind].append(link.topic.name)
    return Document(
        slug=campaign.slug,
        language=campaign.language,
        **{key: texts.of(key, getattr(campaign, key)) for key in ("title", "headline", "summary", "context", "notice")},
        findings=[texts.of("text", finding.text, finding_id=finding.pk) for finding in campaign.findings.all()],
        kind=campaign.kind,
        source_url=campaign.source_url,
        trigger=Trigger(
            kind=campaign.trigger_kind,
            title=texts.of("trigger_title", campaign.trigger_title),
            author=campaign.trigger_author,
            date=_day(campaign.trigger_on, campaign.trigger_stated),
            link=campaign.trigger_link,
        ),
        askers=[asker.name for asker in campaign.askers.all()],
        regions=topics["region"],
        sectors=topics["sector"],
        issues=topics["issue"],
        time_zone=campaign.time_zone,
        asked_on=_day(campaign.asked_on, campaign.asked_stated),
        deadline=_day(campaign.deadline, campaign.deadline_stated),
        closes_on=_day(campaign.closes_on, campaign.closes_stated),
        closed=_closed(campaign, now),
        published_on=_day(campaign.published_on, campaign.published_stated),
        previous_round=campaign.previous_round,
        counts_as_response=campaign.counts_as_response,
        reminders=[
            (step.anchor, step.days, step.wording, step.escalates) for step in campaign.steps.filter(retired_at=None)
        ],
        sender=Sender(
            campaign.from_name, campaign.from_address, campaign.reply_to, texts.of("signature", campaign.signature)
        ),
        sending=Sending(campaign.window_from, campaign.window_until, campaign.daily_cap),
        wording=wording,
        questions=_questions(campaign, texts),
        companies=_companies(campaign, texts, contacts, responses),
        timeline=[
            TimelineItem(
                date=Day(entry.on, entry.stated),
                kind=entry.kind,
                title=texts.of("title", entry.title, timeline_entry_id=entry.pk),
                link=entry.link,
                text=texts.of("text", entry.text, timeline_entry_id=entry.pk),
            )
            for entry in campaign.timeline.all()
        ],
        stated_approached=campaign.stated_approached,
        stated_responded=campaign.stated_responded,
    )


def _day(on, stated):
    return Day(on, stated) if on else None


def _closed(campaign, now):
    """An open campaign with a closing day says so: an import after that day must not close what a person did not."""
    if campaign.closed_at is None:
        return False if campaign.closes_on else None
    return True if days.end(campaign.closes_on, campaign.time_zone) <= now else None


def _questions(campaign, texts):
    rows, _current = outline.read(campaign)
    by_id = {row.pk: row for row in campaign.questions.exclude(replaced_at=None)}
    children = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)

    def entry(row, old=False):
        return QuestionEntry(
            number="" if old else row.number,
            text=texts.of("text", row.text, question_id=row.pk),
            label=texts.of("label", row.label, question_id=row.pk),
            children=[] if old else [entry(child) for child in children[row.pk]],
            replaces=entry(by_id[row.replaces_id], old=True) if row.replaces_id else None,
        )

    return [entry(row) for row in children[None]]


def _companies(campaign, texts, contacts, responses):
    events = defaultdict(list)
    for event in Event.objects.standing().filter(approach__campaign=campaign).order_by("id"):
        events[event.approach_id].append(event)
    rows = campaign.approaches.select_related("company", "answered_by").prefetch_related(
        "company__aliases", "company__sectors"
    )
    if contacts:
        rows = rows.prefetch_related("company__contacts", "chosen")
    return [_company(campaign, row, events[row.pk], texts, contacts, responses.get(row.pk, [])) for row in rows]


def _company(campaign, row, events, texts, contacts, responses):
    remarks = {e.pk: words for e in events if (words := texts.of("remark", e.remark, event_id=e.pk))}
    asked, replied, past = history.entry_for(events, campaign, remarks)
    if row.asked_on:
        asked = _day(row.asked_on, row.asked_stated)
    elif asked and (asked.stated == campaign.asked_stated or row.reach == Reach.PLANNED):
        asked = None
    company = row.company
    names = [alias.name for alias in company.aliases.all()]
    if row.listed_as != company.name:
        names = [name for name in (company.name, *names) if name != row.listed_as]
    return CompanyEntry(
        place="",
        name=row.listed_as,
        aliases=names,
        headquarters=str(company.headquarters),
        sectors=[sector.name for sector in company.sectors.all()],
        website=company.website,
        group=texts.of("group", row.group, approach_id=row.pk),
        reason=texts.of("reason", row.reason, approach_id=row.pk),
        remark=texts.of("remark", row.remark, approach_id=row.pk),
        reach=row.reach,
        not_approached_because=row.not_approached_because,
        reply=row.reply,
        replied_on=replied if row.reply not in (Reply.NONE, Reply.SILENT) else None,
        answered_by=row.answered_by_name or (row.answered_by.name if row.answered_by else ""),
        asked_on=asked,
        deadline=_day(row.deadline, row.deadline_stated),
        promised_for=_day(row.promised_for, row.promised_stated),
        history=past,
        contacts=_contacts(row) if contacts else [],
        responses=responses,
    )


def _contacts(row):
    """The one written to first, as an import reads it; then the others in the order in which they became known."""
    said = {ChosenContact.Use.ESCALATION: "escalation"}
    use = {chosen.contact_id: said.get(chosen.use, chosen.use) for chosen in row.chosen.all()}
    known = sorted(row.company.contacts.all(), key=lambda contact: (use.get(contact.pk) != "to", contact.pk))
    keys = ("name", "role", "email", "phone", "web_form", "language", "time_zone", "health", "found_at")
    return [
        ContactEntry(**{key: getattr(contact, key) for key in keys}, use=use.get(contact.pk, "no"))
        for contact in known
        if contact.erased_at is None
    ]
