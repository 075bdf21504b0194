"""Before a campaign's first letter: what stands in its way, with links to mend it; afterwards, how far it came."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import clock
from correspondence import batches, control, preflight
from correspondence.models import Message, State, WordingKind
from correspondence.obstacles import Level
from correspondence.wording import Blocked

from . import access
from .approvals import MOVING, tally

NAMED = 8  # companies beside an obstacle; FOLDED more behind a click; the rest is counted
FOLDED = 200


@require_http_methods(["GET", "HEAD", "POST"])
def launch(request, pk):
    """GET looks, and changes nothing; POST asks the mail server, or sends a test to oneself."""
    campaign, now = access.campaign(request.user, pk), clock.now()
    if request.method == "POST":
        access.needs(request.user, access.PREPARE)
        {"ask": _ask, "test": _test}.get(request.POST.get("do"), _nothing)(request, campaign, now)
        return redirect("campaign_launch", campaign.pk)
    case = preflight.Case(campaign, now)
    found = preflight.obstacles(campaign, now, case)
    mails = Message.objects.filter(approach__campaign=campaign, kind=WordingKind.INVITATION)
    rows, total = tally(mails)
    states = {state: number for state, _label, number in rows}
    approvals = campaign.batches.filter(messages__kind=WordingKind.INVITATION).select_related("approved_by")
    context = {
        "campaign": campaign, "groups": _groups(found), "shut": [one.sentence for one in found if one.shuts],
        "planned": len(case.planned), "ready": len(case.tried.ready), "total": total,
        "left_out": len(case.planned) - len(case.tried.ready),
        "waiting": states.get(State.PROPOSED, 0), "sent": states.get(State.SENT, 0),
        "moving": sum(states.get(state, 0) for state in MOVING), "tally": rows,
        "approvals": approvals.annotate(count=Count("messages")).order_by("-approved_at", "pk")[:5],
        "can_prepare": request.user.has_perm(access.PREPARE), "can_approve": request.user.has_perm(access.SEND),
        "real": case.real,
    }  # fmt: skip
    return access.page(request, "launch", _("Check and launch"), **context)


def _groups(found):
    """Return [(Level, [(Obstacle, companies shown, companies folded, how many more)])], without empty ones."""
    groups = []
    for level in Level:
        mine = [one for one in found if one.level == level]
        rows = [(one, one.companies[:NAMED], one.companies[NAMED:FOLDED], len(one.companies[FOLDED:])) for one in mine]
        groups += [(level, rows)] if rows else []
    return groups


def _nothing(request, campaign, now):
    messages.error(request, _("This page cannot do that."))


def _ask(request, campaign, now):
    """Ask the mail server whether it lets us in."""
    if fault := control.check_relay(now):
        messages.error(request, _("The mail server does not let us in: %(said)s") % {"said": fault})
    else:
        messages.success(request, _("The mail server lets us in."))
    access.log(request.user, campaign, _("Asked the mail server whether it lets us in"))


def _test(request, campaign, now):
    """Send the first invitation that can be merged to the person who asks, with a dead link."""
    ready = preflight.Case(campaign, now).tried.ready
    if not ready:
        messages.error(request, _("No invitation can be merged yet."))
        return
    try:
        test = batches.send_test(ready[0], WordingKind.INVITATION, request.user, now=now)
    except Blocked as fault:
        messages.error(request, str(fault))
        return
    said = {"company": ready[0].listed_as, "address": test.recipients.get().address}
    text = _("The invitation to %(company)s is on its way to %(address)s as a test. Its private link leads nowhere.")
    messages.success(request, text % said)
    access.log(request.user, campaign, _("Sent a test to oneself: %(kind)s") % {"kind": WordingKind.INVITATION.label})
