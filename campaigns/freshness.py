"""Validators of public pages: what is shown is rendered per request and never stale, and unchanged pages cost a 304.

A stamp is made of what can change a page: the last event, the last edit by staff, the last edit of a campaign, of a
response, the number of public things (an embargo, a publication or a withdrawal changes it), and the release that runs.
"""

import hashlib

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db.models import CharField, Count, Max, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from .models import Campaign, Event

_SHOWN_BY = ("templates", "locale", "static", "campaigns", "responses")


def part(name, rows, expression):
    """Return one part of a stamp: an aggregate over a queryset, as a query to be united with the others."""
    value = Cast(expression, TextField())
    tagged = rows.order_by().annotate(part_name=Value(name, output_field=CharField())).values("part_name")
    return tagged.annotate(part_value=value).values_list("part_name", "part_value")


def stamp(now, *parts):
    """Return the stamp of a page, one query.

    now    the instant for which the page is rendered: what is dated ahead counts from then
    parts  what this page shows beside campaigns and events, made by part()
    """
    public = Campaign.objects.public(now)
    every = part("event", Event.objects.all(), Max("id")).union(
        part("staff", LogEntry.objects.all(), Max("id")),
        part("public", public, Count("id")),
        part("edited", public, Max("edited_at")),
        part("past", public.filter(closes_at__lte=now), Count("id")),
        *parts,
        all=True,
    )
    return "|".join(f"{name}={value}" for name, value in sorted(every))


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
