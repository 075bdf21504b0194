"""Statuses that differ from the record, as the nightly check found them: look, then store what the record says."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns import clock, nightly
from campaigns.models import Approach, Daily

from .cases import MEND


@require_http_methods(["GET", "HEAD", "POST"])
def differences(request):
    """GET lists them; POST stores what the events say of each, with a line in the log, and checks again."""
    if not request.user.has_perm(MEND):
        raise PermissionDenied
    if request.method == "POST":
        mended = nightly.mend(now=clock.now())
        if mended:
            said = _("Stored what the record says")
            LogEntry.objects.log_actions(request.user.pk, mended, CHANGE, said)
        text = ngettext("%(number)d status is mended.", "%(number)d statuses are mended.", len(mended))
        messages.success(request, text % {"number": len(mended)})
        return redirect("differences")
    checked = Daily.objects.filter(name=Daily.Name.CHECK).first()
    named = [pk for pk, _name in checked.found] if checked else []
    rows = Approach.objects.filter(pk__in=named).select_related("campaign").prefetch_related("events")
    context = {
        **admin.site.each_context(request),
        "title": _("Statuses that differ from the record"),
        "checked": checked,
        "rows": [(row, *nightly.difference(row)) for row in rows.order_by("campaign", "listed_as")],
    }
    return TemplateResponse(request, "admin/responses/differences.html", context)
