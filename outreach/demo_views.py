"""The demo's own staff pages: its clock, turned by hand, and the mail that it wrote. Elsewhere they do not exist."""

from datetime import timedelta
from email import message_from_bytes, policy

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import clock
from campaigns.models import Approach, Campaign

from . import demo

TURNS = {"hour": 1, "day": 24, "week": 7 * 24}
BUTTONS = (
    ("hour", gettext_lazy("Turn the clock by 1 hour")),
    ("day", gettext_lazy("Turn the clock by 1 day")),
    ("week", gettext_lazy("Turn the clock by 7 days")),
)
PART = 24  # hours that one request turns: each hour rings the clock once
KEPT = 500  # lines of what happened
SHOWN = 200  # mails in the list


def _only_the_demo(request):
    if not settings.DEMO:
        raise Http404
    if not request.user.has_perm("campaigns.send_mail"):
        raise PermissionDenied


def _page(request, template, title, **context):
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/demo/{template}.html", context)


def _to_close():
    """Return (the campaign that closes next of those that have asked, hours until it closes), or (None, 0)."""
    now, asked = clock.now(), Approach.objects.filter(campaign=OuterRef("pk"), reach="invited")
    ahead = Campaign.objects.filter(Exists(asked), closed_at=None, closes_at__gt=now)
    if (living := ahead.order_by("closes_at", "pk").first()) is None:
        return None, 0
    return living, int((living.closes_at - now) / timedelta(hours=1)) + 1


@require_http_methods(["GET", "HEAD", "POST"])
def clock_page(request):
    """Show the demo's date; on POST turn its clock hour by hour, as the worker would have lived it, a day at a time."""
    _only_the_demo(request)
    turned = request.session.get("demo_clock", {"left": 0, "of": 0, "happened": []})
    living, to_close = _to_close()
    if request.method == "POST":
        turn = request.POST.get("turn")
        if turn == "on":
            hours, happened = turned["left"], turned["happened"]
        else:
            hours, happened = {**TURNS, "close": to_close}.get(turn, 0), []
            turned["of"] = hours
        part = min(hours, PART)
        happened = [*happened, *demo.turn_clock(part)][-KEPT:]
        request.session["demo_clock"] = {"left": hours - part, "of": turned["of"], "happened": happened}
        return redirect("demo_clock")
    context = {
        **turned, "done": turned["of"] - turned["left"], "now": clock.now(), "zone": settings.TIME_ZONE,
        "living": living, "buttons": BUTTONS,
    }  # fmt: skip
    return _page(request, "clock", _("The demo’s clock"), **context)


@require_safe
def mails(request):
    """List the mails that the demo wrote to its folder, newest first."""
    _only_the_demo(request)
    files = sorted(_files(), key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
    rows = []
    for path in files[:SHOWN]:
        head = message_from_bytes(path.read_bytes(), policy=policy.default)
        rows.append({"name": path.name, "to": str(head["To"] or ""), "subject": str(head["Subject"] or "")})
    context = {"rows": rows, "count": len(files), "folder": settings.MAIL_DIR}
    return _page(request, "mails", _("Mail that the demo wrote"), **context)


@require_safe
def mail(request, name):
    """Show one of these files as it is, private link and all: it is the mail itself."""
    _only_the_demo(request)
    found = {path.name: path for path in _files()}.get(name)
    if found is None:
        raise Http404
    text = found.read_bytes().decode("utf-8", "replace")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _files():
    """Return the paths of the written mails: names are compared with these, never joined to a path."""
    return list(settings.MAIL_DIR.glob("*.eml"))
