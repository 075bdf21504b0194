"""What limits outgoing mail now, for the page that shows it: hours, days, the list of a staging site."""

from typing import NamedTuple

from django.conf import settings

from campaigns.models import Campaign
from correspondence import allowances, relay_url

SHOWN = 8  # domains and campaigns, those that used most first


class Capped(NamedTuple):
    """A campaign that sends at most so many mails a day, and what it sent today."""

    campaign: object
    used: int


def limits(user, now):
    """Return the context of the limits. Two queries; a third one for who sees all campaigns, since domains tell whom
    other campaigns write to.
    """
    capped = {}
    for campaign in Campaign.objects.of(user).exclude(daily_cap=None).filter(closed_at=None):
        [need] = allowances.needs("", campaign.pk, campaign.daily_cap, campaign.time_zone, now)
        capped[need] = campaign
    rows = [Capped(capped[need], number) for need, number in allowances.used(set(capped)).items()]
    rows.sort(key=lambda row: (-row.used, row.campaign.title))
    sees_all = user.has_perm("campaigns.see_all_campaigns")
    return {
        "domain_hour": settings.OUTREACH_DOMAIN_HOUR,
        "at_once": settings.OUTREACH_DOMAIN_AT_ONCE,
        "only_to": None if settings.OUTREACH_ONLY_TO is None else sorted(settings.OUTREACH_ONLY_TO),
        "domains": allowances.busiest(now, SHOWN) if sees_all else [],
        "capped": rows[:SHOWN],
        "more_capped": max(0, len(rows) - SHOWN),
    }


def way_out():
    """Return where mail goes, as people say it: a server's host and port, or "" for a folder."""
    relay = relay_url.parse(settings.EMAIL_URL)
    return "" if relay.kind == "file" else f"{relay.host}:{relay.port}"
