"""A Document into the database: campaign, companies, questions, approaches and their events, in a few bulk inserts.

Runs inside the import's transaction. Names are matched against known companies and their aliases; what is known of a
company is never overwritten: what differs is a warning.
"""

from dataclasses import dataclass

from companies.models import Alias, Company, Contact, FormerSlug, Sector
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

BATCH = 500


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
    companies = writer.companies()
    approaches = writer.approaches(campaign, companies) if not report.faults else {}
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
            ReminderStep(campaign=campaign, anchor=anchor, days=number, wording=wording, position=n)
            for n, (anchor, number, wording) in enumerate(doc.reminders)
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

    def companies(self):
        """Return the Company of each entry, by its place; known ones are found by name or alias, others are made."""
        entries = self.document.companies
        known = known_names(name for entry in entries for name in (entry.name, *entry.aliases))
        taken = _taken_slugs(entries)
        fresh, found, seen = [], {}, set()
        for entry in entries:
            company = known.get(fold(entry.name))
            if company is None:
                company = Company(
                    name=entry.name, folded=fold(entry.name), slug=slug_for(entry.name, taken.__contains__)
                )
                company.headquarters, company.website = entry.headquarters, entry.website
                taken.add(company.slug)
                fresh.append((entry, company))
            elif company.pk in seen:
                self.report.fault(f"{entry.place}.name", f"{entry.name!r} is {company.name}, which is listed already")
            else:
                seen.add(company.pk)
                self._differences(entry, company)
            found[entry.place] = company
        Company.objects.bulk_create((company for _, company in fresh), batch_size=BATCH)
        self._sectors(fresh)
        self._aliases(entries, found, known)
        self._contacts(entries, found)
        return found

    def _differences(self, entry, company):
        for key in ("headquarters", "website"):
            said, kept = getattr(entry, key), str(getattr(company, key))
            if said and said != kept:
                text = (
                    f"{company.name} keeps {kept!r}; this file says {said!r}" if kept else f"{said!r} is not taken over"
                )
                self.report.warn(f"{entry.place}.{key}", text)

    def _sectors(self, pairs):
        names = {fold(name): name for entry, _ in pairs for name in entry.sectors}
        known = {sector.folded: sector for sector in Sector.objects.filter(folded__in=names)}
        fresh = [Sector(name=name, folded=key) for key, name in names.items() if key not in known]
        known |= {sector.folded: sector for sector in Sector.objects.bulk_create(fresh)}
        through = Company.sectors.through
        links = {(company.pk, known[fold(name)].pk) for entry, company in pairs for name in entry.sectors}
        through.objects.bulk_create(
            (through(company_id=company, sector_id=sector) for company, sector in sorted(links)), batch_size=BATCH
        )

    def _aliases(self, entries, found, known):
        have = set(
            Alias.objects.filter(company__in={company.pk for company in known.values()}).values_list(
                "company_id", "name"
            )
        )
        fresh = []
        for entry in entries:
            company = found[entry.place]
            for index, alias in enumerate(entry.aliases):
                if (owner := known.get(fold(alias), company)) != company:
                    text = f"{alias!r} is a name of {owner.name}, another company"
                    self.report.fault(f"{entry.place}.aliases[{index}]", text)
                elif alias != company.name and (company.pk, alias) not in have:
                    have.add((company.pk, alias))
                    fresh.append(Alias(company=company, name=alias, folded=fold(alias)))
        Alias.objects.bulk_create(fresh, batch_size=BATCH)

    def _contacts(self, entries, found):
        """Add the contacts that are new to a company; `self.chosen` says who this campaign writes to."""
        with_contacts = [entry for entry in entries if entry.contacts]
        owners = [found[entry.place].pk for entry in with_contacts]
        known = {}
        for start in range(0, len(owners), BATCH):
            for contact in Contact.objects.filter(company__in=owners[start : start + BATCH]):
                known[contact.company_id, contact.email.lower() or contact.name] = contact
        fresh, self.chosen = [], []
        for entry in with_contacts:
            company = found[entry.place]
            for said in entry.contacts:
                key = (company.pk, said.email.lower() or said.name)
                if key not in known:
                    values = {k: v for k, v in vars(said).items() if k != "use"}
                    known[key] = Contact(company=company, **values)
                    fresh.append(known[key])
                if said.use != "no":
                    self.chosen.append((entry.place, known[key], said.use))
        Contact.objects.bulk_create(fresh, batch_size=BATCH)

    def approaches(self, campaign, companies):
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
        ChosenContact.objects.bulk_create(
            (ChosenContact(approach=found[place], contact=contact, use=use) for place, contact, use in self.chosen),
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


def known_names(names):
    """Return {folded name: Company} for those of `names` that a company has as its name or an alias."""
    keys, found = list({fold(name) for name in names}), {}
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        found |= {
            alias.folded: alias.company for alias in Alias.objects.filter(folded__in=some).select_related("company")
        }
        found |= {company.folded: company for company in Company.objects.filter(folded__in=some)}
    return found


def _taken_slugs(entries):
    """The slugs that new companies of these entries could collide with: those that begin alike."""
    bases, taken = list({slug_for(entry.name, lambda slug: False) for entry in entries}), set()
    for model in (Company, FormerSlug):
        for start in range(0, len(bases), BATCH):
            some = bases[start : start + BATCH]
            if hits := list(model.objects.filter(slug__in=some).values_list("slug", flat=True)):
                taken |= set(
                    model.objects.filter(slug__regex=f"^({'|'.join(hits)})(-[0-9]+)?$").values_list("slug", flat=True)
                )
    return taken


def _topic(kind, name):
    slug = slug_for(name, lambda slug: False)
    topic, _ = Topic.objects.get_or_create(kind=kind, slug=slug, defaults={"name": name})
    return topic
