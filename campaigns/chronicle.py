"""The timeline: what the editors entered, and what the events say happened. Plans are not in it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .labels import WORDS, key_of
from .models import Event
from .status import OUTCOMES, Reach, Reply, accepted
from .texts import NOTHING, Text

NAMED = 8  # more companies than this are counted, not named


@dataclass
class Item:
    """One line. `names` are companies; `css` says which mark stands before it."""

    on: date
    stated: str
    said: str
    css: str = ""
    names: tuple = ()
    title: Text = NOTHING
    text: Text = NOTHING
    link: str = ""


def chronicle(campaign, entries, rows, events):
    """Return the Items of a campaign in the order of their days; what has no recorded day comes last.

    entries  Items made of the campaign's own timeline entries
    rows     its Rows, for the names
    events   {approach id: events} of roll.events_of()
    """
    names = {row.pk: row.name for row in rows}
    items = [*entries, *_attempts(events, names), *_replies(events, names), *_acts(campaign, events)]
    return sorted(items, key=lambda item: (not item.stated, item.on))


def contact_record(events):
    """Return the Items of one approach, every attempt and every reply: days, channels, results, and nobody's words.

    An attempt by hand that reached nobody is told as well: that somebody tried is part of a fair record.
    """
    attempts, items = {event.id for event in accepted(events)}, []
    for event in events:
        came_through = event.id in attempts
        if came_through or event.kind in (Event.Kind.RETURNED, Event.Kind.EXTENDED):
            items.append(Item(event.on, event.stated, _attempt(event), "is-asked", text=Text(event.remark)))
        elif event.kind == Event.Kind.CONTACTED and event.result in _TRIED:
            said = _with_channel(_TRIED[event.result](), event)
            items.append(Item(event.on, event.stated, said, text=Text(event.remark)))
        elif event.field == "reply" and event.after != Reply.NONE:
            css = "is-reply" if event.after in OUTCOMES else ""
            items.append(Item(event.on, event.stated, _moved(event), css, text=Text(event.remark)))
        elif event.field == "reach" and event.after == Reach.UNREACHED:
            items.append(Item(event.on, event.stated, _("Could not be reached."), text=Text(event.remark)))
    return sorted(items, key=lambda item: (not item.stated, item.on))


_ATTEMPT = {
    Event.Kind.INVITED: lambda: _("Invitation sent."),
    Event.Kind.REMINDED: lambda: _("Reminder sent."),
    Event.Kind.CONTACTED: lambda: _("Contacted again."),
    Event.Kind.RETURNED: lambda: _("What was sent came back."),
    Event.Kind.EXTENDED: lambda: _("More time given."),
}


_TRIED = {  # result of a contact that reached nobody; "": the company began
    "": lambda: _("The company was in contact with us."),
    Event.Result.REFUSED: lambda: _("Tried to contact the company; nobody was reached."),
    Event.Result.RETURNED: lambda: _("Tried to contact the company; what was sent came back."),
    Event.Result.UNKNOWN: lambda: _("Tried to contact the company; whether it arrived is not known."),
}


def _attempt(event):
    return _with_channel(_ATTEMPT[event.kind](), event)


def _with_channel(said, event):
    """Add how it was tried, where it was not by e-mail: "Contacted again. Telephone." """
    if event.channel in ("", Event.Channel.EMAIL):
        return said
    return f"{said} {Event.Channel(event.channel).label}."


def _moved(event):
    key = key_of(Reach.INVITED, event.after, closed=event.after == Reply.SILENT)
    if event.after == Reply.ACKNOWLEDGED:
        return _("The company confirmed receipt.")
    if event.after == Reply.ENGAGED:
        return _("The company talked with us and sent nothing in writing.")
    if key == "silent":
        return _("The campaign closed without a response.")
    said = {
        Reply.REFERS_TO_PUBLIC: _("The company pointed to what is already public."),
        Reply.ANSWERED_BY_OTHER: _("Another company answered for it."),
        Reply.NOT_CONCERNED: _("The company said that the questions do not concern it."),
        Reply.PARTIAL: _("Partial response received."),
        Reply.DECLINED: _("The company declined to respond."),
        Reply.DECLINED_WITH_STATEMENT: _("The company declined to respond and sent a statement."),
    }.get(event.after, _("Response received."))
    if event.before == Reply.SILENT:
        return _("%(what)s Until then it was listed as no response.") % {"what": said}
    return said


def _attempts(events, names):
    days = defaultdict(set)
    for pk, its in events.items():
        for event in accepted(its):
            if event.stated:
                days[event.kind, event.on, event.stated].add(pk)
    for (kind, on, stated), pks in days.items():
        number = len(pks & names.keys())
        if kind == Event.Kind.INVITED:
            said = ngettext("Invitation sent to %(n)d company.", "Invitations sent to %(n)d companies.", number)
        elif kind == Event.Kind.REMINDED:
            said = ngettext("Reminder sent to %(n)d company.", "Reminder sent to %(n)d companies.", number)
        else:
            said = ngettext("%(n)d company contacted again.", "%(n)d companies contacted again.", number)
        if number:
            yield Item(on, stated, said % {"n": number}, "is-asked")


def _replies(events, names):
    groups = defaultdict(list)
    for pk, its in events.items():
        for event in its:
            if event.field == "reply" and event.after in OUTCOMES and pk in names:
                changed = event.before in OUTCOMES or event.before == Reply.SILENT
                key = key_of(Reach.INVITED, event.after, closed=False)
                groups[key, changed, event.on if event.stated else date.max, event.stated].append(names[pk])
    for (key, changed, on, stated), found in groups.items():
        yield Item(on, stated, _reply_sentence(key, changed, len(found)), "is-reply", _named(found))


def _reply_sentence(key, changed, n):
    if changed:
        return _("Status changed to “%(label)s”") % {"label": WORDS[key]}
    return {
        "responded": ngettext("%(n)d response", "%(n)d responses", n),
        "partial": ngettext("%(n)d partial response", "%(n)d partial responses", n),
        "declined": ngettext("%(n)d company declined", "%(n)d companies declined", n),
    }[key] % {"n": n}


def _named(names):
    return tuple(names) if len(names) <= NAMED else ()


def _acts(campaign, events):
    if campaign.closed_at:
        silent = sum(event.after == Reply.SILENT for its in events.values() for event in its)
        said = _("Closed.")
        if silent:
            said = ngettext(
                "Closed; %(n)d company had sent nothing.", "Closed; %(n)d companies had sent nothing.", silent
            ) % {"n": silent}
        yield Item(campaign.closes_on, campaign.closes_stated, said)
    if campaign.published_on:
        yield Item(campaign.published_on, campaign.published_stated, _("Published here."))
