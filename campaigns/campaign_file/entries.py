"""What a campaign file holds, as plain records. `Texts` is {language: text}; a Day is days.Day or None."""

from dataclasses import dataclass, field
from datetime import time

from ..days import Day

Texts = dict


@dataclass
class QuestionEntry:
    number: str
    text: Texts
    label: Texts
    children: list  # of QuestionEntry
    replaces: "QuestionEntry | None" = None


@dataclass
class ContactEntry:
    name: str
    role: str
    email: str
    phone: str
    web_form: str
    language: str
    time_zone: str
    health: str
    found_at: str
    use: str  # "to", "cc", "escalation", or "no": known, not written to


@dataclass
class HistoryEntry:
    on: Day | None  # None: not recorded
    kind: str
    field: str  # "reach", "reply" or ""
    after: str
    channel: str
    result: str
    remark: Texts


@dataclass
class AnswerEntry:
    question: str
    text: str
    coding: str


@dataclass
class TranslationEntry:
    language: str
    label: str
    text: str


@dataclass
class ResponseEntry:
    place: str
    id: str
    received_on: Day | None
    channel: str
    language: str
    kind: str
    author: str
    text: str
    link: str
    covers: list
    publication: str
    withheld_because: Texts
    embargo_until: Day | None
    translations: list
    answers: list


@dataclass
class CompanyEntry:
    place: str
    name: str
    aliases: list
    headquarters: str
    sectors: list
    website: str
    group: Texts
    reason: Texts
    remark: Texts
    reach: str
    not_approached_because: str
    reply: str  # "" where the file leaves it out
    replied_on: Day | None
    answered_by: str
    asked_on: Day | None
    deadline: Day | None
    promised_for: Day | None
    history: list
    contacts: list
    responses: list


@dataclass
class TimelineItem:
    date: Day
    kind: str
    title: Texts
    link: str
    text: Texts


@dataclass
class Sender:
    name: str = ""
    address: str = ""
    reply_to: str = ""
    signature: Texts = field(default_factory=dict)


@dataclass
class Sending:
    """When its reminders leave, by the companies' clocks, and how many mails a day; None: no limit."""

    opens: time = time(9)
    closes: time = time(17)
    daily_cap: int | None = None


@dataclass
class Trigger:
    kind: str = ""
    title: Texts = field(default_factory=dict)
    author: str = ""
    date: Day | None = None
    link: str = ""


@dataclass
class Document:
    slug: str
    language: str
    title: Texts
    headline: Texts
    summary: Texts
    context: Texts
    notice: Texts
    findings: list  # of Texts
    kind: str
    source_url: str
    trigger: Trigger
    askers: list
    regions: list
    sectors: list
    issues: list
    time_zone: str
    asked_on: Day | None
    deadline: Day | None
    closes_on: Day | None
    closed: bool | None  # None: closed if the day is over
    published_on: Day | None
    previous_round: str
    counts_as_response: list
    reminders: list  # of (anchor, days, wording, whether it escalates)
    sender: Sender
    sending: Sending
    wording: dict  # {kind: {language: (subject, body)}}
    questions: list
    companies: list
    timeline: list
    stated_approached: int | None
    stated_responded: int | None
