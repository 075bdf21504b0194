"""The site's own doors: the first redirect, the pages for what goes wrong, the staff's choice of light or dark."""

import logging
import secrets
import sys

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.labels import WORDS

from .about import MEANINGS, PAGES

log = logging.getLogger(__name__)

THEMES = ("system", "light", "dark")
YEAR = 365 * 24 * 3600  # seconds
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread on the telephone


@require_safe
def first_page(request):
    """Send a visitor to the first page in the best of our languages; the locale middleware says Vary."""
    return HttpResponseRedirect(f"/{get_language()}/")


@require_safe
def about(request, page):
    """Show one of the pages that explain the site; 404 for any other name."""
    if page not in PAGES:
        raise Http404
    title, description = PAGES[page]
    labels = [(key, WORDS[key], meaning) for key, meaning in MEANINGS.items()]
    context = {"page_title": title, "page_description": description, "crumbs": [], "labels": labels}
    return render(request, f"about/{page}.html", context)


def reference():
    """Return four letters and digits that a visitor can read out and an operator can find in the log."""
    return "".join(secrets.choice(LETTERS) for _ in range(4))


def said_in_all_languages(status, request):
    """Answer with a page that asks nothing of database, session or context, and write its reference to the log.

    The log gets the name of the view, never the address: a private link would stand in it.
    """
    number = reference()
    view = request.resolver_match.view_name if request.resolver_match else "no view"
    log.warning("Reference %s: answered %d in %s", number, status, view)
    page = get_template(f"{status}.html").render({"reference": number, "site_name": settings.SITE_NAME})
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def forbidden(request, exception=None, reason=""):
    """403: a permission is missing, or (with `reason`) a form came without its token."""
    return said_in_all_languages(403, request)


def server_error(request):
    """500; 503 where the database did not answer, or was busy for longer than we wait."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        page = said_in_all_languages(503, request)
        page.headers["Retry-After"] = "60"
        return page
    return said_in_all_languages(500, request)


def records(request):
    """All records: the admin's own first page, which lists the models."""
    return admin.site.index(request, {"title": _("All records")})


def no_shortcut(request, content_type_id, object_id):
    """404 in place of the admin's way from any id to a public address: it would tell other teams' unpublished ones."""
    raise Http404


@require_POST
@staff_member_required
def choose_theme(request):
    """Remember a member of staff's choice of light, dark or the system's, and go back to where they were."""
    theme, back = request.POST.get("theme"), request.POST.get("next", "")
    if theme not in THEMES:
        return HttpResponseBadRequest()
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/admin/"
    page = HttpResponseRedirect(back)
    page.set_cookie("theme", theme, max_age=YEAR, path="/admin/", secure=settings.HTTPS, httponly=True, samesite="Lax")
    return page
