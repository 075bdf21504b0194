"""A campaign's list of companies as readers see it: one Row each, built from public columns only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language
from django_countries import countries

from companies.models import Company
from companies.names import fold

from . import figures
from .labels import IN_THE_RATE, ORDER, Label, label
from .models import Approach, Event
from .status import OUTCOMES, Reach, State, accepted
from .templatetags.frame import partial_date
from .texts import Text

# What of an approach a reader may see; its private note, its owner and its reply address are not in it.
COLUMNS = (
    "pk", "listed_as", "company_id", "company__slug", "company__headquarters", "group", "reason", "remark",
    "asked_stated", "reach", "not_approached_because", "reply", "reply_on", "reply_stated", "deadline",
    "answered_by__name", "answered_by_name",
)  # fmt: skip
EVENT_COLUMNS = (
    "id", "approach_id", "kind", "field", "before", "after", "on", "stated", "at", "retracts_id", "result", "attempt",
    "channel", "remark",
)  # fmt: skip


@lru_cache(maxsize=1000)  # a page asks for each several times, and looking one up is slow
def _name_of_country(code, _language):
    return countries.name(code)


@dataclass(slots=True)
class Row:
    """One company in one campaign. `attempts` came through; `responses` are filled in by the app that has them."""

    pk: int
    name: str
    company_id: int
    slug: str
    country: str  # ISO code, empty: not recorded
    group: Text
    reason: Text
    remark: Text
    state: State
    deadline: date | None
    label: Label
    counted: bool
    late: bool  # received after the close
    asked_stated: str  # where it differs from the campaign's
    attempts: list = field(default_factory=list)
    sectors: list = field(default_factory=list)
    responses: list = field(default_factory=list)
    cells: list = field(default_factory=list)
    pending: str = ""  # why there is a reply and no text
    dealt_with: str = ""  # "6 of 9" questions
    earlier: Label | None = None  # in the previous round

    @property
    def was_asked(self):
        """Whether we wrote to it, or tried: then it has a page of its own."""
        return self.state.reach in (Reach.INVITED, Reach.UNREACHED)

    @property
    def has_replied(self):
        return self.state.reach == Reach.INVITED and self.state.reply in OUTCOMES

    @property
    def country_name(self):
        return _name_of_country(self.country, get_language()) if self.country else ""

    @property
    def note(self):
        """What the label leaves out and the public remark does not say better."""
        return "" if self.remark and not self.late else self.label.note

    @property
    def last_attempt(self):
        return self.attempts[-1].stated if self.attempts else ""

    @property
    def response(self):
        """The newest public response, or None."""
        return self.responses[-1] if self.responses else None


def events_of(campaign, now):
    """Return {approach id: its public events, in the order of recording}, one query."""
    events = defaultdict(list)
    public = Event.objects.public(now).filter(approach__campaign=campaign).order_by("id")
    for event in public.values_list(*EVENT_COLUMNS, named=True):
        events[event.approach_id].append(event)
    return events


def events_of_company(company, now):
    """Return {approach id: its public events} of all public approaches of a company, one query."""
    events = defaultdict(list)
    public = Event.objects.public(now).filter(approach__company=company).order_by("id")
    for event in public.values_list(*EVENT_COLUMNS, named=True):
        events[event.approach_id].append(event)
    return events


def rows_of(campaign, texts, events, now):
    """Return the Rows of a public campaign in the order of its list, one query."""
    approaches = Approach.objects.public(now).filter(campaign=campaign).order_by("position", "id")
    return [_row(values, campaign, texts, events, now) for values in approaches.values_list(*COLUMNS, named=True)]


def row_of(pk, campaign, texts, now):
    """Return the Row of one approach of a public campaign, without its events, one query."""
    approaches = Approach.objects.public(now).filter(pk=pk)
    return next(_row(values, campaign, texts, {}, now) for values in approaches.values_list(*COLUMNS, named=True))


def rows_of_company(company, campaigns, texts, now):
    """Return [(Campaign, Row)] of a company's public approaches but those only planned, newest first, one query.

    campaigns  {pk: the public campaign}
    texts      {pk: its Texts}
    """
    approaches = Approach.objects.public(now).filter(company=company).exclude(reach=Reach.PLANNED)
    found = [
        (campaigns[values.campaign_id], _row(values, campaigns[values.campaign_id], texts[values.campaign_id], {}, now))
        for values in approaches.values_list(*COLUMNS, "campaign_id", named=True)
    ]
    return sorted(found, key=lambda pair: (pair[0].asked_on or date.min, pair[0].slug), reverse=True)


def _row(values, campaign, texts, events, now):
    state = State(values.reach, values.reply, values.reply_on, values.reply_stated)
    late = bool(values.reply in OUTCOMES and values.reply_stated and figures.late(values.reply_on, campaign.closes_on))
    said = label(
        values.reach,
        values.reply,
        bool(campaign.closed_at),
        because=values.not_approached_because,
        answered_by=values.answered_by__name or values.answered_by_name,
        on=partial_date(values.reply_stated) if values.reply_stated else "",
        late=late,
        overdue=bool(campaign.closes_at and campaign.closes_at <= now),
    )
    return Row(
        pk=values.pk,
        name=values.listed_as,
        company_id=values.company_id,
        slug=values.company__slug,
        country=values.company__headquarters or "",
        group=texts.of("group", "approach", values.pk, values.group),
        reason=texts.of("reason", "approach", values.pk, values.reason),
        remark=texts.of("remark", "approach", values.pk, values.remark),
        state=state,
        deadline=values.deadline,
        label=said,
        counted=values.reach == Reach.INVITED and campaign.counts(values.reply),
        late=late,
        asked_stated=values.asked_stated,
        attempts=accepted(events[values.pk]) if values.pk in events else [],
    )


def add_sectors(rows, campaign):
    """Fill in the sectors of the companies, one query; several each, in the order of their names."""
    links = Company.sectors.through.objects.filter(company__approaches__campaign=campaign)
    sectors = defaultdict(list)
    for company, name in links.order_by("sector__name").values_list("company_id", "sector__name"):
        sectors[company].append(name)
    for row in rows:
        row.sectors = sectors[row.company_id]


def figures_of(campaign, rows):
    """Return the Figures of these rows, by the one counting function."""
    return figures.count(campaign, ((row.state, row.group.text, row.deadline) for row in rows))


@dataclass
class Wall:
    """Companies under one label. `in_rate` is false for those that leave the denominator."""

    key: str
    word: str
    rows: list
    in_rate: bool


def walls(rows):
    """Return the Walls of names, responses first; inside each from A to Z."""
    by_key = defaultdict(list)
    for row in sorted(rows, key=lambda row: fold(row.name)):
        by_key[row.label.key].append(row)
    return [Wall(key, by_key[key][0].label.word, by_key[key], key in IN_THE_RATE) for key in ORDER if by_key[key]]
