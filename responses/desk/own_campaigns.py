"""The open campaigns beside what waits for a person: how far each is, who is overdue, and the way to its desk."""

from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q

from campaigns import overdue
from campaigns.models import Approach, Campaign

SHOWN = 12  # the rest is counted, and stands in the list of all campaigns


class Open(NamedTuple):
    """`responded` of `asked` companies, as stored for lists; `overdue` did not keep the day to reply by. `over`: its
    closing date is past, so that nobody is reminded any more.
    """

    campaign: object
    responded: int
    asked: int
    overdue: int
    over: bool


def own_campaigns(user, now, *, own_only):
    """Return ([Open], how many more there are), those with the most overdue first; three queries.

    own_only  only those whose team has the person, or in which a company is theirs
    """
    seen = Campaign.objects.of(user).filter(closed_at=None)
    if own_only:
        given = Approach.objects.filter(campaign=OuterRef("pk"), assigned=user.pk)
        seen = seen.filter(Q(memberships__user=user.pk) | Exists(given)).distinct()
    late = overdue.unanswered(now, overdue.zones_of(seen)).filter(campaign__in=seen.values("pk")).order_by()
    numbers = dict(late.values_list("campaign").annotate(Count("pk")))
    found = list(seen.select_related("count").order_by(F("closes_at").asc(nulls_last=True), "pk"))
    found.sort(key=lambda campaign: -numbers.get(campaign.pk, 0))
    shown = [_open(campaign, numbers.get(campaign.pk, 0), now) for campaign in found[:SHOWN]]
    return shown, max(len(found) - SHOWN, 0)


def _open(campaign, late, now):
    count = getattr(campaign, "count", None)
    over = bool(campaign.closes_at and campaign.closes_at <= now)
    return Open(campaign, count.responded if count else 0, count.approached if count else 0, late, over)
