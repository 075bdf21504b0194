"""Acts: what a person does to one row or to many, on a page that shows the rows and asks for what is needed first.

A ModelAdmin lists its acts; each is an action of its list, and a link from a row. Nothing happens before the button,
which counts the rows. Each row is an act of its own: those that cannot bear it are named, the others are done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import ngettext

from campaigns import clock, days
from campaigns.forms import StaffForm
from campaigns.status import IllegalMove

NAMED = 10  # rows that are named one by one after an act on many


@dataclass(frozen=True)
class Act:
    """One act.

    name        in addresses
    title       of the page and of the action, as a verb and its object: "Withdraw the campaign"
    button      the words on it, with %(number)d for the number of rows (ngettext_lazy)
    do          called with (row, cleaned data, by, now); returns what happened, for the log and the person; raises
                IllegalMove, or ValidationError with a sentence, where the row cannot bear it
    form        what is asked first; {"day": today} is its initial value where it asks for a day
    permission  a permission, or "change"
    fits        called with a row: whether to offer the act on the row's own page
    """

    name: str
    title: str
    button: str
    do: Callable
    form: type[StaffForm] = StaffForm
    permission: str = "change"
    help: str = ""
    fits: Callable = lambda row: True


class Acts:
    """Mixed into a ModelAdmin. `acts` are its Acts; an `act_template` may show more of the rows than their names."""

    acts = ()
    act_template = "admin/act.html"
    change_list_template = "admin/records_list.html"

    def may(self, request, act, obj=None):
        """Say whether the person may do this act, to this row or at all."""
        if act.permission == "change":
            return self.has_change_permission(request, obj)
        return request.user.has_perm(act.permission) and self.has_view_permission(request, obj)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        page = self.admin_site.admin_view(self.act_view)
        return [path("act/<slug:act>/", page, name=name), *super().get_urls()]

    def get_actions(self, request):
        actions = super().get_actions(request)
        for act in self.acts:
            if self.may(request, act):
                actions[f"act_{act.name}"] = (partial(_from_list, act), f"act_{act.name}", act.title)
        return actions

    def act_links(self, request, obj):
        """Return (title, address) of each act that the person may do to one row."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            (act.title, f"{reverse(name, args=[act.name])}?id={obj.pk}")
            for act in self.acts
            if act.fits(obj) and self.may(request, act, obj)
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Give the row's own page its acts."""
        row = self.get_object(request, object_id) if request.method == "GET" else None
        acts = self.act_links(request, row) if row else []
        return super().change_view(request, object_id, form_url, {"acts": acts, **(extra_context or {})})

    def act_view(self, request, act):
        """Show the rows and the form; on POST do it."""
        chosen = {one.name: one for one in self.acts}.get(act)
        keys = request.POST.getlist(ACTION_CHECKBOX_NAME) or request.GET.getlist("id")
        if chosen is None:
            raise Http404
        if not self.may(request, chosen):
            raise PermissionDenied
        try:
            rows = self.get_queryset(request).filter(pk__in=keys)
        except (ValueError, ValidationError):
            raise Http404 from None
        return self.act_page(request, chosen, rows, done=request.method == "POST")

    def act_page(self, request, act, rows, *, done=False):
        rows = [row for row in rows.order_by("pk") if self.may(request, act, row)]
        if not rows:
            raise Http404
        now = clock.now()
        initial = {"day": days.today(now, self.zone_of(rows[0])).isoformat()}
        form = act.form(request.POST if done else None, initial=initial)
        failed = []
        if done and form.is_valid():
            succeeded, failed = self._do(request, act, rows, form.cleaned_data, now)
            if succeeded:
                self._report(request, succeeded, failed)
                return redirect(self.after_act(request, [row for row, _said in succeeded]))
        context = {
            **self.admin_site.each_context(request),
            "title": act.title,
            "opts": self.opts,
            "act": act,
            "rows": rows,
            "form": form,
            "failed": failed,
            "button": act.button % {"number": len(rows)},
            "address": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_act", args=[act.name]),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, self.act_template, context)

    def zone_of(self, row):
        """Return the name of the time zone that rules a row's days."""
        return settings.TIME_ZONE

    def after_act(self, request, rows):
        """Return where a person goes on: the row itself, or the list."""
        here = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if len(rows) == 1 and self.has_view_permission(request, rows[0]):
            return reverse(f"{here}_change", args=[rows[0].pk])
        return reverse(f"{here}_changelist")

    def _do(self, request, act, rows, data, now):
        succeeded, failed = [], []
        for row in rows:
            try:
                said = act.do(row, data, by=request.user, now=now)
            except IllegalMove as error:
                failed.append(str(error))
            except ValidationError as error:
                failed.append(" ".join(error.messages))
            else:
                succeeded.append((row, str(said)))
                self.log_change(request, row, str(said))
        return succeeded, failed

    def _report(self, request, succeeded, failed):
        """Messages travel with the next page: name the first ones, count the rest."""
        for level, sentences in ((messages.SUCCESS, [said for _row, said in succeeded]), (messages.ERROR, failed)):
            for sentence in sentences[:NAMED]:
                self.message_user(request, sentence, level)
            if (more := len(sentences) - NAMED) > 0:
                text = ngettext("And %(count)d more.", "And %(count)d more.", more) % {"count": more}
                self.message_user(request, text, level)


def _from_list(act, modeladmin, request, queryset):
    return modeladmin.act_page(request, act, queryset)
