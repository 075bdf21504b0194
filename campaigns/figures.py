"""The one counting function: page, sentence, file, feed and picture call figures(), so they cannot disagree."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from .models import Event
from .status import Known, Reach, State, state


@dataclass(frozen=True)
class Figures:
    """A campaign's figures. `rate_percent` has one decimal, half up; None when nobody was asked and reached."""

    approached: int = 0
    responded: int = 0
    by_reply: dict = field(default_factory=dict)  # {Reply: number} of those approached, zeros left out
    by_group: dict = field(default_factory=dict)  # {group: (responded, approached)}, in the order of the list
    unreached: int = 0
    not_approached: int = 0
    planned: int = 0
    responded_after_deadline: int = 0
    responded_after_publication: int = 0
    responded_after_close: int = 0  # for the sentence on the page; files do not have it

    @property
    def rate_percent(self):
        return rate_percent(self.responded, self.approached)

    def as_dict(self):
        """The figures as files and programs get them."""
        rate = self.rate_percent
        return {
            "approached": self.approached,
            "responded": self.responded,
            "rate_percent": None if rate is None else float(rate),
            "by_reply": {str(reply): number for reply, number in sorted(self.by_reply.items())},
            "unreached": self.unreached,
            "not_approached": self.not_approached,
            "planned": self.planned,
            "responded_after_deadline": self.responded_after_deadline,
            "responded_after_publication": self.responded_after_publication,
            "by_group": {name: {"responded": r, "approached": a} for name, (r, a) in self.by_group.items()},
        }


def rate_percent(responded, approached):
    """Return 100 * responded / approached as a Decimal with one decimal, half up; None where nobody was approached."""
    if not approached:
        return None
    return (Decimal(100 * responded) / approached).quantize(Decimal("0.1"), ROUND_HALF_UP)


def figures(campaign, as_of=None, known=Known.NOW):
    """Count a campaign.

    as_of   a date: the state of that day; None for today, from the stored state
    known   an instant: as was known then; by default with all that is recorded by now
    returns Figures; two queries at the most, whatever the number of companies
    """
    stored = as_of is None and known is Known.NOW
    return count(campaign, _stored(campaign) if stored else _recomputed(campaign, as_of, known))


def count(campaign, rows):
    """Return the Figures of `rows`: (State, group, own deadline or None) for each approach, in the list's order."""
    numbers, by_reply, by_group = Counter(), Counter(), defaultdict(lambda: [0, 0])
    for now_is, group, deadline in rows:
        if now_is.reach != Reach.INVITED:
            numbers[now_is.reach] += 1
            continue
        by_reply[now_is.reply] += 1
        responded = campaign.counts(now_is.reply)
        by_group[group][0] += responded
        by_group[group][1] += 1
        if responded and now_is.reply_stated:  # an assumed day is never late
            numbers["after_deadline"] += late(now_is.reply_on, deadline or campaign.deadline)
            numbers["after_publication"] += late(now_is.reply_on, campaign.published_on)
            numbers["after_close"] += late(now_is.reply_on, campaign.closes_on)
    return Figures(
        approached=sum(by_reply.values()),
        responded=sum(number for reply, number in by_reply.items() if campaign.counts(reply)),
        by_reply=dict(by_reply),
        by_group={name: tuple(pair) for name, pair in by_group.items()},
        unreached=numbers[Reach.UNREACHED],
        not_approached=numbers[Reach.NOT_APPROACHED],
        planned=numbers[Reach.PLANNED],
        responded_after_deadline=numbers["after_deadline"],
        responded_after_publication=numbers["after_publication"],
        responded_after_close=numbers["after_close"],
    )


def late(on, by):
    """Say whether the day `on` lies after the day `by`; nothing is late where no day was set."""
    return bool(by) and on > by


def _stored(campaign):
    columns = ("reach", "reply", "reply_on", "reply_stated", "group", "deadline")
    for reach, reply, on, stated, group, deadline in campaign.approaches.values_list(*columns):
        yield State(reach, reply, on, stated), group, deadline


def _recomputed(campaign, as_of, known):
    events = defaultdict(list)
    columns = ("approach_id", "field", "after", "on", "stated", "at", "retracts_id")
    for event in Event.objects.filter(approach__campaign=campaign).only(*columns):
        events[event.approach_id].append(event)
    for pk, group, deadline, added_on, added_at in campaign.approaches.values_list(
        "pk", "group", "deadline", "added_on", "added_at"
    ):
        if known is Known.NOW or added_at <= known:
            counting = campaign.counts_as_response
            yield state(events[pk], counting, as_of=as_of, known=known, added_on=added_on), group, deadline
