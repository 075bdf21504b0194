"""From a tree to a Document: which keys there are, what they may hold, and every fault of a file in one run."""

import re
from zoneinfo import available_timezones

from django.conf import settings

from companies.names import fold

from .. import days
from ..models import ReminderStep
from ..status import COUNTS_BY_DEFAULT, OUTCOMES, Reach, Reply
from .companies import check_names, read_companies
from .entries import (
    Document,
    QuestionEntry,
    Sender,
    Sending,
    TimelineItem,
    Trigger,
)
from .node import Node, Report

FORMAT = "outreach-campaign/1"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORDINGS = (
    "invitation",
    "reminder",
    "reminder_2",
    "reminder_3",
    "last_notice",
    "thanks",
    "correction",
    "now_public",
)  # correspondence.WORDED; a test compares


def read_document(tree, now):
    """Check a file's tree; return (Document or None, Report). There is a Document only where there is no fault.

    now  the instant of the import: no fact may lie after its day in the campaign's zone
    """
    report = Report()
    top = Node(tree, "", report, tree.get("language") if isinstance(tree.get("language"), str) else "en")
    if top.text("format", required=True) not in ("", FORMAT):
        top.fault("format", f"{tree['format']!r} is not {FORMAT}")
    zone = top.text("time_zone") or settings.TIME_ZONE
    if zone not in available_timezones():
        top.fault("time_zone", f"{zone!r} is not a time zone like Europe/Berlin")
        zone = "UTC"
    today = days.today(now, zone)
    questions = _questions(top)
    companies = read_companies(top, today, set(question_numbers(questions)))
    document = Document(
        slug=_slug(top, "slug", required=True),
        language=_required_language(top),
        title=top.texts("title", most=500, required=True),
        headline=top.texts("headline", most=300),
        summary=top.texts("summary"),
        context=top.texts("context"),
        notice=top.texts("notice"),
        findings=top.text_list("findings"),
        kind=_kind(top),
        source_url=top.url("source_url"),
        trigger=_trigger(top),
        askers=_distinct(top, "askers"),
        regions=_distinct(top, "regions", most=100),
        sectors=_distinct(top, "sectors", most=100),
        issues=_distinct(top, "issues", most=100),
        time_zone=zone,
        asked_on=top.day("asked_on"),
        deadline=top.day("deadline"),
        closes_on=top.day("closed_on"),
        closed=top.truth("closed"),
        published_on=top.day("published_on"),
        previous_round=_slug(top, "previous_round"),
        counts_as_response=_counts(top),
        reminders=_reminders(top),
        sender=_sender(top),
        sending=_sending(top),
        wording=_wording(top),
        questions=questions,
        companies=companies,
        timeline=_timeline(top),
        **_stated(top),
    )
    top.done()
    _check_days(top, document, today)
    check_names(report, companies)
    return (None if report.faults else document), report


def _slug(top, key, required=False):
    slug = top.text(key, most=100, required=required)
    if slug and not _SLUG.fullmatch(slug):
        top.fault(key, f"{slug!r} may have small letters, digits and single hyphens only")
    return slug


def _required_language(top):
    top.text("language", required=True)
    return top.language_code("language", "en")


def _kind(top):
    top.text("kind", required=True)
    return top.choice("kind", ("survey", "allegation"))


def _distinct(top, key, most=200):
    found = top.strings(key, most=most)
    seen = set()
    for index, name in enumerate(found):
        if fold(name) in seen:
            top.fault(f"{key}[{index}]", f"{name!r} is listed twice")
        seen.add(fold(name))
    return found


def _counts(top):
    if not top.has("counts_as_response"):
        top.strings("counts_as_response")
        return [str(reply) for reply in COUNTS_BY_DEFAULT]
    found = top.strings("counts_as_response")
    for index, reply in enumerate(found):
        if reply not in Reply.values:
            top.fault(f"counts_as_response[{index}]", f"{reply!r} is not one of {', '.join(Reply.values)}")
        elif reply not in OUTCOMES:
            top.fault(f"counts_as_response[{index}]", f"{reply!r} is not a response")
    return found


def _trigger(top):
    if not (node := top.node("trigger")):
        return Trigger()
    trigger = Trigger(
        kind=node.text("kind", most=50),
        title=node.texts("title", most=500),
        author=node.text("author", most=300),
        date=node.day("date"),
        link=node.url("link"),
    )
    node.done()
    return trigger


def _sender(top):
    if not (node := top.node("sender")):
        return Sender()
    sender = Sender(
        name=node.text("name", most=200),
        address=node.email("address"),
        reply_to=node.email("reply_to"),
        signature=node.texts("signature"),
    )
    node.done()
    return sender


def _sending(top):
    if not (node := top.node("sending")):
        return Sending()
    usual = Sending()
    opens, closes = node.hour("from", usual.opens), node.hour("until", usual.closes)
    cap = node.number("daily_cap", 1_000_000)
    if opens >= closes:
        node.fault("until", f"{closes:%H:%M} must be later than {opens:%H:%M}")
    if cap == 0:
        node.fault("daily_cap", "must be at least 1; left out: no limit")
    node.done()
    return Sending(opens, closes, cap)


def _wording(top):
    kinds, found = top.node("wording"), {}
    if kinds is None:
        return found
    for kind in kinds.tree:
        languages = kinds.node(kind)
        if kind not in _WORDINGS:
            kinds.fault(kind, f"{kind!r} is not one of {', '.join(_WORDINGS)}")
            continue
        for language in languages.tree if languages else ():
            node = languages.node(language)
            if node is None:
                continue
            checked = Node({"language": language}, node.place, top.report)
            checked.language_code("language")
            subject, body = node.text("subject", most=300, required=True), node.text("body", required=True)
            node.done()
            found.setdefault(kind, {})[language] = (subject, body)
    return found


def _reminders(top):
    found, seen = [], set()
    for node in top.nodes("reminders"):
        anchors = [anchor for anchor in ReminderStep.Anchor.values if node.has(anchor)]
        numbers = [node.number(anchor, 365) for anchor in ReminderStep.Anchor.values]
        wording = node.choice("wording", ReminderStep.Wording.values, "reminder")
        escalates = bool(node.truth("escalate"))
        node.done()
        if len(anchors) != 1:
            top.report.fault(node.place, f"must have one of {', '.join(ReminderStep.Anchor.values)}")
            continue
        number = numbers[ReminderStep.Anchor.values.index(anchors[0])]
        if (anchors[0], number) in seen:
            top.report.fault(node.place, "is listed twice")
        seen.add((anchors[0], number))
        found.append((anchors[0], number, wording, escalates))
    return found


def _questions(top):
    seen = set()

    def entry(node, old=False):
        number = "" if old else node.text("number", most=20, required=True)
        if number and number in seen:
            node.fault("number", f"{number!r} is used twice")
        seen.add(number)
        text, label = node.texts("text"), node.texts("label", most=100)
        children = [] if old else [entry(child) for child in node.nodes("children")]
        replaced = node.node("replaces")
        before = entry(replaced, old=True) if replaced else None
        node.done()
        return QuestionEntry(number, text, label, children, before)

    return [entry(node) for node in top.nodes("questions")]


def question_numbers(questions):
    """Yield the number of every current question of a tree."""
    for question in questions:
        yield question.number
        yield from question_numbers(question.children)


def _timeline(top):
    found = []
    for node in top.nodes("timeline"):
        item = TimelineItem(
            date=node.day("date"),
            kind=node.text("kind", most=50),
            title=node.texts("title", most=500),
            link=node.url("link"),
            text=node.texts("text"),
        )
        if not node.has("date"):
            node.fault("date", "is required")
        node.done()
        found.append(item)
    return found


def _stated(top):
    node = top.node("stated_totals")
    approached = node.number("approached") if node else None
    responded = node.number("responded") if node else None
    if node:
        node.done()
    return {"stated_approached": approached, "stated_responded": responded}


def _check_days(top, document, today):
    invited = [company for company in document.companies if company.reach == Reach.INVITED]
    if not top.has("asked_on") and any(company.asked_on is None for company in invited):
        top.fault("asked_on", "is required where a company was invited")
    if invited and document.asked_on:
        top.fact("asked_on", today)
    if document.deadline and document.asked_on and document.deadline.on < document.asked_on.on:
        top.report.warn("deadline", f"{document.deadline.stated} lies before asked_on {document.asked_on.stated}")
    over = document.closes_on and document.closes_on.on < today and document.closed is not False
    if document.closed and not over:
        top.fault("closed", "a campaign is closed only when its closing day is over")
    for company in document.companies:
        asked = company.asked_on or document.asked_on
        if company.reach == Reach.INVITED and company.asked_on:
            Node({"asked_on": company.asked_on.stated}, company.place, top.report).fact("asked_on", today)
        if company.deadline and document.closes_on and company.deadline.on > document.closes_on.on:
            top.report.fault(f"{company.place}.deadline", f"{company.deadline.stated} lies after the campaign's close")
        if company.replied_on and asked and company.replied_on.on < days.first(asked):
            top.report.warn(f"{company.place}.replied_on", f"{company.replied_on.stated} lies before the asking date")
        if company.reply == Reply.SILENT and not over:
            top.report.fault(f"{company.place}.reply", "a company is silent only once the campaign is closed")
