"""What a campaign is made of, as tables inside its page: askers, findings, topics, questions, reminder steps, team."""

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from campaigns import clock, roles
from campaigns.forms import DayField
from campaigns.models import Asker, CampaignTopic, Finding, Membership, Question, ReminderStep, TimelineEntry
from campaigns.models.question import locked

from .inlines import Choices


class PositionedForm(forms.ModelForm):
    """A row without a position comes last."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.initial["position"] = None

    def save(self, commit=True):
        if self.instance.position is None:
            rows = type(self.instance).objects.filter(campaign=self.instance.campaign_id)
            self.instance.position = (rows.aggregate(last=Max("position"))["last"] or 0) + 1
        return super().save(commit)


class Part(Choices, admin.TabularInline):
    form = PositionedForm
    extra = 0


class AskerInline(Part):
    model = Asker
    fields = ["name", "position"]


class TopicInline(Part):
    model = CampaignTopic
    joined = ["topic"]
    fields = ["topic", "position"]
    verbose_name, verbose_name_plural = _("topic"), _("topics")

    def name_of(self, row):
        return f"{row.get_kind_display()}: {row.name}"


class FindingInline(Part):
    model = Finding
    fields = ["text", "position"]
    show_change_link = True


class TimelineForm(PositionedForm):
    on = DayField(label=_("Date"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["on"] = self.instance.stated

    def clean_on(self):
        day = self.cleaned_data["on"]
        self.instance.stated = day.stated
        return day.on


class TimelineInline(Choices, admin.StackedInline):
    model = TimelineEntry
    form = TimelineForm
    extra = 0
    fields = [("on", "kind", "position"), "title", "link", "text"]
    show_change_link = True


class MembershipInline(Part):
    """Who works on it, each with name and role; the page of the team (outreach/accounts) also invites people."""

    model = Membership
    joined = ["user"]
    form = forms.ModelForm
    fields = ["user"]

    def narrow(self, rows):
        return rows.prefetch_related("groups")

    def name_of(self, row):
        return roles.introduced(row)


class QuestionInline(Part):
    """Once a letter is out, only the short label can change here; a correction is a question that replaces another."""

    model = Question
    joined = ["parent"]
    fields = ["number", "parent", "text", "label", "position"]
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).current()

    def narrow(self, rows):
        return rows.filter(campaign=self.parent, replaced_at=None) if self.parent else rows.none()

    def get_readonly_fields(self, request, obj=None):
        return ["number", "parent", "text"] if obj and locked(obj.pk) else []

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and not (obj and locked(obj.pk))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and locked(obj.pk))


def used(step):
    """Say whether a mail was made for a reminder step."""
    return step.campaign.approaches.filter(messages__step=step.key).exists()


class StepForm(PositionedForm):
    retired = forms.BooleanField(label=_("Retired"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["retired"] = bool(self.instance.retired_at)

    def clean(self):
        cleaned = super().clean()
        frozen = {"anchor", "days", "wording", "escalates"} & set(self.changed_data)
        if frozen and not self.instance._state.adding and used(self.instance):
            raise forms.ValidationError(_("Mail of this reminder was made. Retire it, and add another."))
        return cleaned

    def save(self, commit=True):
        if "retired" in self.changed_data:
            self.instance.retired_at = clock.now() if self.cleaned_data["retired"] else None
        return super().save(commit)


class StepFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        for form in self.deleted_forms:
            if not form.instance._state.adding and used(form.instance):
                raise forms.ValidationError(_("Mail of this reminder was made. Retire it instead of deleting it."))


class StepInline(Part):
    model = ReminderStep
    form = StepForm
    formset = StepFormSet
    fields = ["days", "anchor", "wording", "escalates", "retired", "position"]
