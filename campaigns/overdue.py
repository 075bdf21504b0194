"""Where the calendar says that a person has to look: days to reply by, promises, closes, and who was not reached."""

from datetime import timedelta

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from companies.models import Health

from . import days
from .models import Approach, Campaign, ChosenContact, Event, Membership
from .status import ATTEMPTS, AWAITED, Reach, Reply

SOON = timedelta(days=7)  # before a close: time enough to find another address


def is_over(day, now, zones):
    """Return a condition on approaches: the date in the field `day` is over in the campaign's own zone.

    zones  the names of the time zones that occur, see zones_of(); the others match nothing
    """
    over = Q(pk__in=[])
    for zone in zones:
        over |= Q(**{f"{day}__lt": days.today(now, zone)}, campaign__time_zone=zone)
    return over


def zones_of(campaigns):
    """Return the time zones of the open ones among these campaigns (a queryset). One query."""
    return sorted(set(campaigns.filter(closed_at=None).order_by().values_list("time_zone", flat=True)))


def late(now, zones):
    """Return the awaited approaches whose day to reply by is over, annotated with it as `reply_by`."""
    awaited = Approach.objects.awaiting().annotate(reply_by=Coalesce("deadline", "campaign__deadline"))
    return awaited.filter(is_over("reply_by", now, zones))


def unanswered(now, zones):
    """Return the late approaches that have not promised an answer for a day still to come."""
    return late(now, zones).filter(Q(promised_for=None) | is_over("promised_for", now, zones))


def promises_run_out(now, zones):
    """Return the awaited approaches whose promise to answer by a day is over."""
    return Approach.objects.awaiting().filter(is_over("promised_for", now, zones))


def nothing_planned():
    """Return the approaches that wrote back without an answer, and for which nobody planned what comes next."""
    wrote_back = Approach.objects.awaiting().filter(reply__in=sorted(AWAITED - {Reply.NONE}))
    return wrote_back.filter(remind_at=None, promised_for=None, paused_at=None)


def not_reached():
    """Return the invited, silent approaches of open campaigns of which everything that was sent came back.

    status.accepted() is the rule; here attempts and returns are counted, which says the same for one and for many.
    """
    waits = Approach.objects.awaiting().filter(reply=Reply.NONE)
    tried = {"kind__in": ATTEMPTS, "result": Event.Result.ACCEPTED}
    waits = waits.annotate(tries=_number(**tried), returns=_number(kind=Event.Kind.RETURNED))
    some = Q(Exists(_standing(kind=Event.Kind.RETURNED)), tries__lte=F("returns"))  # few have any: asked first
    return waits.filter(Q(~Exists(_standing(**tried))) | some)


def without_contact():
    """Return (bounced, missing): approaches of open campaigns, still to be asked or awaited, whom no mail can reach.

    bounced  mail to a chosen contact came back; missing  there is none, or it has no address, left, or opted out
    """
    asked = Q(reach__in=[Reach.PLANNED, Reach.INVITED], reply__in=sorted(AWAITED), campaign__closed_at=None)
    unusable = Approach.objects.filter(asked, ~has_contact())
    bounced = Exists(ChosenContact.objects.filter(approach=OuterRef("pk"), contact__health=Health.BOUNCED))
    return unusable.filter(bounced), unusable.filter(~bounced)


def has_contact():
    """Return a condition on approaches: one of the chosen contacts can be written to."""
    chosen = ChosenContact.objects.filter(approach=OuterRef("pk"), contact__health=Health.WORKING)
    return Exists(chosen.exclude(contact__email=""))


def closing_due(now):
    """Return the campaigns whose closing day is over and that nobody has closed."""
    return Campaign.objects.filter(closed_at=None, closes_at__lte=now)


def closing_soon(now):
    """Return a condition on approaches: their campaign closes within SOON."""
    return Q(campaign__closes_at__gt=now, campaign__closes_at__lte=now + SOON)


def own(user, way="", assigned=True):
    """Return a condition on rows: theirs, or nobody's in a campaign whose team has the person.

    way       leads from a row to its approach
    assigned  whether the owner of the company counts; False where it is a matter of the team
    """
    teams = Membership.objects.filter(user=user.pk).values("campaign")
    if not assigned:
        return Q(**{f"{way}campaign__in": teams})
    return Q(**{f"{way}assigned": user.pk}) | Q(**{f"{way}assigned": None, f"{way}campaign__in": teams})


def _standing(**facts):
    """Return the standing events of an approach with these facts, as a subquery."""
    return Event.objects.standing().filter(approach=OuterRef("pk"), **facts).order_by()


def _number(**facts):
    mine = _standing(**facts).values("approach").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(mine, output_field=IntegerField()), 0)
