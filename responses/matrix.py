"""Companies x questions: the agreed code of the newest public answer. What nobody has coded is not "unanswered"."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from .models import Answer, Coded, Publication, Response, shown

# For cells: words that could not themselves be taken for the answer. The second is the mark and style.
WORDS = {
    Coded.ANSWERED: pgettext_lazy("cell", "Answered"),
    Coded.PARTLY: pgettext_lazy("cell", "Partly"),
    Coded.NOT_ANSWERED: pgettext_lazy("cell", "Unanswered"),
    Coded.NOT_APPLICABLE: pgettext_lazy("cell", "n/a"),
    "": pgettext_lazy("cell", "To code"),
}
STYLES = {
    Coded.ANSWERED: "full",
    Coded.PARTLY: "part",
    Coded.NOT_ANSWERED: "none",
    Coded.NOT_APPLICABLE: "na",
    "": "uncoded",
}
ICONS = {"full": "full", "part": "partial", "none": "none", "na": "none", "uncoded": "uncoded"}
IN_FULL = dict(Coded.choices) | {"": gettext_lazy("Not yet coded")}


@dataclass
class Cell:
    """One company and one question. `link` leads to the answer, empty where there is none to read."""

    code: str
    number: str
    link: str = ""

    @property
    def word(self):
        return WORDS[self.code]

    @property
    def style(self):
        return STYLES[self.code]

    @property
    def icon(self):
        return ICONS[self.style]


@dataclass
class Given:
    """A reply as the campaign's page needs it: not its words, only where they are, or why they are not there."""

    pk: int
    public_id: str
    approach: int
    day: date
    has_text: bool
    is_public: bool
    publication: str
    withheld_because: str
    covers: set = field(default_factory=set)

    @property
    def pending(self):
        """Why readers cannot read it."""
        if self.publication == Publication.WITHHELD:
            return _("text withheld: %(reason)s") % {"reason": self.withheld_because}
        if self.publication == Publication.EMBARGOED:
            return _("text follows after an embargo")
        return _("text follows after review")


@dataclass
class Counts:
    """How the public responses deal with one question."""

    answered: int = 0
    partly: int = 0
    coded: int = 0
    responses: int = 0


def given(campaign, now):
    """Return the replies of a public campaign, oldest first, one query; rejoinders are read on the response's page.

    Those that are not public carry nothing but their publication: a reply counts when it is logged.
    """
    replies = Response.objects.filter(approach__campaign=campaign, kind=Response.Kind.REPLY)
    is_shown = ExpressionWrapper(shown(now), output_field=BooleanField())
    rows = replies.annotate(worded=_has_text, is_shown=is_shown).order_by("position", "id")
    found = {}
    for covered, *values, day in rows.values_list(
        "covers",
        "pk",
        "public_id",
        "approach_id",
        "worded",
        "is_shown",
        "publication",
        "withheld_because",
        "received_on",
    ):
        pk, public_id, approach, *rest = values
        one = found.setdefault(pk, Given(pk, public_id, approach, day or date.min, *rest))
        one.covers |= {covered} - {None}
    return sorted(found.values(), key=lambda one: one.day)


def codes(replies):
    """Return {response pk: {question pk: (code, has words)}} of the public ones of `replies`, one query."""
    answers = Answer.objects.filter(response__in=[one.pk for one in replies if one.is_public])
    found = defaultdict(dict)
    for response, question, code, worded in answers.annotate(worded=_has_text).values_list(
        "response_id", "question_id", "agreed", "worded"
    ):
        found[response][question] = (code, worded)
    return found


def fill(rows, replies, codes, leaves, current):
    """Give each Row its public replies and its cells (or says why the words are missing), each of `leaves` its Counts.

    current  {pk of any question: pk of the one that stands for it now}
    """
    by_approach = defaultdict(list)
    for one in replies:
        for approach in {one.approach} | one.covers:
            by_approach[approach].append(one)
    for branch in leaves:
        branch.counts = Counts()
    for row in rows:
        row.responses = [one for one in by_approach[row.pk] if one.is_public]
        hidden = [one for one in by_approach[row.pk] if not one.is_public]
        if hidden and not row.responses and row.has_replied:
            row.pending = hidden[-1].pending
        if row.responses:
            row.cells = [_cell(branch, row.responses, codes, current) for branch in leaves]


def is_worth_showing(rows):
    """Say whether anything was coded, or can be read question by question."""
    return any(cell.code or cell.link for row in rows for cell in row.cells)


def _cell(branch, responses, codes, current):
    branch.counts.responses += 1
    for one in reversed(responses):
        for question, (code, worded) in codes[one.pk].items():
            if current.get(question, question) == branch.pk and (code or worded):
                branch.counts.answered += code == Coded.ANSWERED
                branch.counts.partly += code == Coded.PARTLY
                branch.counts.coded += bool(code)
                return Cell(code, branch.number, f"{one.public_id}/#{branch.anchor}")
    return Cell("", branch.number)


def dealt_with(row):
    """Return ("6 of 9", or empty where nothing is coded): how many questions a company's responses deal with."""
    if not any(cell.code for cell in row.cells):
        return ""
    number = sum(cell.code in (Coded.ANSWERED, Coded.PARTLY) for cell in row.cells)
    return _("%(n)d of %(of)d") % {"n": number, "of": len(row.cells)}


_has_text = ExpressionWrapper(~Q(text=""), output_field=BooleanField())
