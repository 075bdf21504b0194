"""The desk of a campaign, below /admin/; each address asks for a member of staff before anything else."""

from django.contrib import admin
from django.urls import path

from . import bar, dashboard, sheet_xlsx

CAMPAIGN = "campaigns/campaign/<int:pk>/desk"


def page(route, view, name):
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    page(f"{CAMPAIGN}/", dashboard.dashboard, "campaign_desk"),
    page(f"{CAMPAIGN}/act/", bar.act, "campaign_desk_act"),
    page(f"{CAMPAIGN}/companies.xlsx", sheet_xlsx.companies, "campaign_desk_sheet"),
]
