"""The companies of a Document into the database, with their aliases, sectors and contacts.

Names are matched against known companies and their aliases. What is known of a company is never overwritten: what
differs is a warning.
"""

from companies.models import Alias, Company, Contact, FormerSlug, Sector
from companies.names import fold, slug_for

BATCH = 500


class CompanyWriter:
    """Finds or makes the companies of `entries`; faults that only the database shows are added to `report`."""

    def __init__(self, entries, report):
        self.entries, self.report = entries, report

    def write(self):
        """Return {place: Company}, and [(place, Contact, use)] of those that will be written to."""
        entries = self.entries
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
        return found, self._contacts(entries, found)

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
        """Add the contacts that are new to a company; return who this campaign writes to."""
        with_contacts = [entry for entry in entries if entry.contacts]
        owners = [found[entry.place].pk for entry in with_contacts]
        known = {}
        for start in range(0, len(owners), BATCH):
            for contact in Contact.objects.filter(company__in=owners[start : start + BATCH]):
                known[contact.company_id, contact.email.lower() or contact.name] = contact
        fresh, chosen = [], []
        for entry in with_contacts:
            company = found[entry.place]
            for said in entry.contacts:
                key = (company.pk, said.email.lower() or said.name)
                if key not in known:
                    values = {k: v for k, v in vars(said).items() if k != "use"}
                    known[key] = Contact(company=company, **values)
                    fresh.append(known[key])
                if said.use != "no":
                    chosen.append((entry.place, known[key], said.use))
        Contact.objects.bulk_create(fresh, batch_size=BATCH)
        return chosen


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
