"""The reminder steps of a campaign: add one, change or take out an unused one, retire a used one; and what would be
sent if nobody replied.
"""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock, days, planning, schedule
from campaigns.forms import StaffForm
from campaigns.models import Approach, Campaign, ChosenContact, ReminderStep
from campaigns.templatetags.frame import partial_date
from campaigns.window import Window
from correspondence import simulation
from correspondence.explaining import step_names
from correspondence.models import LATER_REMINDERS, Message, WordingKind

from . import access

PER_PAGE = 100
MOST_DAYS = 365


class StepForm(StaffForm, forms.ModelForm):
    class Meta:
        model = ReminderStep
        fields = ["days", "anchor", "wording", "escalates"]
        help_texts = {"escalates": gettext_lazy("A copy, where a company has such a contact.")}
        error_messages = {"anchor": {"required": gettext_lazy("Choose what the days are counted from")}}

    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=0, max_value=MOST_DAYS,
        error_messages={"required": gettext_lazy("Enter the number of days")}
        | dict.fromkeys(("min_value", "max_value", "invalid"), gettext_lazy("Enter a number of days from 0 to 365")),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["anchor"].choices = [("", _("Choose")), *ReminderStep.Anchor.choices]

    def clean(self):
        cleaned = super().clean()
        same = ReminderStep.objects.filter(campaign=self.instance.campaign, retired_at=None).exclude(
            pk=self.instance.pk
        )
        if same.filter(days=cleaned.get("days"), anchor=cleaned.get("anchor")).exists():
            self.add_error("days", _("There is a step for this day already"))
        return cleaned


def steps(request, pk):
    """Show the steps; a POST adds one, or changes the one that `?step=` names."""
    campaign, now = access.campaign(request.user, pk), clock.now()
    chosen = _chosen(campaign, request.GET.get("step"))
    form = StepForm(request.POST or None, instance=chosen or ReminderStep(campaign=campaign))
    if request.method == "POST":
        access.needs(request.user, access.PREPARE)
        if form.is_valid():
            return _saved(request, campaign, form, chosen)
    used = _used(campaign)
    context = {
        "campaign": campaign, "rows": _rows(campaign, used, now), "form": form, "chosen": chosen,
        "can_prepare": request.user.has_perm(access.PREPARE), "can_send": request.user.has_perm(access.SEND),
        "automatic": campaign.reminders_leave == Campaign.ReminderMode.AUTOMATIC,
        "companies": campaign.approaches.count(),
        "superiors": campaign.approaches.filter(chosen__use=ChosenContact.Use.ESCALATION).distinct().count(),
    }  # fmt: skip
    return access.page(request, "steps", _("Reminder steps"), **context)


def _chosen(campaign, key):
    """Return the unused step that is to be changed, or None."""
    step = get_object_or_404(campaign.steps, pk=key) if key else None
    if step and step.key in _used(campaign):
        raise Http404
    return step


def _saved(request, campaign, form, chosen):
    if not chosen:
        form.instance.position = (campaign.steps.aggregate(last=Max("position"))["last"] or 0) + 1
    step = form.save()
    text = _("The step is changed: %(step)s.") if chosen else _("A step is added: %(step)s.")
    return _done(request, campaign, text % {"step": step})


def _done(request, campaign, said):
    """Plan anew, say what was done, and how many companies' plans it touches."""
    count = planning.replan_all(campaign)
    access.log(request.user, campaign, said)
    text = ngettext("%(count)d company is planned anew.", "%(count)d companies are planned anew.", count)
    messages.success(request, f"{said} {text % {'count': count}}" if count else said)
    return redirect("mail_steps", campaign.pk)


def _used(campaign):
    """Return {step key: number of mails that were made for it}."""
    mails = Message.objects.filter(approach__campaign=campaign, step__startswith="reminder:").order_by()
    return dict(mails.values_list("step").annotate(Count("pk")))


def _rows(campaign, used, now):
    """Return dicts of step, name, day (for a company in the campaign's zone), trouble, used; retired ones last."""
    found = list(campaign.steps.all())
    asked = campaign.asked_on or days.today(now, campaign.time_zone)
    usual = Window(campaign.time_zone, "", campaign.window_from, campaign.window_until)
    on = {key: day for day, key in schedule.step_days(Approach(campaign=campaign), usual, asked)}
    worded = set(campaign.wordings.values_list("kind", flat=True))
    names = step_names(found, campaign)
    rows = [
        {
            "step": step, "name": names[step.key], "used": used.get(step.key, 0),
            "day": partial_date(on[step.key]) if step.key in on else "",
            "trouble": _trouble(step, campaign, on.get(step.key), worded),
        }
        for step in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["step"].retired_at is not None, on.get(row["step"].key, asked)))


def _trouble(step, campaign, day, worded):
    """Return why a step reaches nobody, or ""."""
    if step.retired_at:
        return ""
    if step.anchor != ReminderStep.Anchor.AFTER_INVITATION and not campaign.deadline:
        return _("The campaign has no day to reply by.")
    if day is None:
        return _("It would come before the invitation.")
    if campaign.closes_on and day > campaign.closes_on:
        return _("It would come after the close.")
    if step.wording not in worded and not (step.wording in LATER_REMINDERS and "reminder" in worded):
        return _("The campaign has no such wording.")
    return ""


def _retire(step, now):
    step.retired_at = now
    step.save(update_fields=["retired_at"])


def _restore(step, now):
    if step.campaign.steps.filter(anchor=step.anchor, days=step.days, retired_at=None).exists():
        raise ValueError(_("Another step has its day."))
    step.retired_at = None
    step.save(update_fields=["retired_at"])


def _remove(step, now):
    if step.key in _used(step.campaign):
        raise ValueError(_("Mail of this step was made: it can be retired."))
    step.delete()


VERBS = {  # verb: (what is done, what is said and logged)
    "retire": (_retire, gettext_lazy("The step is retired: %(step)s.")),
    "restore": (_restore, gettext_lazy("The step counts again: %(step)s.")),
    "remove": (_remove, gettext_lazy("The step is removed: %(step)s.")),
}


@require_POST
def act(request, pk, step, verb):
    """Do one of the verbs on one step."""
    campaign = access.campaign(request.user, pk)
    if verb not in VERBS:
        raise Http404
    access.needs(request.user, access.PREPARE)
    row, (do, text) = get_object_or_404(campaign.steps, pk=step), VERBS[verb]
    said = text % {"step": row}
    try:
        do(row, clock.now())
    except ValueError as fault:
        messages.error(request, str(fault))
        return redirect("mail_steps", campaign.pk)
    return _done(request, campaign, said)


@require_safe
def foretold(request, pk):
    """Show what would be sent if nobody replied; as many queries for any number of companies."""
    campaign, now = access.campaign(request.user, pk), clock.now()
    rows = simulation.rows(campaign, now)
    steps = list(campaign.steps.all())
    names = step_names(steps, campaign) | {WordingKind.INVITATION: WordingKind.INVITATION.label}
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    sent = [row for row in rows if not row.because]
    on = [row.at and days.today(row.at, campaign.time_zone) for row in sent]
    shown = [
        {
            "day": row.at and days.today(row.at, campaign.time_zone), "row": row,
            "count": on.count(row.at and days.today(row.at, campaign.time_zone)),
            "name": names.get(row.step) or (_("Reminder planned by hand") if row.step else ""),
        }
        for row in page
    ]  # fmt: skip
    context = {
        "campaign": campaign, "rows": shown, "page": page, "mails": len(sent), "days": len(set(on)),
        "without": len({row.approach.pk for row in rows} - {row.approach.pk for row in sent}),
        "automatic": campaign.reminders_leave == Campaign.ReminderMode.AUTOMATIC, "has_steps": bool(steps),
        "uninvited": len({row.approach.pk for row in rows if row.step == WordingKind.INVITATION}),
    }  # fmt: skip
    return access.page(request, "foretold", _("If nobody replied"), **context)
