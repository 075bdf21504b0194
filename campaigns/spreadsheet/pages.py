"""The import of companies, page by page: choose or paste, match the columns, and the list of what was imported."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import clock
from campaigns.forms import StaffForm
from campaigns.models import SpreadsheetImport
from campaigns.setup import access

from . import columns, downloads, staging, undo
from .reading import CannotRead, check_size, read_file, read_text

LISTED = 20  # imports on the first page
SAMPLES = 3


class UploadForm(StaffForm):
    file = forms.FileField(
        label=gettext_lazy("File"), required=False, help_text=gettext_lazy("XLSX or CSV, up to 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )  # fmt: skip
    table = forms.CharField(
        label=gettext_lazy("Or paste the table"), required=False, strip=False,
        help_text=gettext_lazy("Select the cells in your spreadsheet, heads included, and paste them here."),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self):
        """Read what came; the Table is cleaned_data["read"]."""
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("table", "")
        if self.errors:
            return cleaned
        if not file and not text.strip():
            raise ValidationError(_("Choose a file, or paste a table."))
        try:
            if file:
                check_size(file.name, file.size)
                cleaned["read"] = read_file(file.name, file.read())
            else:
                cleaned["read"] = read_text(text)
        except CannotRead as error:
            self.add_error("file" if file else "table", str(error))
        return cleaned


def the_import(campaign, pk, **narrow):
    """Return an import of this campaign, or 404."""
    rows = SpreadsheetImport.objects.select_related("made_by", "campaign")
    return get_object_or_404(rows, pk=pk, campaign=campaign, **narrow)


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request, pk):
    """Choose a file or paste a table; below, what was imported before."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        sheet = staging.stage(campaign, form.cleaned_data["read"], file.name if file else "", request.user, clock.now())
        return redirect("spreadsheet_columns", campaign.pk, sheet.pk)
    earlier = campaign.spreadsheets.defer("rows", "created").select_related("made_by")[:LISTED]
    context = {"campaign": campaign, "form": form, "earlier": earlier, "kept_days": staging.KEPT.days}
    return access.page(request, "spreadsheet/begin", _("Import companies"), **context)


@require_safe
def template(request, pk):
    access.campaign(request.user, pk, *access.IMPORT)
    return downloads.template()


@require_http_methods(["GET", "HEAD", "POST"])
def match(request, pk, sheet):
    """Say what each column is; guessed, with three samples each."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    sheet = the_import(campaign, sheet, accepted_at=None)
    chosen, wrong = sheet.columns, ""
    if request.method == "POST":
        chosen = [request.POST.get(f"column-{place}", "") for place in range(len(sheet.columns))]
        chosen = [key if key in columns.LABELS else "" for key in chosen]
        if not (wrong := columns.wrong(chosen)):
            sheet.columns, sheet.choices = chosen, {}
            sheet.save(update_fields=["columns", "choices"])
            return redirect("spreadsheet_check", campaign.pk, sheet.pk)
    heads, rows = sheet.rows[0], sheet.rows[1:]
    matched = [
        {
            "place": place, "key": key, "head": heads[place] if place < len(heads) else "",
            "samples": _samples(rows, place),
        }
        for place, key in enumerate(chosen)
    ]  # fmt: skip
    context = {
        "campaign": campaign, "sheet": sheet, "matched": matched, "labels": columns.LABELS.items(),
        "twice": columns.appearing_twice([head for head in heads if head]),
        "faults": [("column-0", wrong)] if wrong else [], "count": sum(any(row) for row in rows),
    }  # fmt: skip
    return access.page(request, "spreadsheet/match", _("Match the columns"), **context)


def _samples(rows, place):
    found = (row[place] for row in rows if place < len(row) and row[place])
    return [sample for sample, _each in zip(found, range(SAMPLES), strict=False)]


@require_POST
def drop(request, pk, sheet):
    """Throw a spreadsheet away that was not imported."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    the_import(campaign, sheet, accepted_at=None).delete()
    messages.success(request, _("The spreadsheet is thrown away. Nothing was imported."))
    return redirect("spreadsheet_begin", campaign.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def done(request, pk, sheet):
    """What an import brought, with its undo; after the undo, what stayed and why."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    sheet = the_import(campaign, sheet)
    if sheet.accepted_at is None:
        return redirect("spreadsheet_check", campaign.pk, sheet.pk)
    if request.method == "POST":
        try:
            sheet = undo.take_back(sheet.pk, clock.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            said = undo.said(sheet.report)
            access.log(request.user, campaign, said)
            messages.success(request, said)
        return redirect("spreadsheet_done", campaign.pk, sheet.pk)
    return access.page(request, "spreadsheet/done", _("Import of companies"), campaign=campaign, sheet=sheet)
