"""What the database has of the companies and contacts that a spreadsheet names, and what is new against it.

Known facts are never overwritten: what is empty is filled, and what differs is a warning.
"""

from collections import defaultdict

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from campaigns.models import ChosenContact
from campaigns.status import Reach
from companies.models import Alias, Company, Contact, Health
from companies.names import fold

from .duplicates import Names
from .entries import CHANGED, NEW, PROBLEM, UNCHANGED, ContactPlan
from .rows import OF_APPROACH, OF_COMPANY, contact_key, contacts_of, one_value, several_values

PART = 2000  # keys in one query


class Known:
    """What the database has of the companies, contacts and addresses that a spreadsheet names."""

    def __init__(self, check):
        self.check = check
        matched = [entry.company["pk"] for entry in check.entries if entry.company]
        campaign = check.campaign
        self.approaches = {one.company_id: one for one in campaign.approaches.select_related(None)}
        self.listed = {one.listed_as: one.company_id for one in self.approaches.values()}
        self.chosen = set(ChosenContact.objects.filter(approach__campaign=campaign).values_list("approach", "contact"))
        self.written_to = {approach for approach, _contact in self.chosen}
        self.with_sectors = set(_in_parts(Company.sectors.through.objects, "company", matched, "company"))
        self.contacts = defaultdict(dict)
        for contact in _in_parts(Contact.objects.filter(erased_at=None), "company", matched):
            of_company = self.contacts[contact.company_id]
            of_company[contact_key(contact.email, contact.name, contact.phone)] = contact
            of_company.setdefault(fold(contact.name), contact)
        self.addresses = self._addresses()

    def _addresses(self):
        """{address: names of the companies that it belongs to}, of this spreadsheet and of what the person may see."""
        owners = defaultdict(dict)
        for entry in self.check.entries:
            for line in entry.lines:
                for address in _addresses_of(line):
                    owners[address].setdefault(entry.company["pk"] if entry.company else entry.key, entry.name)
        rows = Contact.objects.of(self.check.user).annotate(lower=Lower("email")).select_related("company").distinct()
        for contact in _in_parts(rows, "lower", list(owners)):
            owners[contact.lower].setdefault(contact.company_id, contact.company.name)
        return owners

    def plan(self, entry, good):
        company = entry.company
        if company is None:
            entry.fill = {name: value for name in OF_COMPANY if (value := one_value(good, name))}
        else:
            entry.fill = self._missing(good, OF_COMPANY, company)
        if company is None or company["pk"] not in self.with_sectors:
            entry.sectors = several_values(good, "sectors")
        for alias in several_values(good, "aliases"):
            if self.check.names.exactly(alias) == entry.key:
                entry.aliases.append(alias)
        entry.aliases = [alias for alias in dict.fromkeys(entry.aliases) if fold(alias) != fold(entry.name) or company]
        self._plan_approach(entry, good)
        self._plan_contacts(entry, good)
        writes = entry.fill or entry.aliases or entry.sectors or entry.approach_fill
        writes = writes or any(one.fill or one.use for one in entry.contacts)
        entry.state = NEW if entry.approach is None else CHANGED if writes else UNCHANGED
        if not any(line.is_good for line in entry.lines):
            entry.state = PROBLEM

    def _missing(self, lines, names, thing):
        """Return what `thing` (a dict) lacks and the lines say; warn of what it has and they say otherwise."""
        fill = {}
        for name in names:
            said, kept = one_value(lines, name), thing.get(name)
            if said and not kept:
                fill[name] = said
            elif said and said != kept:
                line = next(line for line in lines if line.values.get(name))
                line.warn(name, _("“%(kept)s” is known and stays.") % {"kept": str(kept)[:80]})
        return fill

    def _plan_approach(self, entry, good):
        pk = entry.company and entry.company["pk"]
        entry.approach = approach = self.approaches.get(pk)
        if approach:
            names = [name for name in OF_APPROACH if name != "deadline" or approach.reach == Reach.PLANNED]
            entry.approach_fill = self._missing(good, names, vars(approach))
            for line in good if "deadline" not in names else []:
                if line.values.get("deadline") not in (None, approach.deadline):
                    line.warn("deadline", _("It was asked already: give it more time on its own page."))
            return
        entry.approach_fill = {name: value for name in OF_APPROACH if (value := one_value(good, name))}
        if self.listed.setdefault(entry.name, pk or entry.key) not in (pk, entry.key):
            good[0].problem("company", _("This spelling is on the campaign’s list already, for another company."))

    def _plan_contacts(self, entry, good):
        pk, approach = entry.company and entry.company["pk"], entry.approach
        known = self.contacts.get(pk, {})
        for said in contacts_of(good):
            contact = known.get(said.key)
            use = said.use if said.values.get("email") else ""
            if contact is None:
                entry.contacts.append(ContactPlan(None, said.values, use))
            else:
                fill = self._missing_of_contact(said, contact)
                if approach and (approach.pk, contact.pk) in self.chosen:
                    use = ""
                entry.contacts.append(ContactPlan(contact.pk, fill, use if contact.email else ""))
            self._warn_of_address(said, contact, pk or entry.key)
        has_one = any(one.use == "to" for one in entry.contacts)
        if not has_one and not (approach and approach.pk in self.written_to):
            good[0].warn("email", _("No address to write to."))

    def _missing_of_contact(self, said, contact):
        fill = {}
        for name, value in said.values.items():
            kept = getattr(contact, name)
            if not kept:
                fill[name] = value
            elif kept != value and name != "email":
                said.line.warn(name, _("Something else is known of this contact, and stays."))
        return fill

    def _warn_of_address(self, said, contact, own):
        address, line = said.values.get("email", ""), said.line
        column = {"to": "email", "cc": "cc", "esc": "escalation"}[said.use]
        others = [name for key, name in self.addresses[address.lower()].items() if key != own] if address else []
        if others:
            line.warn(column, _("The address belongs to %(company)s too.") % {"company": ", ".join(others[:3])})
        if contact and contact.health == Health.BOUNCED:
            line.warn(column, _("This address bounced. Use another or confirm it."))
        elif contact and contact.health != Health.WORKING:
            line.warn(column, f"{Health(contact.health).label}.")


def known_companies():
    """Return (Names, {key: facts}) of all companies, keys c<pk>; two queries."""
    names, known = Names(), {}
    for facts in Company.objects.order_by("pk").values("pk", "name", "headquarters", "website"):
        known[f"c{facts['pk']}"] = facts
        names.add(facts["name"], f"c{facts['pk']}")
    for company, name in Alias.objects.order_by("pk").values_list("company", "name"):
        names.add(name, f"c{company}")
    return names, known


def _addresses_of(line):
    found = [line.values.get("email", ""), *line.values.get("cc", ()), *line.values.get("escalation", ())]
    return {one.lower() for one in found if one}


def _in_parts(rows, name, keys, *wanted):
    """Yield the rows whose field is one of many keys: a database takes only so many in one query."""
    for start in range(0, len(keys), PART):
        some = rows.filter(**{f"{name}__in": keys[start : start + PART]})
        yield from some.values_list(*wanted, flat=True) if wanted else some
