"""What one company is sent next, and why; holding its mail and skipping a step.

More time and another day for the reminder are acts of the approach (campaigns/admin/moves.py); the page leads there.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock, planning, schedule, window
from campaigns.models import Event
from correspondence import by_hand, explaining, reminders

from . import access


@require_safe
def company(request, pk):
    """Show one company's thread: mail out and planned, and what was logged by hand."""
    approach, now = access.approach(request.user, pk), clock.now()
    campaign = approach.campaign
    context = {
        "approach": approach, "campaign": campaign, "decided": _decided(approach), "zone": window.of(approach).zone,
        "is_left": bool(schedule.following(approach)[0]),
        "plan": explaining.Explanations(campaign, [approach], now).of(approach),
        "mails": by_hand.thread(approach), "can_log": request.user.has_perm("correspondence.add_byhand"),
        "awaited": planning.awaited(approach), "can_plan": request.user.has_perm(access.PLAN),
    }  # fmt: skip
    return access.page(request, "company", approach.listed_as, **context)


def _decided(approach):
    """Return the Events by which steps were left out and time was given, the newest first; each with its step's `name`.

    They say why the plan is not the one that the campaign's steps alone would give.
    """
    names = explaining.step_names(approach.campaign.steps.all(), approach.campaign)
    found = approach.events.standing().filter(kind__in=[Event.Kind.SKIPPED, Event.Kind.EXTENDED])
    decided = list(found.select_related("by").order_by("-id"))
    for event in decided:
        event.name = names.get(event.step, "")
    return decided


def _hold(approach, user, now):
    planning.pause(approach, now=now)


def _release(approach, user, now):
    planning.pause(approach, now=None)


def _skip(approach, user, now):
    reminders.skip(approach, by=user, now=now)


VERBS = {  # verb: (what is done, what is said and logged)
    "hold": (_hold, gettext_lazy("Nothing leaves for %(company)s until it is released.")),
    "release": (_release, gettext_lazy("Mail to %(company)s leaves again.")),
    "skip": (_skip, gettext_lazy("The next step for %(company)s is skipped.")),
}


@require_POST
def act(request, pk, verb):
    """Do one of the verbs on one company."""
    approach = access.approach(request.user, pk)
    if verb not in VERBS:
        raise Http404
    access.needs(request.user, access.PLAN)
    do, text = VERBS[verb]
    do(approach, request.user, clock.now())
    said = text % {"company": approach.listed_as}
    access.log(request.user, approach, said)
    messages.success(request, said)
    return redirect("mail_company", approach.pk)
