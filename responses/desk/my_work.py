"""My work, the first page after signing in: what waits for the person, most urgent first, each with its button."""

from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Exists, F
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import clock
from campaigns.models import Approach, Campaign, Membership
from correspondence.desk import access
from correspondence.models import Message, State

from .own_campaigns import own_campaigns
from .waiting import LATER, each, said, waiting

PER_PAGE = 100
KEPT = 60  # seconds: counting costs as much as a page
ICONS = {
    "held": "warn",
    "differs": "warn",
    "unknown": "warn",
    "approval": "awaiting",
    "failed": "warn",
    "closing_due": "silent",
    "bounced": "unreached",
    "no_contact": "unreached",
    "closing_soon": "unreached",
    "not_reached": "unreached",
    "promise": "awaiting",
    "wrote_back": "mail",
    "review": "partial",
    "draft": "file",
}


@require_safe
def my_work(request):
    """The list: ?whose=mine or all; ?kind= and ?campaign= show the single things of one row. Constant queries."""
    user, now = request.user, clock.now()
    own_only = request.GET.get("whose", "mine" if has_own(user) else "all") != "all"
    context = {**admin.site.each_context(request), "whose": "mine" if own_only else "all"}
    if "kind" in request.GET:
        return _singles(request, now, own_only, context)
    rows = rows_of(request, now, own_only)
    other = rows_of(request, now, not own_only)
    context |= {
        "title": _("My work"),
        "today": date_format(now.astimezone(), "DATE_FORMAT"),
        "rows": _drawn(rows, lambda row: row.urgency < LATER),
        "others": _drawn(rows, lambda row: row.urgency >= LATER),
        "mine": number(rows if own_only else other),
        "all": number(other if own_only else rows),
        "next_send": next_send(user, now),
        "can_plan": user.has_perm("campaigns.change_approach"),
    }
    if user.has_perms(access.SEE):
        context["open"], context["more_open"] = own_campaigns(user, now, own_only=own_only)
    return TemplateResponse(request, "admin/responses/my_work.html", context)


def _singles(request, now, own_only, context):
    """The page of one row: each of its companies with a button of its own."""
    key = request.GET.get("campaign", "")
    campaign = get_object_or_404(Campaign.objects.of(request.user), pk=int(key) if key.isdecimal() else 0)
    found = each(request.user, now, request.GET["kind"], campaign, own_only=own_only)
    if found is None:
        raise Http404
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [said(row, request.user) for row in page]
    context |= {
        "title": campaign,
        "campaign": campaign,
        "rows": _drawn(rows, lambda row: True),
        "page": page,
        "kind": request.GET["kind"],
    }
    return TemplateResponse(request, "admin/responses/my_work_singles.html", context)


def _drawn(rows, wanted):
    return [(row, ICONS[row.kind]) for row in rows if wanted(row)]


def rows_of(request, now, own_only):
    """Return waiting() of the request's person, asked once however often the page and its bar need it."""
    known = request.__dict__.setdefault("waiting_rows", {})
    if own_only not in known:
        known[own_only] = waiting(request.user, now, own_only=own_only)
    return known[own_only]


def number(rows):
    """Return how many of these rows the person can settle."""
    return sum(row.urgency < LATER for row in rows)


def has_own(user):
    """Say whether anything can be the person's own: a campaign whose team has them, or a company given to them."""
    member, owner = Membership.objects.filter(user=user.pk), Approach.objects.filter(assigned=user.pk)
    return get_user_model().objects.filter(Exists(member) | Exists(owner), pk=user.pk).exists()


def count_in_bar(request):
    """Return the number beside "My work" in the bar of every staff page: what its first view counts.

    It is kept for a minute, and no longer than until somebody on the staff does something.
    """
    last_act = LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    key = f"my-work:{request.user.pk}:{last_act}"
    number_now = None if hasattr(request, "waiting_rows") else cache.get(key)
    if number_now is None:
        number_now = number(rows_of(request, clock.now(), has_own(request.user)))
        cache.set(key, number_now, KEPT)
    return number_now


def next_send(user, now):
    """Return the day and time at which the next mail of the person's campaigns is meant to leave, "now", or ""."""
    own = Campaign.objects.of(user).filter(closed_at=None, paused_at=None).values("pk")
    zone = F("approach__campaign__time_zone")
    queued = Message.objects.filter(approach__campaign__in=own, state=State.QUEUED).order_by("not_before")
    planned = Approach.objects.awaiting().filter(campaign__in=own, paused_at=None).exclude(remind_at=None)
    first = [
        queued.values_list("not_before", zone).first(),
        planned.order_by("remind_at").values_list("remind_at", "campaign__time_zone").first(),
    ]
    at, zone = min(filter(None, first), default=(None, ""))
    if at is None:
        return ""
    if at <= now:
        return _("now")
    local = at.astimezone(ZoneInfo(zone))
    said = {
        "weekday": date_format(local, "l"),
        "day": date_format(local, "DATE_FORMAT"),
        "time": date_format(local, "H:i"),
    }
    # Translators: like Monday, 8 August 2022, 09:00
    return _("%(weekday)s, %(day)s, %(time)s") % said
