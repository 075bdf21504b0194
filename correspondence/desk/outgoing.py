"""What a campaign sends next: steps with their days, what waits for whom, what is in doubt; pausing it all."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock, planning
from campaigns.models import Campaign
from campaigns.status import Reply
from correspondence import batches, claims, reminders
from correspondence.explaining import step_names
from correspondence.models import WORDED, Message, State, WordingKind

from . import access
from .approvals import tally

PER_PAGE = 50
NEXT_SHOWN = 10
BY_HAND = gettext_lazy("A reminder planned by hand")


@require_safe
def outgoing(request, pk):
    """Everything about a campaign's mail on one page; a constant number of queries."""
    campaign, now = access.campaign(request.user, pk), clock.now()
    user = request.user
    mails = Message.objects.filter(approach__campaign=campaign)
    rows, total = tally(mails)
    queued = mails.filter(state=State.QUEUED).defer("mime").select_related("approach").order_by("not_before", "pk")
    doubtful = claims.in_doubt().filter(approach__campaign=campaign).defer("mime").select_related("approach__campaign")
    doubtful = doubtful.order_by("-state", "created_at", "pk")
    companies = campaign.approaches.awaiting().order_by("position", "pk")
    steps = {step.key: step for step in campaign.steps.all()}
    names = {key: f"{name}, {steps[key]}" for key, name in step_names(steps.values(), campaign).items()}
    page = Paginator(companies, PER_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.step_name = names.get(row.next_step, BY_HAND)
    context = {
        "campaign": campaign, "now": now, "tally": rows, "total": total,
        "kinds": _kinds(campaign, mails), "planned": _planned(campaign, names), "queued": queued[:NEXT_SHOWN],
        "doubtful": Paginator(doubtful, PER_PAGE).get_page(request.GET.get("doubt")),
        "companies": page, "unplanned": companies.filter(reply=Reply.NONE, remind_at=None).count(),
        "automatic": campaign.reminders_leave == Campaign.ReminderMode.AUTOMATIC, "has_steps": bool(steps),
        "can_send": user.has_perm(access.SEND), "can_prepare": user.has_perm(access.PREPARE),
        "can_plan": user.has_perm(access.PLAN),
    }  # fmt: skip
    return access.page(request, "outgoing", _("Outgoing mail"), **context)


def _kinds(campaign, mails):
    """Return the kinds of letter that there is something to do about: dicts of kind, waiting, meant (or None)."""
    waiting = dict(mails.filter(state=State.PROPOSED).order_by().values_list("kind").annotate(Count("pk")))
    worded = set(campaign.wordings.values_list("kind", flat=True))
    meant = batches.addressees(campaign, WordingKind.INVITATION).count()
    return [
        {"kind": kind, "waiting": waiting.get(kind, 0), "meant": meant if kind == WordingKind.INVITATION else None}
        for kind in WORDED
        if kind in worded or waiting.get(kind) or kind == WordingKind.INVITATION
    ]


def _planned(campaign, names):
    """Return what comes next, by step and day: dicts of name, leaves, count."""
    rows = campaign.approaches.awaiting().exclude(remind_at=None).filter(paused_at=None).order_by()
    groups = rows.values("next_step").annotate(count=Count("pk"), leaves=Min("remind_at")).order_by("leaves")
    by_hand, planned = None, []
    for group in groups:
        name = names.get(group["next_step"])
        if name is None and by_hand:
            by_hand["count"] += group["count"]
            continue
        planned.append({"name": name or BY_HAND, **group})
        by_hand = by_hand if name else planned[-1]
    return planned[:NEXT_SHOWN]


def _pause(campaign, user, now):
    planning.pause_campaign(campaign, now=now)
    return _("The mail of this campaign is paused.")


def _resume(campaign, user, now):
    planning.pause_campaign(campaign, now=None)
    return _("The mail of this campaign leaves again.")


def _start(campaign, user, now):
    count = reminders.start(campaign, by=user, now=now)
    text = ngettext(
        "%(count)d company is reminded from now on.",
        "%(count)d companies are reminded from now on.",
        count,
    )
    return text % {"count": count}


def _leave(mode, said):
    def act(campaign, user, now):
        planning.let_reminders_leave(campaign, mode)
        return said

    return act


VERBS = {  # verb: (permission, what is done; returns what is said and logged)
    "pause": (access.PREPARE, _pause),
    "resume": (access.SEND, _resume),
    "start-reminders": (access.SEND, _start),
    "automatic": (
        access.SEND,
        _leave(Campaign.ReminderMode.AUTOMATIC, gettext_lazy("Reminders leave by themselves from now on.")),
    ),
    "approved": (
        access.PREPARE,
        _leave(Campaign.ReminderMode.APPROVED, gettext_lazy("Reminders wait for approval from now on.")),
    ),
}


@require_POST
def act(request, pk, verb):
    """Do one of the verbs on a campaign's mail."""
    campaign = access.campaign(request.user, pk)
    if verb not in VERBS:
        raise Http404
    permission, do = VERBS[verb]
    access.needs(request.user, permission)
    said = do(campaign, request.user, clock.now())
    access.log(request.user, campaign, said)
    messages.success(request, said)
    return redirect("mail_outgoing", campaign.pk)
