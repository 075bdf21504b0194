"""Which events a company's entry in a file stands for, and which entry an approach's events need.

Import and export share implied(): what the other keys say is not said again under `history`.
"""

from typing import NamedTuple

from ..days import Day
from ..status import Reach, Reply, delivered
from .entries import HistoryEntry

SOURCE = "campaign file"
FIRST, LAST = 0, 1_000_000  # places of implied facts: the invitation before the history of its day, the others after


class Fact(NamedTuple):
    """An event to be, with the fields that delivered() asks for."""

    id: int
    on: object
    stated: str
    kind: str
    field: str
    after: str
    channel: str
    result: str
    remark: dict
    attempt: None = None
    retracts_id: None = None


class Unfit(Exception):
    """The history and the status of an entry contradict each other; args: key, what is wrong."""


def facts(company, document, today, closes):
    """Return the Facts that one CompanyEntry stands for, in their order; Unfit where they contradict each other.

    today   the day of the import in the campaign's zone: nothing counts from a later day
    closes  whether this import closes the campaign
    """
    asked = company.asked_on or document.asked_on
    undated = min(_assumed(document, today), company.replied_on.on if company.replied_on else today)
    moves = [_of_history(number, entry, today, undated) for number, entry in enumerate(company.history, FIRST + 1)]
    moves.sort(key=lambda fact: fact.on)
    moves = _reach(moves, company, asked, today)
    moves = _reply(moves, company, _reply_day(company, document, today, closes), today)
    if closes and document.closes_on:
        moves = _silent(moves, company, document.closes_on)
    moves.sort(key=lambda fact: fact.id)  # recorded in the order of the file, so that an export can keep it
    return [fact._replace(id=number) for number, fact in enumerate(moves)]


def _assumed(document, today):
    """The day of what nobody dated: the close, else the publication, else the import; never after the import."""
    known = document.closes_on or document.published_on
    return min(known.on, today) if known else today


def _of_history(number, entry, today, undated):
    result = entry.result or ("accepted" if entry.kind in ("invited", "reminded", "contacted") else "")
    on, stated = (min(entry.on.on, today), entry.on.stated) if entry.on else (undated, "")
    return Fact(number, on, stated, entry.kind, entry.field, entry.after, entry.channel, result, entry.remark)


def _insert(moves, fact, first=False):
    """Put a fact in its day: before the others of that day, or after them."""
    later = [n for n, other in enumerate(moves) if (other.on >= fact.on if first else other.on > fact.on)]
    place = later[0] if later else len(moves)
    return [*moves[:place], fact, *moves[place:]]


def _reach(moves, company, asked, today):
    """The invitation: the one in the history where it stands on the asking day, else one that asked_on implies."""
    if company.reach == Reach.PLANNED:
        return moves
    day = Day(min(asked.on, today), asked.stated) if asked else Day(today, "")
    chain = [f for f in moves if f.field == "reach"]
    if company.reach == Reach.INVITED and not any(_invites(f) and (f.on, f.stated) == day for f in moves):
        moves = _insert(moves, Fact(FIRST, *day, "invited", "reach", Reach.INVITED, "", "accepted", {}), first=True)
    if company.reach == Reach.INVITED or chain:
        current = Reach.PLANNED
        for number, fact in enumerate(moves):
            if _invites(fact) and not fact.field and current != Reach.INVITED:
                moves[number] = fact = fact._replace(field="reach", after=Reach.INVITED)
            current = fact.after if fact.field == "reach" else current
    if company.reach != Reach.INVITED and not (chain and chain[-1].after == company.reach):
        moves = _insert(moves, Fact(LAST, *day, "moved", "reach", company.reach, "", "", {}))
    last = [f for f in moves if f.field == "reach"][-1]
    if last.after != company.reach:
        raise Unfit("history", f"ends with reach {last.after}, but reach is {company.reach}")
    return moves


def _invites(fact):
    return fact.kind == "invited" and fact.result == "accepted"


def _reply_day(company, document, today, closes):
    """The day of a reply that is not dated: its earliest response, else an assumed one with nothing stated."""
    if company.replied_on:
        return Day(min(company.replied_on.on, today), company.replied_on.stated)
    told = [f for f in company.history if f.field == "reply"]
    if told and told[-1].after == company.reply:
        return None
    received = [r.received_on for r in company.responses if r.received_on and r.kind == "reply"]
    if received:
        earliest = min(received)
        return Day(min(earliest.on, today), earliest.stated)
    return Day(_assumed(document, today), "")


def _reply(moves, company, day, today):
    told = [f for f in moves if f.field == "reply"]
    final = company.reply if company.reply not in ("", Reply.NONE, Reply.SILENT) else None
    if final and day and not any((f.on, f.stated, f.after) == (*day, final) for f in told):
        moves = _insert(moves, Fact(LAST, *day, "moved", "reply", final, "", "", {}))
    told = [f for f in moves if f.field == "reply" and f.after != Reply.SILENT]
    if told and told[-1].after != (final or Reply.NONE):
        raise Unfit("history", f"ends with reply {told[-1].after}, but reply is {company.reply or 'left out'}")
    return moves


def _silent(moves, company, closes_on):
    """`silent` on the closing day, for those whom something reached and who had not replied by then."""
    by_then = [f for f in moves if f.on <= closes_on.on]
    invited = [f.after for f in by_then if f.field == "reach"][-1:] == [Reach.INVITED]
    heard = any(f.field == "reply" for f in by_then)
    reached = delivered([f._replace(id=number) for number, f in enumerate(moves)])
    if invited and not heard and reached and company.reply != Reply.NONE:
        return _insert(moves, Fact(LAST, *closes_on, "moved", "reply", Reply.SILENT, "", "", {}))
    if company.reply == Reply.SILENT:
        raise Unfit("reply", "cannot be silent: nothing that was sent reached the company by the close")
    return moves


def entry_for(events, campaign, remarks):
    """Return what an export says of an approach's standing events: (asked_on, replied_on, history).

    events   in the order of recording
    remarks  {event id: Texts}
    """
    by_day = sorted(events, key=lambda e: (e.on, e.id))
    reach = [e for e in by_day if e.field == "reach"]
    replies = [e for e in by_day if e.field == "reply" and e.after != Reply.SILENT]
    invited = next((e for e in reach if e.after == Reach.INVITED), None)
    asked = invited or (reach[-1] if reach else None)
    implied = []
    stands = reach and (reach[-1].after == Reach.INVITED if asked is invited else len(reach) == 1)
    if stands and _is_plain(asked, remarks):
        implied.append(asked)
    implied += [e for e in events if e.after == Reply.SILENT and campaign.closed_at and e.on == campaign.closes_on]
    if replies and _is_plain(replies[-1], remarks):
        implied.append(replies[-1])
    history = [
        HistoryEntry(
            on=Day(e.on, e.stated) if e.stated else None,
            kind=e.kind if e.kind in ("invited", "reminded", "contacted", "returned") else "moved",
            field=e.field if e.kind == "moved" else "",
            after=e.after if e.kind == "moved" else "",
            channel=e.channel,
            result=e.result,
            remark=remarks.get(e.id, {}),
        )
        for e in events
        if e not in implied and e.kind not in ("extended", "skipped")
    ]
    stated = Day(asked.on, asked.stated) if asked and asked.stated else None
    return stated, (Day(replies[-1].on, replies[-1].stated) if replies and replies[-1].stated else None), history


def _is_plain(event, remarks):
    return not event.channel and not remarks.get(event.id) and event.result in ("", "accepted")
