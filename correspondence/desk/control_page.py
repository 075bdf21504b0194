"""Whether mail leaves at all: the hold and the breaker, the limits, the worker's last sign of life, what failed."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from campaigns.models import Campaign
from correspondence import breaker, claims, control, dry_run
from correspondence.models import Control, Message

from . import access, in_force
from .approvals import tally
from .forms import HoldForm

PER_PAGE = 50
TOLD = timedelta(days=7)  # that a mail to staff failed
REHEARSED = 500  # mails that a dry run names; the others are counted
PATIENCE = 4  # seconds of a dry run for planning, and again for sending: a person waits, and so do other writers


@require_safe
def mail(request):
    access.needs(request.user, "correspondence.view_control")
    return _page(request, HoldForm())


def _page(request, form):
    user = request.user
    now, sees_all = clock.now(), user.has_perm("campaigns.see_all_campaigns")
    mine = Q(approach__campaign__in=Campaign.objects.of(user))
    rows, total = tally(Message.objects.all() if sees_all else Message.objects.filter(mine))
    if sees_all:  # nobody can settle what went to staff: it is told for a while
        mine |= Q(approach=None, created_at__gt=now - TOLD)
    doubtful = claims.in_doubt().filter(mine).defer("mime").prefetch_related("recipients")
    doubtful = doubtful.select_related("approach__campaign").order_by("-state", "-created_at", "pk")
    row = Control.objects.filter(pk=1).select_related("held_by").first() or Control()
    context = {
        **in_force.limits(user, now), "control": row, "form": form, "server": in_force.way_out(), "tally": rows,
        "total": total, "can_control": user.has_perm(access.CONTROL),
        "doubtful": Paginator(doubtful, PER_PAGE).get_page(request.GET.get("page")),
        "would_jump": control.jumped(row, now), "everything": sees_all,
        "by_setting": settings.OUTREACH_HOLD,
    }  # fmt: skip
    return access.page(request, "control", _("Outgoing mail"), **context)


@require_POST
def hold(request):
    """Stop all mail of the site, with a reason that all staff read."""
    access.needs(request.user, access.CONTROL)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    row = control.hold(form.cleaned_data["reason"], by=request.user, now=clock.now())
    access.log(request.user, row, _("Held all mail: %(reason)s") % {"reason": row.held_because})
    messages.success(request, _("All mail is held."))
    return redirect("mail_control")


@require_POST
def release(request):
    """Let mail leave again, also after the clock slept or jumped."""
    access.needs(request.user, access.CONTROL)
    row = control.release(by=request.user, now=clock.now())
    access.log(request.user, row, _("Let mail leave again"))
    messages.success(request, _("Mail leaves again."))
    return redirect("mail_control")


@require_POST
def check(request):
    """Ask the mail server whether it lets us in; no mail is sent."""
    access.needs(request.user, access.CONTROL)
    fault = control.check_relay(clock.now())
    said = _("Asked the mail server: %(answer)s") % {"answer": fault or _("it let us in")}
    access.log(request.user, control.row(), said)
    if fault:
        messages.error(request, _("The mail server did not let us in: %(fault)s") % {"fault": fault})
    else:
        messages.success(request, _("The mail server let us in."))
    return redirect("mail_control")


@require_POST
def try_now(request):
    """Let the next sweep try a mail server that is given up."""
    access.needs(request.user, access.CONTROL)
    breaker.try_now()
    access.log(request.user, control.row(), _("Had the mail server tried at once"))
    messages.success(request, _("The worker tries one mail within a minute."))
    return redirect("mail_control")


@require_POST
def rehearse(request):
    """Show what would leave now, and what would wait and why; nothing is sent, and nothing stays changed."""
    access.needs(request.user, access.CONTROL, "campaigns.see_all_campaigns")
    held, lines = dry_run.rehearse(clock.now(), seconds=PATIENCE)
    lines.sort(key=lambda line: (not line.name, line.campaign, line.company))
    leave = sum(bool(line.name) for line in lines)
    context = {
        "held": held, "lines": lines[:REHEARSED], "more": len(lines[REHEARSED:]), "leave": leave,
        "stay": len(lines) - leave,
    }  # fmt: skip
    return access.page(request, "rehearsal", _("What would leave now"), **context)
