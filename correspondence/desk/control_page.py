"""Whether mail leaves at all: the hold and its reason, the worker's last sign of life, what waits and what failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from campaigns.models import Campaign
from correspondence import claims, control
from correspondence.models import Control, Message

from . import access
from .approvals import tally
from .forms import HoldForm

PER_PAGE = 50


@require_safe
def mail(request):
    access.needs(request.user, "correspondence.view_control")
    return _page(request, HoldForm())


def _page(request, form):
    user = request.user
    mine = Message.objects.filter(approach__campaign__in=Campaign.objects.of(user))
    rows, total = tally(mine)
    doubtful = claims.in_doubt().filter(approach__campaign__in=Campaign.objects.of(user)).defer("mime")
    doubtful = doubtful.select_related("approach__campaign").order_by("-state", "-created_at", "pk")
    row = Control.objects.filter(pk=1).select_related("held_by").first() or Control()
    context = {
        "control": row, "form": form, "tally": rows, "total": total, "can_control": user.has_perm(access.CONTROL),
        "doubtful": Paginator(doubtful, PER_PAGE).get_page(request.GET.get("page")),
        "would_jump": control.jumped(row, clock.now()), "everything": user.has_perm("campaigns.see_all_campaigns"),
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
