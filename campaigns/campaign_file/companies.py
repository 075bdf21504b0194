"""The part of a campaign file that lists companies: who was asked, how it stands, whom to write to."""

from zoneinfo import available_timezones

from django_countries import countries

from companies.models import Health
from companies.names import fold

from ..models import Event
from ..status import NotApproachedBecause, Reach, Reply
from .entries import CompanyEntry, ContactEntry, HistoryEntry
from .responses import read_responses

_HISTORY_KINDS = ("invited", "reminded", "contacted", "returned", "moved")


def read_companies(top, today, numbers):
    """Return the CompanyEntry list of a file's Node; `numbers` are the questions that answers may name."""
    return [_company(node, today, numbers) for node in top.nodes("companies")]


def _company(node, today, numbers):
    answered_by = node.node("answered_by")
    company = CompanyEntry(
        place=node.place,
        name=node.text("name", most=200, required=True),
        aliases=node.strings("aliases"),
        headquarters=node.text("headquarters"),
        sectors=node.strings("sectors", most=100),
        website=node.url("website", most=200),
        group=node.texts("group", most=200),
        reason=node.texts("reason"),
        remark=node.texts("remark"),
        reach=node.choice("reach", Reach.values, "invited"),
        not_approached_because=node.choice("not_approached_because", NotApproachedBecause.values),
        reply=node.choice("reply", Reply.values),
        replied_on=node.fact("replied_on", today),
        answered_by=answered_by.text("company", most=200, required=True) if answered_by else "",
        asked_on=node.day("asked_on"),
        deadline=node.day("deadline"),
        promised_for=node.day("promised_for"),
        history=[_history(entry, today) for entry in node.nodes("history")],
        contacts=_contacts(node),
        responses=read_responses(node, today, numbers),
    )
    if answered_by:
        answered_by.done()
    node.done()
    _check_company(node, company)
    return company


def _history(node, today):
    moved = {key: node.choice(key, values) for key, values in (("reply", Reply.values), ("reach", Reach.values))}
    fields = [key for key in moved if node.has(key)]
    entry = HistoryEntry(
        on=node.fact("on", today),
        kind=node.choice("kind", _HISTORY_KINDS),
        field=fields[0] if fields else "",
        after=moved[fields[0]] if fields else "",
        channel=node.choice("channel", Event.Channel.values),
        result=node.choice("result", Event.Result.values),
        remark=node.texts("remark"),
    )
    if not node.has("kind"):
        node.fault("kind", "is required")
    if (entry.kind == "moved") != (len(fields) == 1):
        node.fault("kind", "moved goes with one of reply and reach, and no other kind does")
    node.done()
    return entry


def _contacts(company):
    found, seen = [], set()
    for node in company.nodes("contacts"):
        contact = ContactEntry(
            name=node.text("name", most=200),
            role=node.text("role", most=200),
            email=node.email("email"),
            phone=node.text("phone", most=50),
            web_form=node.url("web_form", most=200),
            language=node.language_code("language"),
            time_zone=node.text("time_zone"),
            health=node.choice("health", Health.values, "working"),
            found_at=node.text("found_at", most=300),
            use=node.choice("use", ("to", "cc", "escalation", "no")) or ("no" if found else "to"),
        )
        if contact.time_zone and contact.time_zone not in available_timezones():
            node.fault("time_zone", f"{contact.time_zone!r} is not a time zone like Europe/Berlin")
        if contact.email and contact.email.lower() in seen:
            node.fault("email", f"{contact.email} is listed twice for this company")
        seen.add(contact.email.lower())
        node.done()
        found.append(contact)
    return found


def _check_company(node, company):
    reached = company.reach == Reach.INVITED
    if company.headquarters and company.headquarters not in countries:
        node.fault("headquarters", f"{company.headquarters!r} is not a country code like FR (ISO 3166-1 alpha-2)")
    if company.reply not in ("", Reply.NONE) and not reached:
        node.fault("reply", f"a company that is {company.reach} cannot have the reply {company.reply}")
    if company.not_approached_because and company.reach != Reach.NOT_APPROACHED:
        node.fault("not_approached_because", "goes with reach: not_approached")
    if company.reply == Reply.ANSWERED_BY_OTHER and not company.answered_by:
        node.fault("answered_by", "is required with reply: answered_by_other")
    if company.answered_by and company.reply != Reply.ANSWERED_BY_OTHER:
        node.fault("answered_by", "goes with reply: answered_by_other")
    if company.replied_on and company.reply in ("", Reply.NONE, Reply.SILENT):
        node.fault("replied_on", "goes with a reply")
    if any(r.kind == "reply" for r in company.responses) and company.reply in ("", Reply.NONE, Reply.SILENT):
        node.report.warn(node.at("responses"), "are here although no reply is recorded")


def check_names(report, companies):
    """Report names that are listed twice, aliases of two companies, and `covers` that name nobody in the file."""
    owners = {}
    for company in companies:
        if (key := fold(company.name)) in owners:
            report.fault(f"{company.place}.name", f"{company.name!r} is listed twice")
        elif company.name.strip() and not key:
            report.fault(f"{company.place}.name", f"{company.name!r} is not a name")
        owners.setdefault(key, company)
    for company in companies:
        for index, alias in enumerate(company.aliases):
            if (owner := owners.setdefault(fold(alias), company)) is not company:
                report.fault(f"{company.place}.aliases[{index}]", f"{alias!r} is the name of {owner.name}")
            elif not fold(alias):
                report.fault(f"{company.place}.aliases[{index}]", f"{alias!r} is not a name")
    for company in companies:
        for response in company.responses:
            for index, name in enumerate(response.covers):
                other = owners.get(fold(name))
                if other is None or other is company:
                    report.fault(f"{response.place}.covers[{index}]", f"{name!r} is not another company of this file")
