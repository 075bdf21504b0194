"""Check the rows of a spreadsheet: what is wrong and what to do, who is listed already, the button that imports."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import clock
from campaigns.setup import access

from . import columns, downloads
from .accepting import MOST_COMPANIES, Changed, accept, too_many
from .checking import Check
from .entries import CHANGED, LIKELY, NEW, PROBLEM, SKIPPED, UNCHANGED
from .pages import the_import
from .reading import MOST_CELL, clean

PER_PAGE = 50
SHOW = {  # what the tabs show, by the name in the address
    "problems": lambda line: line.state == PROBLEM,
    "alike": lambda line: line.asked is not None,
    "warnings": lambda line: any(not finding.is_problem for finding in line.findings),
    "new": lambda line: line.state == NEW,
    "changed": lambda line: line.state == CHANGED,
    "unchanged": lambda line: line.state == UNCHANGED,
    "all": lambda line: True,
}


@require_http_methods(["GET", "HEAD", "POST"])
def check(request, pk, sheet):
    """GET shows the rows by tab and page. POST keeps the corrections of the page, and imports on `do=import`."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    sheet = the_import(campaign, sheet)
    if sheet.accepted_at:
        return redirect("spreadsheet_done", campaign.pk, sheet.pk)
    if columns.wrong(sheet.columns):
        return redirect("spreadsheet_columns", campaign.pk, sheet.pk)
    if request.method == "POST":
        corrected = _correct(sheet, request.POST)
        if request.POST.get("do") == "import" and not corrected:
            return _accept(request, campaign, sheet)
        if corrected and request.POST.get("do") == "import":
            messages.warning(request, _("Your corrections are kept. Look at the numbers again before you import."))
        return _back(request, campaign, sheet)
    return _page(request, campaign, sheet)


@require_POST
def problems(request, pk, sheet):
    """Download the rows that would be left out, and log how many."""
    campaign = access.campaign(request.user, pk, *access.IMPORT)
    found = Check(the_import(campaign, sheet, accepted_at=None), request.user)
    number = len(downloads.left_out(found))
    said = ngettext("Exported %(count)d row with problems", "Exported %(count)d rows with problems", number)
    access.log(request.user, campaign, said % {"count": number})
    return downloads.rows_with_problems(found)


def _correct(sheet, data):
    """Take over cells that were mended and choices that were made; say whether anything is different now."""
    first, changed = sheet.report.get("first", 2), False
    for name, value in data.items():
        kind, _dash, rest = name.partition("-")
        number, _dash, column = rest.partition("-")
        if not number.isdecimal() or not 0 < (place := int(number) - first + 1) < len(sheet.rows):
            continue
        if kind == "cell" and column in sheet.columns and column:
            row, at = sheet.rows[place], sheet.columns.index(column)
            row += [""] * (at + 1 - len(row))
            if row[at] != (cell := clean(value)[:MOST_CELL]):
                row[at], changed = cell, True
        elif kind == "choice" and sheet.choices.get(number, "") != value and len(value) < 40:
            sheet.choices[number], changed = value, True
    if changed:
        sheet.save(update_fields=["rows", "choices"])
    return changed


def _accept(request, campaign, sheet):
    may_many = request.user.has_perm(access.IMPORT_MANY)
    try:
        sheet = accept(sheet.pk, request.user, clock.now(), request.POST.get("digest", ""), may_many=may_many)
    except Changed:
        messages.warning(request, _("Something changed meanwhile. Nothing was imported: look at the numbers again."))
        return _back(request, campaign, sheet)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return _back(request, campaign, sheet)
    count = sheet.report[NEW] + sheet.report[CHANGED]
    said = ngettext("Imported %(count)d company", "Imported %(count)d companies", count) % {"count": count}
    said += ", " + _("left out %(count)d.") % {"count": sheet.report["left_out"]} if sheet.report["left_out"] else "."
    access.log(request.user, campaign, said)
    messages.success(request, said)
    return redirect("spreadsheet_done", campaign.pk, sheet.pk)


def _back(request, campaign, sheet):
    shown = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
    address = reverse("spreadsheet_check", args=[campaign.pk, sheet.pk])
    return HttpResponseRedirect(f"{address}?{urlencode(shown)}" if shown else address)


def _page(request, campaign, sheet):
    found = Check(sheet, request.user)
    tabs = {name: [line for line in found.lines if shows(line)] for name, shows in SHOW.items()}
    show = request.GET.get("show", "")
    if not tabs.get(show):
        show = next((name for name in ("problems", "alike", "all") if tabs[name]), "all")
    lines = Paginator(tabs[show], PER_PAGE).get_page(request.GET.get("page"))
    texts = {
        "problems": _("Problems"), "alike": _("Already listed?"), "warnings": _("Warnings"), "new": _("New"),
        "changed": _("Changed"), "unchanged": _("Unchanged"), "all": _("All rows"),
    }  # fmt: skip
    context = {
        "campaign": campaign, "sheet": sheet, "check": found, "lines": lines, "show": show,
        "tabs": [(name, texts[name], len(rows)) for name, rows in tabs.items()],
        "count": len(found.writes), "companies": found.companies, "rows": found.rows,
        "undecided": found.rows[LIKELY], "skipped": found.rows[SKIPPED],
        "needs_lead": too_many(found) and not request.user.has_perm(access.IMPORT_MANY), "most": MOST_COMPANIES,
    }  # fmt: skip
    return access.page(request, "spreadsheet/check", _("Check the rows"), **context)
