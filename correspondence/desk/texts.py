"""The grid of all texts of a campaign: what is missing where, one text at a time, a spreadsheet out and in."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock, days
from campaigns.forms import StaffForm
from campaigns.models import Campaign
from campaigns.spreadsheet.reading import CannotRead, check_size
from campaigns.templatetags.frame import language_name
from correspondence import texts_grid, texts_sheet

from . import access
from .wordings import get_way

WRITE = ("campaigns.change_campaign", "campaigns.change_translation", "correspondence.change_wording")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _grid(campaign):
    rows = texts_grid.read(campaign)
    used = {language for row in rows for language in row.texts}
    return rows, texts_grid.languages(campaign, used, dict(settings.LANGUAGES))


@require_safe
def texts(request, pk):
    """Show the grid; ?missing=ar narrows it to what Arabic lacks. A constant number of queries."""
    campaign = access.campaign(request.user, pk)
    rows, columns = _grid(campaign)
    missing = request.GET.get("missing", "")
    counts = [(code, sum(row.lacks(code) for row in rows)) for code in columns]
    if missing in columns:
        rows = [row for row in rows if row.lacks(missing)]
    shown = [campaign.language, missing] if missing in columns and missing != campaign.language else columns
    for row in rows:
        row.cells = [_cell(row, code) for code in shown]
    context = {
        "campaign": campaign, "rows": rows, "columns": shown, "counts": counts, "missing": missing, "form": SheetForm(),
        "can_write": request.user.has_perms(WRITE),
    }  # fmt: skip
    return access.page(request, "texts", _("Texts"), **context)


def _cell(row, code):
    kind = row.key.split("-")[1] if row.is_letter else ""
    return {
        "language": code, "text": row.texts.get(code, ""), "lacks": row.lacks(code), "kind": kind,
        "locked": row.locked and code == row.language,
        "idle": not row.texts and code != row.language,  # there is nothing to translate
    }  # fmt: skip


class CellForm(StaffForm):
    """One text in one language. `seen` is a digest of what the page showed: nothing is written over unseen."""

    text = forms.CharField(label=gettext_lazy("Text"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, row, language, **kwargs):
        now = row.texts.get(language, "")
        super().__init__(*args, initial={"text": now, "seen": texts_sheet.digest(now)}, **kwargs)
        self.row, self.language, self.now = row, language, now
        widget = forms.Textarea(attrs={"rows": 10}) if row.long else forms.TextInput()
        self.fields["text"].widget = widget
        widget.attrs.update(lang=language, dir=get_way(language))

    def clean(self):
        cleaned = super().clean()
        cleaned["text"] = text = (cleaned.get("text") or "").replace("\r\n", "\n").strip()
        if cleaned.get("seen") != texts_sheet.digest(self.now):
            self.data = {**self.data.dict(), "seen": texts_sheet.digest(self.now)}
            self.add_error("text", _("Somebody changed this. Stored now: %(text)s") % {"text": self.now or "–"})
        elif said := texts_grid.fault(self.row, self.language, text):
            self.add_error("text", said)
        return cleaned


def text(request, pk, which, language):
    """Edit one text in one language, the original beside it."""
    campaign = access.campaign(request.user, pk)
    if request.method == "POST":
        access.needs(request.user, *WRITE)
    with transaction.atomic():
        if request.method == "POST":  # one after the other: the second sees what the first wrote
            campaign = Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.pk)
        rows, columns = _grid(campaign)
        row = next((row for row in rows if row.key == which), None)
        if row is None or row.is_letter or language not in columns:
            raise Http404
        form = CellForm(request.POST or None, row=row, language=language)
        if request.method == "POST" and form.is_valid():
            texts_grid.write(campaign, row, language, form.cleaned_data["text"])
            said = _("Saved: %(name)s, %(language)s.") % {"name": row.name, "language": language_name(language)}
            access.log(request.user, campaign, said)
            messages.success(request, said)
            return redirect(f"{reverse('mail_texts', args=[campaign.pk])}#{row.key}")
    context = {
        "campaign": campaign, "row": row, "language": language, "form": form,
        "can_write": request.user.has_perms(WRITE) and not (row.locked and language == row.language),
    }  # fmt: skip
    return access.page(request, "text", row.name, **context)


@require_POST
def download(request, pk):
    """Give the sheet for translators, and log how many rows left."""
    campaign = access.campaign(request.user, pk)
    rows, columns = _grid(campaign)
    said = ngettext("Exported %(count)d text as XLSX", "Exported %(count)d texts as XLSX", len(rows))
    access.log(request.user, campaign, said % {"count": len(rows)})
    answer = HttpResponse(texts_sheet.xlsx(rows, columns), content_type=XLSX)
    day = days.today(clock.now(), campaign.time_zone)
    answer["Content-Disposition"] = content_disposition_header(True, f"{campaign.slug}-texts-{day}.xlsx")
    return answer


class SheetForm(StaffForm):
    sheet = forms.FileField(
        label=gettext_lazy("The sheet as it came back"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy("XLSX, up to 5 MB. You see a report first."),
        error_messages={
            "required": gettext_lazy("Choose the file"),
            "empty": gettext_lazy("The file is empty"),
        },
    )


def _key(campaign):
    return f"texts:{campaign.pk}"


@require_POST
def upload(request, pk):
    """Compare a sheet with what is stored; the session keeps what it would change."""
    campaign = access.campaign(request.user, pk)
    access.needs(request.user, *WRITE)
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["sheet"]))
        return redirect("mail_texts", campaign.pk)
    file = form.cleaned_data["sheet"]
    rows, columns = _grid(campaign)
    try:
        check_size(file.name, file.size)
        report = texts_sheet.report(file.name, file.read(), rows, columns)
    except CannotRead as fault:
        messages.error(request, str(fault))
        return redirect("mail_texts", campaign.pk)
    kept = {"name": file.name[:100], "cells": [list(cell) for cell in report.cells], "unchanged": report.unchanged}
    request.session[_key(campaign)] = kept
    return redirect("mail_texts_check", campaign.pk)


def check(request, pk):
    """The report on a sheet; POST accepts it whole, or throws it away."""
    campaign = access.campaign(request.user, pk)
    kept = request.session.get(_key(campaign))
    if request.method == "POST":
        access.needs(request.user, *WRITE)
        return _settle(request, campaign, kept)
    if not kept:
        return redirect("mail_texts", campaign.pk)
    report = _report(kept)
    good = report.of(texts_sheet.NEW, texts_sheet.CHANGED)
    context = {
        "campaign": campaign, "name": kept["name"], "good": good, "refused": report.of(texts_sheet.REFUSED),
        "new": len(report.of(texts_sheet.NEW)), "changed": len(report.of(texts_sheet.CHANGED)),
        "unchanged": report.unchanged, "can_write": request.user.has_perms(WRITE),
    }  # fmt: skip
    return access.page(request, "texts_check", _("Check the sheet"), **context)


def _report(kept):
    return texts_sheet.Report([texts_sheet.Cell(*cell) for cell in kept["cells"]], kept["unchanged"])


def _settle(request, campaign, kept):
    if not kept or request.POST.get("do") != "accept":
        request.session.pop(_key(campaign), None)
        messages.info(request, _("Nothing was changed."))
        return redirect("mail_texts", campaign.pk)
    good = _report(kept).of(texts_sheet.NEW, texts_sheet.CHANGED)
    try:
        with transaction.atomic():
            campaign = Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.pk)
            count = texts_sheet.accept(campaign, good, texts_grid.read(campaign))
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("mail_texts_check", campaign.pk)
    del request.session[_key(campaign)]
    said = ngettext("%(count)d text is written.", "%(count)d texts are written.", count) % {"count": count}
    access.log(request.user, campaign, f"{said} {kept['name']}")
    messages.success(request, said)
    return redirect("mail_texts", campaign.pk)
