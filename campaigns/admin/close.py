"""Closing a campaign: a page that lists every name with its last mail and promise, and one button that counts them."""

import hashlib

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import clock, closing, days
from campaigns.models import Campaign
from campaigns.status import ATTEMPTS, AWAITED, Reach, Reply


def close_view(modeladmin, request, pk):
    """Show who would become silent; on POST close, unless the set that was shown has changed."""
    campaign = modeladmin.get_object(request, str(pk)) if request.method == "GET" else None
    campaign = campaign or modeladmin.get_queryset(request).filter(pk=pk).first()
    if campaign is None:
        raise Http404
    if not request.user.has_perm("campaigns.close_campaign"):
        raise PermissionDenied
    now, changed = clock.now(), False
    if request.method == "POST" and not campaign.closed_at:
        number = _close_what_was_shown(campaign, request.POST.get("shown", ""), request.user, now)
        if number is not None:
            text = ngettext(
                "Closed. %(number)d company is shown as no response.",
                "Closed. %(number)d companies are shown as no response.",
                number,
            )
            said = text % {"number": number}
            modeladmin.log_change(request, campaign, said)
            modeladmin.message_user(request, said, messages.SUCCESS)
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        changed = True
    context = modeladmin.admin_site.each_context(request) | what_closing_does(campaign, now)
    context |= {"title": _("Close the campaign"), "opts": modeladmin.opts, "campaign": campaign, "changed": changed}
    return TemplateResponse(request, "admin/campaigns/campaign/close.html", context)


def what_closing_does(campaign, now):
    """Return the page's rows: those who become silent, those whom doubt protects, those who wrote back."""
    today = days.today(now, campaign.time_zone)
    silent, doubtful = closing.prospects(campaign)
    for approach in [*silent, *doubtful]:
        attempts = [event for event in approach.record if event.kind in ATTEMPTS]
        approach.attempts = len(attempts)
        approach.last = attempts[-1] if attempts else None
        approach.returned = any(event.kind == "returned" for event in approach.record)
        approach.still_ahead = max(filter(None, (approach.promised_for, approach.deadline)), default=today) > today
    wrote_back = campaign.approaches.filter(reach=Reach.INVITED, reply__in=sorted(AWAITED - {Reply.NONE}))
    replied = campaign.approaches.filter(reach=Reach.INVITED).exclude(reply__in=[*AWAITED, Reply.SILENT])
    return {
        "silent": silent,
        "doubtful": doubtful,
        "wrote_back": list(wrote_back.select_related("company")),
        "replied": replied.count(),
        "ahead": [approach for approach in silent if approach.still_ahead],
        "shown": digest(silent),
        "today": today,
        "early": campaign.closes_on is None or campaign.closes_on > today,
    }


def digest(approaches):
    """Return a short name for exactly this set of approaches."""
    keys = ",".join(str(approach.pk) for approach in sorted(approaches, key=lambda one: one.pk))
    return hashlib.sha256(keys.encode()).hexdigest()[:16]


def _close_what_was_shown(campaign, shown, by, now):
    """Close and return how many became silent; None where the set is no longer the one that was shown."""
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        list(campaign.approaches.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        silent, _doubtful = closing.prospects(campaign)
        if digest(silent) != shown:
            return None
        return closing.close(campaign, by, now=now)
