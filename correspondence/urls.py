"""The staff's pages of outgoing mail, below /admin/; each asks for a member of staff before anything else."""

from django.contrib import admin
from django.urls import path

from .desk import approvals, control_page, mails, outgoing, plans, sending

CAMPAIGN = "campaigns/campaign/<int:pk>"


def page(route, view, name):
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    page(f"{CAMPAIGN}/send/<slug:kind>/", sending.send, "mail_send"),
    page(f"{CAMPAIGN}/outgoing/", outgoing.outgoing, "mail_outgoing"),
    page(f"{CAMPAIGN}/outgoing/<slug:verb>/", outgoing.act, "mail_campaign_act"),
    page("campaigns/approach/<int:pk>/outgoing/", plans.company, "mail_company"),
    page("campaigns/approach/<int:pk>/outgoing/<slug:verb>/", plans.act, "mail_company_act"),
    page("mail/", control_page.mail, "mail_control"),
    page("mail/hold/", control_page.hold, "mail_hold"),
    page("mail/release/", control_page.release, "mail_release"),
    page("mail/approved/<uuid:pk>/", approvals.batch, "mail_batch"),
    page("mail/approved/<uuid:pk>/undo/", approvals.undo, "mail_undo"),
    page("mail/<uuid:pk>/", mails.message, "mail_message"),
    page("mail/<uuid:pk>/stop/", mails.stop, "mail_stop"),
    page("mail/<uuid:pk>/settle/", mails.settle, "mail_settle"),
]
