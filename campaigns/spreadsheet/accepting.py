"""Accepting a spreadsheet: one transaction that writes what the check showed, and remembers what it made."""

from collections import Counter, defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from campaigns import days
from campaigns.models import Approach, ChosenContact, SpreadsheetImport
from companies.models import Alias, Company, Contact, FormerSlug, Sector
from companies.names import fold, slug_for

from .checking import Check
from .entries import CHANGED, NEW, UNCHANGED

BATCH = 500
MOST_COMPANIES = 5_000  # of one spreadsheet, without a campaign lead (S24)


class Changed(Exception):
    """What accepting would write is no longer what the page showed."""


def accept(pk, by, now, digest, *, may_many):
    """Write a spreadsheet's good rows; return the SpreadsheetImport with its report. Its rows and choices are emptied.

    digest    Check.digest of what the person saw
    may_many  whether the person may bring in more than MOST_COMPANIES
    raises    Changed; ValidationError where it was accepted before, or is too much for this person
    """
    with transaction.atomic():
        sheet = SpreadsheetImport.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=pk)
        if sheet.accepted_at:
            raise ValidationError(_("This was imported already."))
        check = Check(sheet, by)
        if check.digest != digest:
            raise Changed
        if too_many(check) and not may_many:
            text = _("You can prepare this, but a campaign lead must import more than %(most)d companies.")
            raise ValidationError(text % {"most": MOST_COMPANIES})
        sheet.created = _Writer(sheet, check.writes, now).write()
        counts = {state: check.companies[state] for state in (NEW, CHANGED, UNCHANGED)}
        sheet.report = {**counts, "left_out": check.left_out}
        sheet.rows, sheet.columns, sheet.choices, sheet.accepted_at = [], [], {}, now
        sheet.save()
        transaction.on_commit(sheet.campaign.refresh_count)
    return sheet


def too_many(check):
    return len(check.writes) > MOST_COMPANIES


def seal(value):
    """Return a mark of a value that tells later whether it is still the same, and nothing else."""
    return salted_hmac("spreadsheet", str(value)).hexdigest()[:20]


class _Writer:
    def __init__(self, sheet, entries, now):
        self.campaign, self.entries, self.now = sheet.campaign, entries, now
        self.created = defaultdict(list)  # {model: ids}, and under "filled" lists of model, id, field, seal

    def write(self):
        """Return what was made, as SpreadsheetImport.created."""
        companies = self._companies()
        self._aliases(companies)
        self._sectors(companies)
        approaches = self._approaches(companies)
        self._contacts(companies, approaches)
        return dict(self.created)

    def _made(self, model, rows):
        made = model.objects.bulk_create(rows, batch_size=BATCH)
        self.created[model._meta.model_name] += [one.pk for one in made]
        return made

    def _filled(self, model, fills):
        """Fill fields of rows that exist: {pk: {field: value}}; a field that was filled meanwhile keeps what it has."""
        changed, names, keys = [], set(), sorted(fills)
        for start in range(0, len(keys), BATCH):
            rows = model.objects.select_for_update(of=("self",)).filter(pk__in=keys[start : start + BATCH])
            for row in rows.order_by("pk"):
                for name, value in fills[row.pk].items():
                    if not getattr(row, name):
                        setattr(row, name, value)
                        names.add(name)
                        self.created["filled"].append([model._meta.model_name, row.pk, name, seal(value)])
                changed.append(row)
        if model is Approach and changed:
            for row in changed:
                row.deadline_stated = days.restated(row.deadline, row.deadline_stated)
                row.edited_at = timezone.now()
            names |= {"deadline_stated", "edited_at"}
        if names:
            model.objects.bulk_update(changed, sorted(names), batch_size=BATCH)

    def _companies(self):
        """Return {entry key: pk of its company}."""
        taken = {slug for model in (Company, FormerSlug) for slug in model.objects.values_list("slug", flat=True)}
        slugs, fresh = _Slugs(taken), [entry for entry in self.entries if entry.company is None]
        rows = [Company(name=one.name, folded=fold(one.name), slug=slugs.new(one.name), **one.fill) for one in fresh]
        self._made(Company, rows)
        known = [entry for entry in self.entries if entry.company]
        self._filled(Company, {one.company["pk"]: one.fill for one in known if one.fill})
        made = {entry.key: row.pk for entry, row in zip(fresh, rows, strict=True)}
        return made | {entry.key: entry.company["pk"] for entry in known}

    def _aliases(self, companies):
        rows = [
            Alias(company_id=companies[entry.key], name=name, folded=fold(name))
            for entry in self.entries
            for name in entry.aliases
        ]
        self._made(Alias, rows)

    def _sectors(self, companies):
        names = {fold(name): name for entry in self.entries for name in entry.sectors}
        known = {one.folded: one.pk for one in Sector.objects.all() if one.folded in names}
        fresh = [Sector(name=name, folded=key) for key, name in names.items() if key not in known]
        known |= {one.folded: one.pk for one in self._made(Sector, fresh)}
        through = Company.sectors.through
        links = {(companies[entry.key], known[fold(name)]) for entry in self.entries for name in entry.sectors}
        rows = [through(company_id=company, sector_id=sector) for company, sector in sorted(links)]
        through.objects.bulk_create(rows, batch_size=BATCH)
        fresh = set(self.created["company"])  # with a company that goes, its sectors go
        self.created["sectors"] = [row.pk for row in rows if row.company_id not in fresh]

    def _approaches(self, companies):
        """Return {entry key: pk of its approach}; the new ones are planned, at the end of the list."""
        position = (self.campaign.approaches.aggregate(last=Max("position"))["last"] or 0) + 1
        today = days.today(self.now, self.campaign.time_zone)
        fresh = [entry for entry in self.entries if entry.approach is None]
        rows = []
        for place, entry in enumerate(fresh, position):
            row = Approach(campaign=self.campaign, company_id=companies[entry.key], position=place)
            row.listed_as, row.added_at, row.added_on = entry.name, self.now, today
            for name, value in entry.approach_fill.items():
                setattr(row, name, value)
            row.deadline_stated = days.restated(row.deadline, "")
            rows.append(row)
        self._made(Approach, rows)
        known = [entry for entry in self.entries if entry.approach]
        self._filled(Approach, {one.approach.pk: one.approach_fill for one in known if one.approach_fill})
        made = {entry.key: row.pk for entry, row in zip(fresh, rows, strict=True)}
        return made | {entry.key: entry.approach.pk for entry in known}

    def _contacts(self, companies, approaches):
        plans = [(entry, plan) for entry in self.entries for plan in entry.contacts]
        self._filled(Contact, {plan.pk: plan.fill for _entry, plan in plans if plan.pk and plan.fill})
        fresh = [(entry, plan) for entry, plan in plans if plan.pk is None]
        rows = [Contact(company_id=companies[entry.key], **plan.fill) for entry, plan in fresh]
        self._made(Contact, rows)
        for (_entry, plan), row in zip(fresh, rows, strict=True):
            plan.pk = row.pk
        chosen = [
            ChosenContact(approach_id=approaches[entry.key], contact_id=plan.pk, use=plan.use)
            for entry, plan in plans
            if plan.use
        ]
        self._made(ChosenContact, chosen)


class _Slugs:
    """New slugs, also for ten thousand names that come to the same."""

    def __init__(self, taken):
        self.taken, self.count = taken, Counter()

    def new(self, name):
        base = slug_for(name, lambda slug: False)
        slug = base if not self.count[base] else f"{base}-{self.count[base] + 1}"
        while slug in self.taken:
            self.count[base] += 1
            slug = f"{base}-{self.count[base] + 1}"
        self.count[base] += 1
        self.taken.add(slug)
        return slug
