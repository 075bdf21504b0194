"""The four short lists of a campaign (who asks, what about, findings, timeline), read with one query."""

from dataclasses import dataclass, field

from django.db.models import CharField, DateField, F, IntegerField, TextField, Value
from django.db.models.functions import Cast

from .chronicle import Item
from .models import Asker, CampaignTopic, Finding, TimelineEntry

_COLUMNS = {"what": CharField, "key": IntegerField, "place": IntegerField, "name": TextField, "more": TextField,
            "link": TextField, "day": DateField, "known": CharField}  # fmt: skip


@dataclass
class Particulars:
    askers: list = field(default_factory=list)  # names; the first one leads
    topics: dict = field(default_factory=dict)  # {kind: [name]}
    findings: list = field(default_factory=list)  # of Text
    entries: list = field(default_factory=list)  # of chronicle.Item


def read(campaign, texts):
    """Return the Particulars of a campaign, in the order in which the editors put them."""
    read = Particulars()
    for what, key, _place, name, more, link, day, known in sorted(_rows(campaign), key=lambda row: (row[2], row[1])):
        if what == "asker":
            read.askers.append(name)
        elif what == "finding":
            read.findings.append(texts.of("text", "finding", key, name))
        elif what == "entry":
            title = texts.of("title", "timeline_entry", key, name)
            text = texts.of("text", "timeline_entry", key, more)
            read.entries.append(Item(day, known, "", title=title, text=text, link=link))
        else:
            read.topics.setdefault(what, []).append(name)
    read.findings = [finding for finding in read.findings if finding]
    return read


def _rows(campaign):
    askers = _part(Asker.objects.filter(campaign=campaign), what=Value("asker"), name="name")
    findings = _part(Finding.objects.filter(campaign=campaign), what=Value("finding"), name="text")
    topics = _part(CampaignTopic.objects.filter(campaign=campaign), what=F("topic__kind"), name="topic__name")
    entries = _part(
        TimelineEntry.objects.filter(campaign=campaign),
        what=Value("entry"), name="title", more="text", link="link", day="on", known="stated",
    )  # fmt: skip
    return askers.union(findings, topics, entries, all=True)


def _part(rows, what, **columns):
    """The rows with the columns of all four; what a list does not have is empty."""
    named = {name: F(column) for name, column in columns.items()} | {
        "what": what,
        "key": F("pk"),
        "place": F("position"),
    }
    empty = {
        name: Cast(Value(None if name == "day" else ""), kind())  # PostgreSQL asks for the type of each column
        for name, kind in _COLUMNS.items()
        if name not in named
    }
    made = {f"its_{name}": value for name, value in (named | empty).items()}
    return rows.order_by().annotate(**made).values_list(*(f"its_{name}" for name in _COLUMNS))
