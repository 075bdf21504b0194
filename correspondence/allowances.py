"""How much may leave: mails to one domain in an hour, and at once; mails of one campaign in a day.

An allowance is a row for one stretch of time, raised with the mail that uses it in the transaction of the point of no
return, and only while it is below its limit: two workers at once cannot both take the last one. Its lock also makes the
count of mails that are leaving to a domain exact.
"""

from datetime import UTC, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import ngettext

from campaigns import days

from .models import Allowance

HOUR = timedelta(hours=1)
KEPT = timedelta(days=2)  # after its begin a stretch is of no use
ENDLESS = 2**31 - 1  # the row is wanted for its lock only

_TABLE = Allowance._meta.db_table
_RAISE = (
    f"INSERT INTO {_TABLE} (key, since, used) VALUES {{}} ON CONFLICT (key, since) "
    f"DO UPDATE SET used = {_TABLE}.used + 1 "
    f"WHERE {_TABLE}.used < CASE WHEN {_TABLE}.key = %s THEN %s ELSE %s END RETURNING key"
)


class Need(NamedTuple):
    """One limit that a mail falls under.

    key     "domain:example.org" or "campaign:12"
    since   begin of the stretch, an instant; until  its end
    limit   mails in that stretch; 0: none may leave
    """

    key: str
    since: object
    until: object
    limit: int

    @property
    def reason(self):
        name = self.key.partition(":")[2]
        if self.key.startswith("campaign:"):
            said = ngettext(
                "The campaign sends at most %(limit)d mail a day.",
                "The campaign sends at most %(limit)d mails a day.",
                self.limit,
            )
        else:
            said = ngettext(
                "At most %(limit)d mail an hour goes to %(domain)s.",
                "At most %(limit)d mails an hour go to %(domain)s.",
                self.limit,
            )
        return said % {"limit": self.limit, "domain": name}


def hour(now):
    """Return the begin of the hour that `now` lies in."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def needs(domain, campaign, cap, zone, now):
    """Return the Needs of one mail, in the order in which their rows are locked.

    domain    of its first recipient; campaign  an id; cap  its mails a day, or None; zone  its time zone's name
    """
    found = []
    if cap is not None:
        today = days.today(now, zone)
        since, until = (edge(today, zone).astimezone(UTC) for edge in (days.start, days.end))
        found.append(Need(f"campaign:{campaign}", since, until, cap))
    if domain and (settings.OUTREACH_DOMAIN_HOUR or settings.OUTREACH_DOMAIN_AT_ONCE):
        limit = settings.OUTREACH_DOMAIN_HOUR or ENDLESS
        found.append(Need(f"domain:{domain}", hour(now), hour(now) + HOUR, limit))
    return found


def take(wanted):
    """Raise all of these allowances, or none; return the Need that is used up, or None. One statement.

    The caller's transaction holds them; where the mail does not leave after all, the caller calls give_back().
    """
    if not wanted:
        return None
    if none := next((need for need in wanted if need.limit < 1), None):
        return none
    rows = [value for need in wanted for value in (need.key, _instant(need.since))]
    sql = _RAISE.format(", ".join(["(%s, %s, 1)"] * len(wanted)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*rows, wanted[0].key, wanted[0].limit, wanted[-1].limit])
        raised = {key for (key,) in cursor.fetchall()}
    if len(raised) == len(wanted):
        return None
    give_back([need for need in wanted if need.key in raised])
    return next(need for need in wanted if need.key not in raised)


def give_back(wanted):
    """Lower what take() raised, in the same transaction."""
    if wanted:
        Allowance.objects.filter(_rows(wanted)).update(used=F("used") - 1)


def used(wanted):
    """Return {Need: mails that went under it}. One query."""
    if not wanted:
        return {}
    rows = Allowance.objects.filter(key__in={need.key for need in wanted}, since__in={need.since for need in wanted})
    found = {(key, since): number for key, since, number in rows.values_list("key", "since", "used")}
    return {need: found.get((need.key, need.since), 0) for need in wanted}


def spent(wanted):
    """Return the set of those Needs that have nothing left. One query."""
    return {need for need, number in used(wanted).items() if number >= need.limit}


def busiest(now, most):
    """Return [(domain, mails in this hour)] of the domains that got most. One query."""
    rows = Allowance.objects.filter(key__startswith="domain:", since=hour(now), used__gt=0).order_by("-used", "key")
    return [(key.partition(":")[2], number) for key, number in rows.values_list("key", "used")[:most]]


def forget(now):
    """Delete allowances that are over."""
    Allowance.objects.filter(since__lt=now - KEPT).delete()


def _rows(wanted):
    found = Q(pk__in=[])
    for need in wanted:
        found |= Q(key=need.key, since=need.since)
    return found


def _instant(value):
    return Allowance._meta.get_field("since").get_db_prep_value(value, connection)
