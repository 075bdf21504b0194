"""Who may open which page of the outgoing mail, and the line that each act leaves in the staff's log."""

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from campaigns.models import Approach, Campaign
from correspondence.models import Batch, Message

SEE = ("campaigns.view_campaign", "correspondence.view_message")
PREPARE = "campaigns.change_campaign"
PLAN = "campaigns.change_approach"
SEND = "campaigns.send_mail"
CONTROL = "correspondence.change_control"


def needs(user, *permissions):
    """Raise PermissionDenied (403) where a permission is missing."""
    if not user.has_perms(permissions):
        raise PermissionDenied


def campaign(user, pk):
    """Return a campaign that the person may see, or 404."""
    needs(user, *SEE)
    return get_object_or_404(Campaign.objects.of(user), pk=pk)


def approach(user, pk):
    """Return an approach of a campaign that the person may see, with its campaign and company, or 404."""
    needs(user, *SEE)
    return get_object_or_404(Approach.objects.of(user).select_related("campaign", "company"), pk=pk)


def batch(user, pk):
    """Return an approval of a campaign that the person may see, or 404."""
    needs(user, *SEE)
    rows = Batch.objects.filter(campaign__in=Campaign.objects.of(user))
    return get_object_or_404(rows.select_related("campaign", "approved_by"), pk=pk)


def message(user, pk):
    """Return a mail of a campaign that the person may see, or 404: mail without an approach is on no such page."""
    needs(user, *SEE)
    rows = Message.objects.filter(approach__campaign__in=Campaign.objects.of(user))
    return get_object_or_404(rows.select_related("approach__campaign", "approach__company", "batch"), pk=pk)


def log(user, thing, sentence):
    """Write an act to the staff's log, under the row that it was done to."""
    LogEntry.objects.log_actions(user.pk, [thing], CHANGE, str(sentence), single_object=True)


def page(request, template, title, **context):
    """Return a staff page in the admin's frame."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/correspondence/{template}.html", context)
