"""What is edited inside a campaign's page, with a page of its own for its translations; and topics."""

from django.contrib import admin

from campaigns.models import Finding, TimelineEntry, Topic
from campaigns.roles import Own

from .parts import PositionedForm, TimelineForm
from .translations import FindingTranslations, TimelineTranslations


class PartAdmin(Own, admin.ModelAdmin):
    """Reached from its campaign."""

    list_filter = [("campaign", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["campaign"]
    autocomplete_fields = ["campaign"]

    def get_readonly_fields(self, request, obj=None):
        return ["campaign"] if obj else []

    def get_inlines(self, request, obj):
        return self.inlines if obj else []


@admin.register(Finding)
class FindingAdmin(PartAdmin):
    form = PositionedForm
    list_display = ["text", "campaign"]
    search_fields = ["text"]
    fields = ["campaign", "text", "position"]
    inlines = [FindingTranslations]


@admin.register(TimelineEntry)
class TimelineEntryAdmin(PartAdmin):
    form = TimelineForm
    list_display = ["__str__", "campaign", "kind"]
    search_fields = ["title", "text"]
    fields = ["campaign", "on", "kind", "title", "link", "text", "position"]
    inlines = [TimelineTranslations]


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["name", "kind"]
    list_filter = ["kind"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
