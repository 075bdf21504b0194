"""A company of a spreadsheet: which one is meant, and what accepting would write of it."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from campaigns.models import Approach

NEW, CHANGED, UNCHANGED, LIKELY, SKIPPED, PROBLEM = "new", "changed", "unchanged", "likely", "skipped", "problem"
WRITTEN = (NEW, CHANGED)


@dataclass
class ContactPlan:
    """pk  of the contact that is known, else None; fill  what it gets; use  "to", "cc", "esc", or "" for no choice"""

    pk: int | None
    fill: dict
    use: str


@dataclass
class Entry:
    """One company of the spreadsheet: what is meant, and what accepting would write."""

    key: str  # r<number of its first row>
    name: str
    lines: list
    company: dict | None = None  # pk, name, headquarters, website of the one that is known
    candidates: list = field(default_factory=list)  # (choice, name) of those that may be meant
    choice: str = ""
    state: str = ""
    fill: dict = field(default_factory=dict)
    aliases: list = field(default_factory=list)
    sectors: list = field(default_factory=list)
    approach: Approach | None = None
    approach_fill: dict = field(default_factory=dict)
    contacts: list = field(default_factory=list)

    def __str__(self):
        """As a choice for another row of the same spreadsheet."""
        return _("%(company)s in row %(row)s") % {"company": self.name, "row": self.key[1:]}

    def facts(self):
        """What would be written, for comparison."""
        company = self.company and self.company["pk"]
        contacts = [(one.pk, sorted(one.fill.items()), one.use) for one in self.contacts]
        more = (sorted(self.fill.items()), self.aliases, self.sectors, sorted(map(str, self.approach_fill.items())))
        return repr((self.state, self.name, company, contacts, *more))
