"""A spreadsheet's rows as lines with values and findings; the lines of one company together."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from companies.names import fold

from . import values
from .columns import LABELS

FORMULA = ("=", "+", "-", "@")
OF_COMPANY = ("headquarters", "website")
OF_APPROACH = ("group", "reason", "deadline", "note")
OF_CONTACT = ("name", "role", "email", "phone", "language", "time_zone")
ONE_VALUE = (*OF_COMPANY, *OF_APPROACH)  # a company has one, whichever of its rows says it


@dataclass
class Finding:
    """What was found in a cell and what to do; a problem leaves the row out, a warning does not."""

    column: str
    found: str
    said: str
    is_problem: bool = True

    @property
    def label(self):
        return LABELS.get(self.column, "")


@dataclass
class Line:
    """One row: `number` as the person's program counts it, `cells` as text and `values` as read, by column.

    entry  of the company that it is about; asked  the one that a person is asked about in this row, where there is one
    """

    number: int
    cells: dict
    values: dict = field(default_factory=dict)
    findings: list = field(default_factory=list)
    state: str = ""
    entry: object = None
    asked: object = None

    @property
    def is_good(self):
        return not any(finding.is_problem for finding in self.findings)

    @property
    def problems(self):
        return [finding for finding in self.findings if finding.is_problem]

    def problem(self, column, said):
        self.findings.append(Finding(column, self.cells.get(column, ""), said))

    def warn(self, column, said):
        self.findings.append(Finding(column, self.cells.get(column, ""), said, is_problem=False))


def read_lines(rows, chosen, first, closes_on):
    """Return a Line for each row that is not empty.

    rows    lists of cells, the heads first
    chosen  what each column is, "" for one that is left out
    first   the number of the row after the heads, as the person's program counts
    """
    lines, above = [], ""
    for number, row in enumerate(rows[1:], first):
        cells = {key: cell for key, cell in zip(chosen, row, strict=False) if key and cell}
        if not cells:
            continue
        line = Line(number, cells)
        lines.append(line)
        for column, text in cells.items():
            try:
                line.values[column] = values.read(column, text, closes_on)
            except values.Unclear as error:
                line.problem(column, str(error))
        if "company" not in cells:
            said = _("Enter the company.")
            if above:
                said = _("Enter the company. The row above is about %(company)s.") % {"company": above}
            line.problem("company", said)
        above = cells.get("company", above)
        if any(text.startswith(FORMULA) for text in (cells.get("company", ""), cells.get("name", ""))):
            line.warn("company", _("It begins like a formula, and is taken as text."))
    return lines


@dataclass
class Said:
    """One contact that a company's rows name. use  "to", "cc" or "esc"; line  the Line that names it first"""

    values: dict
    use: str
    line: Line

    @property
    def key(self):
        return contact_key(*(self.values.get(name, "") for name in ("email", "name", "phone")))


def contact_key(email, name, phone):
    """Return what makes a contact of one company the same: the address, else the name, else the telephone."""
    return email.lower() or fold(name) or phone


def contacts_of(lines):
    """Return the Saids of a company's good lines, each address once."""
    found = {}
    for line in lines:
        own = {name: line.values[name] for name in OF_CONTACT if line.values.get(name)}
        named = [Said(own, "to", line)] if own.keys() & {"name", "email", "phone"} else []
        own_language = {"language": own["language"]} if "language" in own else {}
        for column, use in (("cc", "cc"), ("escalation", "esc")):
            named += [Said({"email": one, **own_language}, use, line) for one in line.values.get(column, ())]
        for said in named:
            first = found.setdefault(said.key, said)
            first.values = said.values | first.values
    return list(found.values())


def one_value(lines, column):
    """Return what a company's lines say in a column that has one value; warn of a row that says something else."""
    first, kept = None, ""
    for line in lines:
        if not (value := line.values.get(column)):
            continue
        if first is None:
            first, kept = line, value
        elif value != kept:
            line.warn(column, _("Row %(row)d says something else; that one is taken.") % {"row": first.number})
    return kept


def several_values(lines, column):
    """Return the names that a company's lines list in a column, each once."""
    found = {}
    for line in lines:
        for one in line.values.get(column, ()):
            found.setdefault(fold(one), one)
    return list(found.values())
