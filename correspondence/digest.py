"""The digest of the morning: to each owner, what is overdue with their companies; nothing where nothing is."""

from collections import defaultdict
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import overdue
from campaigns.models import Campaign, Daily
from campaigns.templatetags.frame import partial_date

from . import control
from .staff_mail import compose_staff, in_site_language
from .wording import Blocked

MORNING = 7  # the hour of the site's zone from which digests are written, on working days
SATURDAY = 5
NAMED = 20  # companies of one kind in one campaign; the others are counted


def send(now):
    """Write this day's digests where it is time and it was not done yet; return how many.

    A second run, also at the same moment, writes none twice: each has its person and its day for a key.
    """
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if local.hour < MORNING or local.weekday() >= SATURDAY:
        return 0
    if Daily.objects.filter(name=Daily.Name.DIGEST, day__gte=local.date()).exists() or control.stopped(now):
        return 0
    zones = overdue.zones_of(Campaign.objects.all())
    with in_site_language():
        written = sum(_write(user, now, local.date(), zones) for user in _owners())
    values = {"day": local.date(), "at": now, "number": written}
    Daily.objects.update_or_create(name=Daily.Name.DIGEST, defaults=values)
    return written


def _owners():
    return get_user_model().objects.filter(is_staff=True, is_active=True).exclude(email="").order_by("pk")


def _write(user, now, today, zones):
    """Write one person's digest; return whether there was something to say and somebody to say it to."""
    number, lines = _lines(user, now, today, zones)
    if not number:
        return False
    subject = ngettext("%(site)s: 1 thing is overdue", "%(site)s: %(number)d things are overdue", number)
    home = settings.SITE_URL + reverse("admin:index")
    body = [*lines, "", _("Everything that waits for you, each with its button: %(address)s") % {"address": home}, ""]
    try:
        said = subject % {"site": settings.SITE_NAME, "number": number}
        compose_staff(user, f"digest:{user.pk}:{today}", said, "\n".join(body), now=now)
    except Blocked:  # an address that no server takes: the others get theirs
        return False
    return True


def _lines(user, now, today, zones):
    """Return (how many things, lines of text), campaign by campaign: names and days, never a contact."""
    seen = Campaign.objects.of(user)
    found = {
        campaign: [] for campaign in overdue.closing_due(now).filter(pk__in=seen.values("pk"), memberships__user=user)
    }
    number = len(found)
    for campaign in found:
        found[campaign].append(_("The closing date is over since %(day)s.") % {"day": partial_date(campaign.closes_on)})
    sections = (
        (_("The day to reply by is over"), overdue.late(now, zones).annotate(since=F("reply_by"))),
        (
            _("Promised an answer, and the day is over"),
            overdue.promises_run_out(now, zones).annotate(since=F("promised_for")),
        ),
        (_("Wrote back, nothing planned"), overdue.nothing_planned().annotate(since=F("reply_on"))),
    )
    for title, rows in sections:
        mine = rows.filter(overdue.own(user), campaign__in=seen.values("pk")).select_related("campaign")
        grouped = defaultdict(list)
        for row in mine.order_by("campaign", "since", "listed_as"):
            grouped[row.campaign].append(row)
        for campaign, companies in grouped.items():
            number += len(companies)
            found.setdefault(campaign, []).extend(_section(title, companies, today))
    lines = []
    for campaign, said in found.items():
        address = settings.SITE_URL + reverse("campaign_desk", args=[campaign.pk])
        lines += [*([""] if lines else []), str(campaign), address, *said]
    return number, lines


def _section(title, companies, today):
    yield f"{title}: {len(companies)}"
    for row in islice(companies, NAMED):
        late = max(today - row.since, timedelta()).days
        ago = ngettext("%(days)d day ago", "%(days)d days ago", late) % {"days": late}
        yield f"- {row.listed_as}: {partial_date(row.since)}, {ago}"
    if (more := len(companies) - NAMED) > 0:
        yield ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
