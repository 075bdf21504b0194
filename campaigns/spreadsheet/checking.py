"""What accepting a spreadsheet would do, row by row and company by company. It reads the database, changes nothing."""

import hashlib
from collections import Counter

from django.utils.translation import gettext as _

from companies.names import fold

from .entries import LIKELY, PROBLEM, SKIPPED, WRITTEN, Entry
from .known import Known, known_companies
from .rows import read_lines


class Check:
    """The lines and entries of a spreadsheet, and how many there are of each state."""

    def __init__(self, sheet, user):
        self.sheet, self.user = sheet, user
        self.campaign = sheet.campaign
        self.first = sheet.report.get("first", 2)
        self.lines = read_lines(sheet.rows, sheet.columns, self.first, self.campaign.closes_on)
        self.names, self.known = known_companies()
        self.entries = self._entries()
        self._decide()
        self._plan()
        self.companies = Counter(entry.state for entry in self.entries)
        self.rows = Counter(line.state for line in self.lines)
        self.writes = [entry for entry in self.entries if entry.state in WRITTEN]
        self.left_out = sum(self.rows[state] for state in (PROBLEM, LIKELY, SKIPPED))

    @property
    def digest(self):
        return hashlib.sha256("\n".join(entry.facts() for entry in self.writes).encode()).hexdigest()[:32]

    def _entries(self):
        """The lines that name the same company, together."""
        entries = {}
        for line in self.lines:
            if name := line.values.get("company"):
                key = self.names.exactly(name) or fold(name)
                entry = entries.setdefault(key, Entry(f"r{line.number}", name, []))
                entry.lines.append(line)
        return list(entries.values())

    def _decide(self):
        """Which company each entry means: known exactly, chosen by a person, new, or not decided yet."""
        by_key, left = {}, []
        for entry in self.entries:
            if key := self.names.exactly(entry.name):
                entry.company = self.known.get(key)
            else:
                for key in self.names.alike(entry.name):
                    entry.candidates.append((key, self.known[key]["name"] if key in self.known else str(by_key[key])))
                entry.lines[0].asked = entry if entry.candidates else None
                entry.choice = self.sheet.choices.get(entry.key[1:], "")
                if self._merged(entry, by_key):
                    continue
                self.names.add(entry.name, entry.key)
            by_key[entry.key] = entry
            left.append(entry)
        self.entries = left

    def _merged(self, entry, by_key):
        """Follow the choice "same": a known company, or one further up; True where another entry takes the rows."""
        target = entry.choice.removeprefix("same:")
        if target == entry.choice or target not in dict(entry.candidates):
            if entry.choice not in ("new", "skip"):
                entry.choice = ""
            return False
        known = self.known.get(target)
        taken = next((one for one in by_key.values() if known and one.company == known), by_key.get(target))
        if taken is None:
            entry.company, entry.aliases = known, [entry.name]
            return False
        taken.lines += entry.lines
        taken.aliases.append(entry.name)
        return True

    def _plan(self):
        known = Known(self)
        for entry in self.entries:
            self._check_names(entry)
            good = [line for line in entry.lines if line.is_good]
            if entry.candidates and not entry.company and entry.choice != "new":
                entry.state = SKIPPED if entry.choice == "skip" else LIKELY
            elif not good:
                entry.state = PROBLEM
            else:
                known.plan(entry, good)
        for entry in self.entries:
            for line in entry.lines:
                line.entry = entry
                line.state = entry.state if line.is_good else PROBLEM
        for line in self.lines:
            line.state = line.state or PROBLEM

    def _check_names(self, entry):
        """An alias that is another company's name is a fault of its row."""
        own = (f"c{entry.company['pk']}" if entry.company else entry.key, entry.key)
        for line in entry.lines:
            for alias in line.values.get("aliases", ()):
                owner = self.names.exactly(alias)
                if owner and owner not in own:
                    name = self.known[owner]["name"] if owner in self.known else _("another row")
                    said = _("%(alias)s is a name of %(company)s.") % {"alias": alias, "company": name}
                    line.problem("aliases", said)
                elif not owner:
                    self.names.claim(alias, entry.key)
