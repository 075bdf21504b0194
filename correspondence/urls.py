"""The staff's pages of outgoing mail, below /admin/; each asks for a member of staff before anything else."""

from django.contrib import admin
from django.urls import path

from .desk import (
    approvals,
    asked,
    by_hand,
    control_page,
    launch,
    mails,
    new_round,
    outgoing,
    plans,
    sending,
    texts,
    wordings,
    write,
)
from .desk.ledger import export, ledger
from .desk.steps import act as step_act
from .desk.steps import foretold, steps

CAMPAIGN = "campaigns/campaign/<int:pk>"


def page(route, view, name):
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    page(f"{CAMPAIGN}/send/letter/", write.newest, "mail_send_letter"),
    page(f"{CAMPAIGN}/send/<slug:kind>/", sending.send, "mail_send"),
    page(f"{CAMPAIGN}/outgoing/", outgoing.outgoing, "mail_outgoing"),
    page(f"{CAMPAIGN}/outgoing/<slug:verb>/", outgoing.act, "mail_campaign_act"),
    page("campaigns/approach/<int:pk>/outgoing/", plans.company, "mail_company"),
    page("campaigns/approach/<int:pk>/outgoing/<slug:verb>/", plans.act, "mail_company_act"),
    page("campaigns/approach/<int:pk>/log/", by_hand.log, "hand_log"),
    page("campaigns/approach/<int:pk>/log/<uuid:key>/file/", by_hand.document, "hand_file"),
    page("mail/", control_page.mail, "mail_control"),
    page("mail/ledger/", ledger, "mail_ledger"),
    page("mail/ledger/<slug:ending>/", export, "mail_ledger_export"),
    page("mail/hold/", control_page.hold, "mail_hold"),
    page("mail/release/", control_page.release, "mail_release"),
    page("mail/check/", control_page.check, "mail_check"),
    page("mail/try/", control_page.try_now, "mail_try"),
    page("mail/rehearsal/", control_page.rehearse, "mail_rehearsal"),
    page("mail/approved/<uuid:pk>/", approvals.batch, "mail_batch"),
    page("mail/approved/<uuid:pk>/undo/", approvals.undo, "mail_undo"),
    page("mail/<uuid:pk>/", mails.message, "mail_message"),
    page("mail/<uuid:pk>/try/", mails.try_now, "mail_try_message"),
    page("mail/<uuid:pk>/stop/", mails.stop, "mail_stop"),
    page("mail/<uuid:pk>/settle/", mails.settle, "mail_settle"),
    page("mail/approved/<uuid:pk>/again/", approvals.again, "mail_again"),
    page("campaigns/campaign/new-round/", new_round.new_round, "campaign_new_round"),
    page(f"{CAMPAIGN}/copy-from/", new_round.copy_from, "campaign_copy_from"),
    page(f"{CAMPAIGN}/launch/", launch.launch, "campaign_launch"),
    page("companies/company/<int:pk>/asked/", asked.asked, "company_asked"),
    page(f"{CAMPAIGN}/wordings/", wordings.wordings, "mail_wordings"),
    page(f"{CAMPAIGN}/wordings/<slug:kind>/<slug:language>/", wordings.write, "mail_wording"),
    page(f"{CAMPAIGN}/attachments/<int:attachment>/", wordings.attachment, "mail_attachment"),
    page(f"{CAMPAIGN}/texts/", texts.texts, "mail_texts"),
    page(f"{CAMPAIGN}/texts/sheet/", texts.download, "mail_texts_sheet"),
    page(f"{CAMPAIGN}/texts/upload/", texts.upload, "mail_texts_upload"),
    page(f"{CAMPAIGN}/texts/check/", texts.check, "mail_texts_check"),
    page(f"{CAMPAIGN}/texts/<slug:which>/<slug:language>/", texts.text, "mail_text"),
    page(f"{CAMPAIGN}/write/", write.write, "mail_write"),
    page(f"{CAMPAIGN}/letters/<uuid:letter>/", write.letter, "mail_letter"),
    page(f"{CAMPAIGN}/reminders/", steps, "mail_steps"),
    page(f"{CAMPAIGN}/reminders/foretold/", foretold, "mail_foretold"),
    page(f"{CAMPAIGN}/reminders/<uuid:step>/<slug:verb>/", step_act, "mail_step_act"),
]
