"""Write a letter to chosen companies: a text with fields, a preview, then the mails to check and approve."""

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from campaigns import clock
from campaigns.templatetags.frame import language_name
from correspondence import batches, gaps, merged, single
from correspondence.letters import Letters
from correspondence.models import Letter, Message, State, WordingKind
from correspondence.wording import Blocked

from . import access
from .showing import show
from .wordings import TextForm

WRITE = (access.PREPARE, "correspondence.add_letter")
PER_PAGE = 100


class LetterForm(TextForm):
    """A letter's language, subject and text."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))
    field_order = ["language", "subject", "body"]

    def __init__(self, *args, campaign, **kwargs):
        super().__init__(*args, **kwargs)
        codes = dict.fromkeys([campaign.language, *dict(settings.LANGUAGES)])
        self.fields["language"].choices = [(code, language_name(code).capitalize()) for code in codes]


def write(request, pk):
    """Write to the companies that the address names (?approach=1&approach=2), or that are ticked here."""
    campaign = access.campaign(request.user, pk)
    access.needs(request.user, *WRITE)
    sent = request.POST if request.method == "POST" else request.GET
    keys = [int(key) for key in sent.getlist("approach") if key.isdecimal()]
    chosen = list(campaign.approaches.filter(pk__in=keys))
    form, letter, shown, why = LetterForm(campaign=campaign, language=campaign.language), None, None, ""
    if request.method == "POST":
        form = LetterForm(request.POST, campaign=campaign, language=request.POST.get("language", ""))
        if not chosen:
            form.add_error(None, _("Choose the companies to write to."))
        elif len(chosen) > single.MOST:
            form.add_error(None, _("Write to %(most)d companies at most at once.") % {"most": single.MOST})
        if form.is_valid():
            if request.POST.get("do") == "merge":
                return _merge(request, campaign, form.cleaned_data, chosen)
            letter = Letter(campaign=campaign, **form.cleaned_data)
            try:
                shown = single.preview(letter, chosen[0])
            except Blocked as fault:
                why = str(fault)
    context = {
        "campaign": campaign, "form": form, "chosen": chosen, "shown": shown, "why": why, "letter": letter,
        "others": campaign.approaches.exclude(pk__in=[one.pk for one in chosen])[: single.MOST],
        "examples": gaps.examples(Letters(campaign), campaign.language), "language": campaign.language,
        "gaps": gaps.gaps(Letters(campaign), WordingKind.LETTER, letter) if letter else [],
    }  # fmt: skip
    return access.page(request, "write", _("Write to companies"), **context)


def _merge(request, campaign, text, chosen):
    letter, blocked = single.write(campaign, **text, approaches=chosen, by=request.user, now=clock.now())
    for approach, sentence in blocked:
        messages.warning(request, f"{approach.listed_as}: {sentence}")
    said = _("Wrote a letter: %(subject)s") % {"subject": letter.subject}
    access.log(request.user, campaign, said)
    return redirect("mail_letter", campaign.pk, letter.pk)


def letter(request, pk, letter):
    """Check the mails of one letter and approve them; nothing leaves before."""
    campaign = access.campaign(request.user, pk)
    it = get_object_or_404(campaign.letters, pk=letter)
    waiting = it.messages.filter(state=State.PROPOSED).exclude(approach=None)
    if request.method == "POST":
        access.needs(request.user, access.PREPARE)
        return _test(request, campaign, it) if request.POST.get("do") == "test" else _approve(request, campaign, it)
    mails = it.messages.exclude(approach=None).defer("mime").select_related("approach")
    mails = mails.order_by("approach__position", "approach_id", "resend_no")
    rows = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    chosen = request.GET.get("mail")
    keys = [str(mail.pk) for mail in rows]
    chosen = chosen if chosen in keys else next(iter(keys), None)
    mail = Message.objects.select_related("approach__campaign", "approach__company").filter(pk=chosen).first()
    ready = list(waiting.only("pk", "sha256"))
    context = {
        "campaign": campaign, "letter": it, "rows": rows, "mail": mail, "shown": show(mail) if mail else None,
        "count": len(ready), "set_hash": batches.set_hash(ready), "key": uuid.uuid4(),
        "outdated": merged.outdated(waiting, Letters(campaign)) if ready else set(),
        "can_approve": request.user.has_perm(access.SEND), "can_prepare": request.user.has_perm(access.PREPARE),
    }  # fmt: skip
    return access.page(request, "letter", it.subject, **context)


def _test(request, campaign, it):
    mail = it.messages.exclude(approach=None).select_related("approach__campaign", "approach__company").first()
    try:
        if mail is None:
            raise Blocked(_("There is no mail of this letter."))
        test = single.send_test(mail, request.user, now=clock.now())
        said = _("A test is on its way to %(address)s. Its private link leads nowhere.")
        messages.success(request, said % {"address": test.recipients.first().address})
        access.log(request.user, campaign, _("Sent a test to oneself: %(kind)s") % {"kind": it.subject})
    except Blocked as fault:
        messages.error(request, str(fault))
    return redirect("mail_letter", campaign.pk, it.pk)


def _approve(request, campaign, it):
    """Approve exactly the set that was shown, or merge it again where it no longer fits."""
    user, post, now = request.user, request.POST, clock.now()
    waiting = it.messages.filter(state=State.PROPOSED).exclude(approach=None)
    if post.get("do") == "again":
        for mail, sentence in batches.merge_anew(waiting, Letters(campaign), now):
            messages.warning(request, f"{mail.approach.listed_as}: {sentence}")
        return redirect("mail_letter", campaign.pk, it.pk)
    access.needs(user, access.SEND)
    ids = [mail.pk for mail in waiting.only("pk")]
    try:
        batch = batches.approve(campaign, ids, post.get("shown", ""), by=user, key=post.get("key", "")[:100], now=now)
    except batches.SetChanged as fault:
        messages.error(request, str(fault))
        return redirect("mail_letter", campaign.pk, it.pk)
    text = ngettext("%(count)d mail is approved: %(subject)s.", "%(count)d mails are approved: %(subject)s.", len(ids))
    said = text % {"count": batch.approved.count(), "subject": it.subject}
    access.log(user, campaign, said)
    messages.success(request, said)
    return redirect("mail_batch", batch.pk)


@require_safe
def newest(request, pk):
    """Lead to the campaign's newest letter whose mails wait for approval, else to writing one."""
    campaign = access.campaign(request.user, pk)
    waits = campaign.letters.filter(messages__state=State.PROPOSED).order_by("-made_at").first()
    return redirect("mail_letter", campaign.pk, waits.pk) if waits else redirect("mail_write", campaign.pk)
