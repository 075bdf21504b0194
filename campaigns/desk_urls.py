"""The staff's pages that set a campaign up, below /admin/; each asks for a member of staff before anything else."""

from django.contrib import admin
from django.urls import path

from .setup import companies_page, contacts_page, questions_page, start_page, steps_page
from .spreadsheet import check_page, pages

CAMPAIGN = "campaigns/campaign/<int:pk>"
IMPORT = f"{CAMPAIGN}/companies/import"


def page(route, view, name):
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    page("campaigns/campaign/start/", start_page.start, "campaign_start"),
    page(f"{CAMPAIGN}/setup/", steps_page.setup, "campaign_setup"),
    page(f"{CAMPAIGN}/questions/", questions_page.questions, "campaign_questions"),
    page(f"{CAMPAIGN}/companies/", companies_page.companies, "campaign_companies"),
    page("campaigns/approach/<int:pk>/contacts/", contacts_page.contacts, "approach_contacts"),
    page("campaigns/approach/<int:pk>/take-out/", companies_page.take_out, "campaign_take_out"),
    page(f"{IMPORT}/", pages.begin, "spreadsheet_begin"),
    page(f"{IMPORT}/template/", pages.template, "spreadsheet_template"),
    page(f"{IMPORT}/<int:sheet>/columns/", pages.match, "spreadsheet_columns"),
    page(f"{IMPORT}/<int:sheet>/", check_page.check, "spreadsheet_check"),
    page(f"{IMPORT}/<int:sheet>/problems/", check_page.problems, "spreadsheet_problems"),
    page(f"{IMPORT}/<int:sheet>/drop/", pages.drop, "spreadsheet_drop"),
    page(f"{IMPORT}/<int:sheet>/done/", pages.done, "spreadsheet_done"),
]
