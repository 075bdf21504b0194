"""A Document into the database: campaign, companies, questions, approaches and their events, in a few bulk inserts.

Runs inside the import's transaction.
"""

from dataclasses import dataclass

from companies.names import fold, slug_for

from .. import days
from ..models import (
    Approach,
    Asker,
    Campaign,
    CampaignTopic,
    ChosenContact,
    Event,
    Finding,
    Question,
    ReminderStep,
    TimelineEntry,
    Topic,
    Translation,
)
from ..status import state
from . import history
from .write_companies import BATCH, CompanyWriter, known_names


@dataclass
class Written:
    """What write() made: the campaign, {number: Question} and the Approach of each CompanyEntry, by its place."""

    campaign: Campaign
    questions: dict
    approaches: dict


def write(document, report, *, now, digest):
    """Write a Document and return Written; faults that only the database shows are added to `report`.

    now     the instant of the import
    digest  of the document, kept to recognise the same file again
    """
    writer = _Writer(document, report, now)
    campaign = writer.campaign(digest)
    questions = writer.questions(campaign)
    companies, chosen = CompanyWriter(document.companies, report).write()
    approaches = writer.approaches(campaign, companies, chosen) if not report.faults else {}
    Translation.objects.bulk_create(writer.translations, batch_size=BATCH)
    return Written(campaign, questions, approaches)


class _Writer:
    def __init__(self, document, report, now):
        self.document, self.report, self.now = document, report, now
        self.today = days.today(now, document.time_zone)
        self.closes = bool(
            document.closes_on
            and document.closed is not False
            and days.end(document.closes_on.on, document.time_zone) <= now
        )
        self.translations = []

    def text(self, texts, campaign, field, **noun):
        """Return the original of `texts` and keep the other languages for later."""
        for language, text in texts.items():
            if language != self.document.language:
                row = Translation(campaign=campaign, field=field, language=language, text=text, **noun)
                self.translations.append(row)
        return texts.get(self.document.language, "")

    def campaign(self, digest):
        doc = self.document
        campaign = Campaign(
            slug=doc.slug, language=doc.language, kind=doc.kind, source_url=doc.source_url, time_zone=doc.time_zone,
            trigger_kind=doc.trigger.kind, trigger_author=doc.trigger.author, trigger_link=doc.trigger.link,
            previous_round=doc.previous_round, counts_as_response=doc.counts_as_response,
            stated_approached=doc.stated_approached, stated_responded=doc.stated_responded,
            window_from=doc.sending.opens, window_until=doc.sending.closes, daily_cap=doc.sending.daily_cap,
            from_name=doc.sender.name, from_address=doc.sender.address, reply_to=doc.sender.reply_to,
            file_digest=digest, imported_at=self.now, closed_at=self.now if self.closes else None,
        )  # fmt: skip
        for key in ("title", "headline", "summary", "context", "notice"):
            setattr(campaign, key, self.text(getattr(doc, key), campaign, key))
        campaign.trigger_title = self.text(doc.trigger.title, campaign, "trigger_title")
        campaign.signature = self.text(doc.sender.signature, campaign, "signature")
        pairs = {
            "trigger": doc.trigger.date,
            "asked": doc.asked_on,
            "closes": doc.closes_on,
            "published": doc.published_on,
        }
        for key, day in pairs.items():
            on, stated = day or (None, "")
            setattr(campaign, f"{key}_on", on)
            setattr(campaign, f"{key}_stated", stated)
        campaign.deadline, campaign.deadline_stated = doc.deadline or (None, "")
        campaign.save()
        self._around(campaign)
        return campaign

    def _around(self, campaign):
        doc = self.document
        Asker.objects.bulk_create(Asker(campaign=campaign, name=name, position=n) for n, name in enumerate(doc.askers))
        named = [("region", doc.regions), ("sector", doc.sectors), ("issue", doc.issues)]
        topics = [_topic(kind, name) for kind, names in named for name in names]
        CampaignTopic.objects.bulk_create(
            CampaignTopic(campaign=campaign, topic=topic, position=n) for n, topic in enumerate(topics)
        )
        ReminderStep.objects.bulk_create(
            ReminderStep(
                campaign=campaign, anchor=anchor, days=number, wording=wording, escalates=escalates, position=n
            )
            for n, (anchor, number, wording, escalates) in enumerate(doc.reminders)
        )
        for n, texts in enumerate(doc.findings):
            finding = Finding(campaign=campaign, position=n)
            finding.text = self.text(texts, campaign, "text", finding=finding)
            finding.save()
        for n, item in enumerate(doc.timeline):
            entry = TimelineEntry(
                campaign=campaign, on=item.date.on, stated=item.date.stated, kind=item.kind, link=item.link, position=n
            )
            entry.title = self.text(item.title, campaign, "title", timeline_entry=entry)
            entry.text = self.text(item.text, campaign, "text", timeline_entry=entry)
            entry.save()

    def questions(self, campaign):
        """Write the tree in reading order; a replaced wording keeps its successor's number and place."""
        found = {}

        def add(entries, parent):
            for entry in entries:
                old = replace(entry, parent) if entry.replaces else None
                question = Question(
                    campaign=campaign, parent=parent, number=entry.number, replaces=old, position=len(found)
                )
                question.text = self.text(entry.text, campaign, "text", question=question)
                question.label = self.text(entry.label, campaign, "label", question=question)
                question.save()
                found[entry.number] = question
                add(entry.children, question)

        def replace(entry, parent):
            older = replace(entry.replaces, parent) if entry.replaces.replaces else None
            old = Question(
                campaign=campaign,
                parent=parent,
                number=entry.number,
                replaced_at=self.now,
                replaces=older,
                position=len(found),
            )
            old.text = self.text(entry.replaces.text, campaign, "text", question=old)
            old.label = self.text(entry.replaces.label, campaign, "label", question=old)
            old.save()
            return old

        def number_all(entries):
            for entry in entries:
                if entry.replaces:
                    entry.replaces.number = entry.number
                number_all(entry.children)

        number_all(self.document.questions)
        add(self.document.questions, None)
        return found

    def approaches(self, campaign, companies, chosen):
        """Write the approaches with the state of today that their events give, and the events themselves."""
        found, events = {}, []
        for position, entry in enumerate(self.document.companies):
            try:
                facts = history.facts(entry, self.document, self.today, self.closes)
            except history.Unfit as error:
                self.report.fault(f"{entry.place}.{error.args[0]}", error.args[1])
                continue
            approach = Approach(
                campaign=campaign, company=companies[entry.place], listed_as=entry.name, position=position,
                not_approached_because=entry.not_approached_because, added_at=self.now, added_on=self.today,
                answered_by_name=entry.answered_by,
            )  # fmt: skip
            for key in ("group", "reason", "remark"):
                setattr(approach, key, self.text(getattr(entry, key), campaign, key, approach=approach))
            for key in ("asked_on", "deadline", "promised_for"):
                on, stated = getattr(entry, key) or (None, "")
                setattr(approach, key, on)
                setattr(approach, key.replace("_on", "").replace("_for", "") + "_stated", stated)
            now_is = state(facts, campaign.counts_as_response)
            approach.reach, approach.reply, approach.reply_on, approach.reply_stated = now_is
            found[entry.place] = approach
            events += [(approach, fact) for fact in facts]
        if self.report.faults:
            return {}
        answering = known_names(a.answered_by_name for a in found.values() if a.answered_by_name)
        for approach in found.values():
            approach.answered_by = answering.get(fold(approach.answered_by_name)) if approach.answered_by_name else None
        Approach.objects.bulk_create(found.values(), batch_size=BATCH)
        self._events(campaign, events)
        uses = {"escalation": ChosenContact.Use.ESCALATION}
        ChosenContact.objects.bulk_create(
            (
                ChosenContact(approach=found[place], contact=contact, use=uses.get(use, use))
                for place, contact, use in chosen
            ),
            batch_size=BATCH,
        )
        return found

    def _events(self, campaign, pairs):
        rows, before = [], {}
        for approach, fact in pairs:
            event = Event(
                approach=approach, kind=fact.kind, field=fact.field, after=fact.after, on=fact.on, stated=fact.stated,
                before=before.get((approach.pk, fact.field), {"reach": "planned", "reply": "none"}.get(fact.field, "")),
                at=self.now, channel=fact.channel, result=fact.result, source=history.SOURCE,
            )  # fmt: skip
            before[approach.pk, fact.field] = fact.after
            event.remark = self.text(fact.remark, campaign, "remark", event=event)
            rows.append(event)
        Event.objects.bulk_create(rows, batch_size=BATCH)


def _topic(kind, name):
    slug = slug_for(name, lambda slug: False)
    topic, _ = Topic.objects.get_or_create(kind=kind, slug=slug, defaults={"name": name})
    return topic
