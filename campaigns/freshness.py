"""Validators of public pages: what is shown is rendered per request and never stale, and unchanged pages cost a 304.

A stamp is made of what can change a page: the last event, the last edit of a campaign, of an approach, of a response,
what staff edited beside them, the number of public things (an embargo, a publication or a withdrawal changes it), and
the release that runs. What happens in a campaign that is not public changes no stamp.
"""

import hashlib

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db.models import CharField, Count, Max, Q, Sum, Value
from django.db.models.functions import JSONArray
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from companies.models import Alias

from .models import Campaign, Event

_SHOWN_BY = ("templates", "locale", "static", "campaigns", "responses")
# Edited on pages of their own, with no time of the last edit. What the log says of them has no column for a campaign,
# so that such an edit in a private campaign changes the stamps too: a visitor learns that somebody edited something.
_LOGGED = ("answer", "company", "document", "finding", "question", "sector", "timelineentry", "topic")


def stamp(*parts):
    """Return the stamp of a page, one query.

    parts  (name, queryset, aggregates over it): what this page shows; none of them may be private
    """
    logged = LogEntry.objects.filter(content_type__model__in=_LOGGED)
    staff, *others = (_part(*part) for part in (("staff", logged, Max("id")), *parts))
    return "|".join(str(row) for row in sorted(staff.union(*others, all=True)))


def stamp_of_lists(now):
    """Return the stamp of the pages that list what is public: campaigns by their stored counts, and companies."""
    public = Campaign.objects.public(now)
    figures = (Sum(f"count__{name}") for name in ("approached", "responded", "last_event"))
    moves = Event.objects.exclude(field="").filter(approach__campaign__in=public)
    return stamp(
        ("campaigns", public, *edits_of_campaigns(now), *figures),
        ("moves", moves, Max("id")),
        ("names", Alias.objects.filter(company__approaches__campaign__in=public), Max("id")),
    )


def edits_of_campaigns(now):
    """Return the aggregates over public campaigns that tell of every change of theirs, one by the clock included."""
    return Count("id"), Max("edited_at"), Count("id", filter=Q(closes_at__lte=now))


def _part(name, rows, *values):
    """Return a query of at the most one row, to be united with others."""
    tagged = rows.order_by().annotate(part_name=Value(name, output_field=CharField())).values("part_name")
    return tagged.annotate(part_values=JSONArray(*values)).values_list("part_name", "part_values")


def answer(request, template, stamp, build):
    """Answer with the page, or with 304 where the visitor has it already.

    build  called without arguments for the template's context, only where the page has to be rendered
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES:  # staff see messages of what they just did
        page = render(request, template, build())
        page.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(page, ["Cookie"])
        return page
    tag = _tag(request, stamp)
    page = get_conditional_response(request, etag=tag) or _kept(request, tag) or render(request, template, build())
    if page.status_code == 200 and not request.GET:
        cache.set(tag, page.content, 3600)
    page.headers["ETag"], page.headers["Cache-Control"] = tag, "no-cache"
    patch_vary_headers(page, ["Cookie"])
    return page


def _kept(request, tag):
    """The page that this process rendered under this tag, or None. Filtered views are too many to keep."""
    kept = None if request.GET else cache.get(tag)
    return kept and HttpResponse(kept)


def _tag(request, stamp):
    seen = "\n".join([_RELEASE, get_language(), request.get_full_path(), str(stamp)])
    return f'W/"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'


def _release():
    """The newest change of what draws a page, so that a new release is seen at once."""
    files = (file for folder in _SHOWN_BY for file in (settings.BASE_DIR / folder).rglob("*") if file.is_file())
    newest = max((file.stat().st_mtime_ns for file in files), default=0)
    return f"{newest} {settings.SITE_NAME} {settings.SITE_URL} {settings.DEMO}"


_RELEASE = _release()
