"""Questions one by one: what was asked stays as it was asked; a correction is a question that replaces it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns import clock
from campaigns.models import Question
from campaigns.models.question import locked
from campaigns.roles import Own

from .parts import PositionedForm
from .translations import QuestionTranslations


class QuestionForm(PositionedForm):
    def clean(self):
        cleaned = super().clean()
        campaign = cleaned.get("campaign") or (self.instance.campaign_id and self.instance.campaign)
        for name in ("parent", "replaces"):
            other = cleaned.get(name)
            if other and campaign and other.campaign_id != campaign.pk:
                self.add_error(name, _("This question belongs to another campaign."))
        replaced = cleaned.get("replaces")
        if replaced and campaign and (number := cleaned.get("number")) != replaced.number:
            others = campaign.questions.current().exclude(pk=self.instance.pk)
            if others.filter(number=number).exists():
                self.add_error("number", _("Another question has this number."))
        return cleaned

    def _get_validation_exclusions(self):
        """A correction keeps the number of what it replaces, which gives it up in the same act."""
        excluded = super()._get_validation_exclusions()
        return {*excluded, "number"} if self.cleaned_data.get("replaces") else excluded


@admin.register(Question)
class QuestionAdmin(Own, admin.ModelAdmin):
    form = QuestionForm
    list_display = ["__str__", "campaign", "parent", "replaced_at"]
    list_filter = [("campaign", admin.RelatedOnlyFieldListFilter), ("replaced_at", admin.EmptyFieldListFilter)]
    list_select_related = ["campaign", "parent"]
    list_per_page = 100
    ordering = ["campaign", "position", "id"]
    search_fields = ["number", "label", "text"]
    search_help_text = _("Number, label or text")
    autocomplete_fields = ["campaign", "parent", "replaces", "continues"]
    readonly_fields = ["replaced_at"]
    inlines = [QuestionTranslations]

    def get_fieldsets(self, request, obj=None):
        asked = ["campaign", "number", "parent", "text", "label", "position"]
        groups = [(None, {"fields": asked}), (_("Earlier questions"), {"fields": ["continues", "continuity"]})]
        groups[1][1]["fields"].insert(0, "replaces")
        if obj:
            groups[1][1]["fields"].append("replaced_at")
        return groups

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return self.readonly_fields
        asked = ["number", "parent", "text"] if locked(obj.campaign_id) else []
        return [*self.readonly_fields, "campaign", "replaces", *asked]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_actions(self, request):
        """Deleting many at once would pass by the lock of what was asked."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and locked(obj.campaign_id))

    def save_model(self, request, obj, form, change):
        if not change and obj.replaces:
            Question.objects.filter(pk=obj.replaces.pk).update(replaced_at=clock.now())
        super().save_model(request, obj, form, change)
