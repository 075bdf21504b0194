"""Who may open which page of the set-up, the line that each act leaves in the staff's log, the frame of its pages."""

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse

from campaigns.models import Approach, Campaign

SEE = "campaigns.view_campaign"
START = "campaigns.add_campaign"
QUESTIONS = ("campaigns.add_question", "campaigns.change_question", "campaigns.delete_question")
COMPANIES = ("campaigns.add_approach", "companies.add_company", "companies.add_contact")
TAKE_OUT = "campaigns.delete_approach"
IMPORT = ("campaigns.add_spreadsheetimport", *COMPANIES)
IMPORT_MANY = "campaigns.import_campaign"  # a lead's: more companies at once than a researcher may bring in


def needs(user, *permissions):
    """Raise PermissionDenied (403) where a permission is missing."""
    if not user.has_perms(permissions):
        raise PermissionDenied


def campaign(user, pk, *permissions):
    """Return a campaign that the person may see, or 404; 403 where one of the permissions is missing."""
    needs(user, SEE, *permissions)
    return get_object_or_404(Campaign.objects.of(user), pk=pk)


def approach(user, pk, *permissions):
    """Return an approach of a campaign that the person may see, with its campaign and company, or 404."""
    needs(user, SEE, *permissions)
    return get_object_or_404(Approach.objects.of(user).select_related("campaign", "company"), pk=pk)


def log(user, thing, sentence, *, added=False):
    """Write an act to the staff's log, under the row that it was done to. Sentences name no contacts."""
    LogEntry.objects.log_actions(user.pk, [thing], ADDITION if added else CHANGE, str(sentence), single_object=True)


def page(request, template, title, **context):
    """Return a staff page in the admin's frame."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/campaigns/{template}.html", context)


def address(name, *args):
    """Return the address of a page, or "" where this site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
