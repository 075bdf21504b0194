"""What became of an approval: sent, queued, failed, may have been sent; and taking it back while it waits."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from correspondence import batches
from correspondence.models import OUTBOX, State

from . import access

PER_PAGE = 100
LOOK_AGAIN = 5  # seconds; while mail of the approval is leaving the page asks again by itself
MOVING = (State.QUEUED, State.LEASED, State.DATA)


def tally(mails):
    """Return [(state, its label, number)] of the states of P2 that some mail is in, and their sum. One query."""
    found = dict(mails.order_by().values_list("state").annotate(Count("pk")))
    rows = [(state, State(state).label, found[state]) for state in OUTBOX if state in found]
    return rows, sum(number for _state, _label, number in rows)


@require_safe
def batch(request, pk):
    """Show one approval."""
    batch, now = access.batch(request.user, pk), clock.now()
    rows, total = tally(batch.messages)
    waiting = batch.messages.filter(state=State.QUEUED, not_before__gt=now)
    ahead = waiting.aggregate(count=Count("pk"), leaves=Min("not_before"))
    mails = batch.messages.defer("mime").select_related("approach").order_by("approach__position", "approach_id")
    states = {state: number for state, _label, number in rows}
    moving = sum(states.get(state, 0) for state in MOVING)
    context = {
        "batch": batch, "campaign": batch.campaign, "tally": rows, "total": total, "ahead": ahead["count"],
        "leaves": ahead["leaves"], "mails": Paginator(mails, PER_PAGE).get_page(request.GET.get("page")),
        "sent": states.get(State.SENT, 0), "moving": moving, "gone": not ahead["count"] and total,
        "all": batch.approved.count(), "may_undo": request.user.has_perm(access.SEND),
    }  # fmt: skip
    page = access.page(request, "batch", _("Approved mails"), **context)
    if moving > ahead["count"]:
        page.headers["Refresh"] = str(LOOK_AGAIN)
    return page


@require_POST
def undo(request, pk):
    """Take back what has not left."""
    batch = access.batch(request.user, pk)
    access.needs(request.user, access.SEND)
    before = batch.undone_count or 0
    batch = batches.undo(batch, by=request.user, now=clock.now())
    count = batch.undone_count - before
    if count:
        text = ngettext(
            "%(count)d mail is taken back. It waits for approval again.",
            "%(count)d mails are taken back. They wait for approval again.",
            count,
        )
        messages.success(request, text % {"count": count})
        access.log(request.user, batch.campaign, _("Took back %(count)d approved mails") % {"count": count})
    elif batch.messages.exists():
        messages.error(request, _("Sent. It cannot be taken back."))
    else:
        messages.error(request, _("These mails were taken back before."))
    return redirect("mail_batch", batch.pk)
