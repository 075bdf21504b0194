"""Where the companies of a campaign stand in the staff's words: each word is a condition, counted as a tile."""

from typing import NamedTuple

from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy

from campaigns import days, overdue
from campaigns.status import AWAITED, OUTCOMES, Reach, Reply
from correspondence.models import Message, State

BACK = sorted(AWAITED - {Reply.NONE})  # they wrote, and did not answer


class Standing(NamedTuple):
    """One word of the staff's: `icon` and `badge` are its looks in the table."""

    word: object
    icon: str
    badge: str


STANDINGS = {  # the first that fits is a company's word; in this order lists show them
    "bounced": Standing(gettext_lazy("Address bounced"), "unreached", "unreached"),
    "overdue": Standing(gettext_lazy("Overdue"), "awaiting", "silent"),
    "back": Standing(gettext_lazy("Wrote back, nothing planned"), "info", "awaiting"),
    "approval": Standing(gettext_lazy("Waits for approval"), "mail", "awaiting"),
    "held": Standing(gettext_lazy("On hold"), "info", "awaiting"),
    "time": Standing(gettext_lazy("More time"), "awaiting", "awaiting"),
    "awaiting": Standing(gettext_lazy("Awaiting response"), "awaiting", "awaiting"),
    "silent": Standing(gettext_lazy("Nothing heard"), "silent", "silent"),
    "planned": Standing(gettext_lazy("Not invited yet"), "none", "planned"),
    "unreached": Standing(gettext_lazy("Could not be reached"), "unreached", "unreached"),
    "unasked": Standing(gettext_lazy("Not asked"), "none", "unasked"),
    "responded": Standing(gettext_lazy("Responded"), "responded", "responded"),
    "other": Standing(gettext_lazy("Replied, not counted"), "declined", "declined"),
}
NAMES = tuple(STANDINGS)


def conditions(campaign, now):
    """Return {name: Q on approaches of this campaign}. A company may be under several: the first one leads."""
    today = days.today(now, campaign.time_zone)
    open_ = not campaign.closed_at
    awaited = Q(reach=Reach.INVITED, reply__in=sorted(AWAITED)) if open_ else Q(pk__in=[])
    planned_nothing = Q(remind_at=None, promised_for=None, paused_at=None)
    promised = Q(promised_for__gte=today)
    late = Q(deadline__lt=today)
    if campaign.deadline and campaign.deadline < today:
        late |= Q(deadline=None)
    proposed = Message.objects.filter(approach=OuterRef("pk"), state=State.PROPOSED)
    counted = list(campaign.counts_as_response)
    return {
        "bounced": Q(pk__in=overdue.without_contact()[0].filter(campaign=campaign).values("pk")),
        "overdue": awaited & late & (Q(promised_for=None) | ~promised),
        "back": Q(reach=Reach.INVITED, reply__in=BACK) & (planned_nothing if open_ else Q()),
        "approval": Q(Exists(proposed)),
        "held": awaited & Q(paused_at__isnull=False),
        "time": awaited & (promised | Q(deadline__gte=today)),
        "awaiting": awaited,
        "silent": Q(reach=Reach.INVITED, reply__in=[Reply.NONE, Reply.SILENT]),
        "planned": Q(reach=Reach.PLANNED),
        "unreached": Q(reach=Reach.UNREACHED),
        "unasked": Q(reach=Reach.NOT_APPROACHED),
        "responded": Q(reach=Reach.INVITED, reply__in=counted),
        "other": Q(reach=Reach.INVITED, reply__in=sorted(OUTCOMES - set(counted))),
    }


def annotated(approaches, found):
    """Return the approaches with the place of their word in STANDINGS as `place`."""
    return approaches.annotate(
        place=Case(*(When(found[name], then=Value(place)) for place, name in enumerate(STANDINGS)), default=Value(0))
    )


def counted(campaign, found):
    """Return {name: how many companies of the campaign are under it}, and all of them as "all". One query."""
    numbers = {name: Count("pk", filter=condition) for name, condition in found.items()}
    return campaign.approaches.aggregate(all=Count("pk"), **numbers)
