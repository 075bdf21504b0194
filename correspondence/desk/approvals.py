"""What became of an approval: sent, queued, failed, may have been sent; and taking it back while it waits."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from correspondence import batches
from correspondence.models import OUTBOX, Message, State
from correspondence.wording import Blocked

from . import access, plainly
from .forms import AgainForm

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
    ahead = waiting.aggregate(count=Count("pk"), leaves=Min("not_before"), last=Max("not_before"))
    mails = batch.messages.defer("mime").select_related("approach").order_by("approach__position", "approach_id")
    states = {state: number for state, _label, number in rows}
    moving = sum(states.get(state, 0) for state in MOVING)
    failed = _failed(batch)
    for mail in failed:
        mail.why = plainly.why(mail)
    context = {
        "failed": failed, "form": AgainForm(auto_id="again-%s"), "now": now,
        "may_correct": request.user.has_perm(access.PREPARE),
        "batch": batch, "campaign": batch.campaign, "tally": rows, "total": total, "ahead": ahead["count"],
        "leaves": ahead["leaves"], "last": ahead["last"],
        "mails": Paginator(mails, PER_PAGE).get_page(request.GET.get("page")),
        "sent": states.get(State.SENT, 0), "moving": moving, "gone": not ahead["count"] and total,
        "all": batch.approved.count(), "may_undo": request.user.has_perm(access.SEND),
    }  # fmt: skip
    page = access.page(request, "batch", _("Approved mails"), **context)
    if moving > ahead["count"]:
        page.headers["Refresh"] = str(LOOK_AGAIN)
    return page


def _failed(batch):
    """Return the mails of an approval that failed and were not made again since."""
    later = Message.objects.filter(approach=OuterRef("approach"), step=OuterRef("step"))
    later = later.filter(resend_no__gt=OuterRef("resend_no"))
    rows = batch.messages.filter(~Exists(later), state=State.FAILED).defer("mime").select_related("approach__company")
    return list(rows.order_by("approach__position", "approach_id"))


@require_POST
def undo(request, pk):
    """Take back what has not left: all of it, or the one mail that is named."""
    batch = access.batch(request.user, pk)
    access.needs(request.user, access.SEND)
    before, one = batch.undone_count or 0, request.POST.get("mail")
    only = None if one is None else [mail.pk for mail in batch.messages.only("pk") if str(mail.pk) == one]
    batch = batches.undo(batch, by=request.user, now=clock.now(), only=only)
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


@require_POST
def again(request, pk):
    """Propose failed mails once more, all or the one that is named, with a reason; they wait for approval."""
    batch = access.batch(request.user, pk)
    access.needs(request.user, access.SEND)
    form, one = AgainForm(request.POST), request.POST.get("mail")
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("mail_batch", batch.pk)
    proposed, refused = [], []
    for mail in _failed(batch):
        if one in (None, str(mail.pk)):
            try:
                reason = form.cleaned_data["reason"]
                proposed.append(batches.resend(mail, reason, by=request.user, now=clock.now()))
            except (ValueError, Blocked) as fault:
                refused.append(f"{mail.approach.listed_as}: {fault}")
    for sentence in refused:
        messages.error(request, sentence)
    if not proposed:
        return redirect("mail_batch", batch.pk)
    text = ngettext(
        "%(count)d mail is merged again. It waits for approval.",
        "%(count)d mails are merged again. They wait for approval.",
        len(proposed),
    )
    messages.success(request, text % {"count": len(proposed)})
    access.log(request.user, batch.campaign, text % {"count": len(proposed)} + f" {reason}")
    return redirect("mail_send", batch.campaign_id, proposed[0].kind)
