"""The record: facts about approaches, read only. What is wrong is taken back, with a reason; nothing is edited."""

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import status
from campaigns.forms import ReasonForm
from campaigns.models import Event
from campaigns.roles import Own
from campaigns.templatetags.frame import partial_date

from .acts import Act, Acts
from .approach import named


def taken_back(event, data, *, by, now):
    status.retract(event, now=now, reason=data["reason"], by=by)
    return gettext("%(company)s: taken back.") % {"company": event.approach.listed_as}


@admin.register(Event)
class EventAdmin(Acts, Own, admin.ModelAdmin):
    campaign_path = "approach__campaign"
    acts = [
        Act(
            "take-back",
            _("Take back"),
            ngettext_lazy("Take back %(number)d event", "Take back %(number)d events", "number"),
            taken_back,
            ReasonForm,
            "campaigns.change_approach",
            _("The event stays in the record, with the reason why it no longer counts. The status follows."),
            lambda event: event.kind != Event.Kind.RETRACTED and not hasattr(event, "retraction"),
        )
    ]
    list_display = ["what", "company", "campaign", "day", "at", "channel", "result", "by", "counts"]
    list_display_links = ["what"]
    list_filter = [
        ("approach__campaign", admin.RelatedOnlyFieldListFilter),
        "kind",
        "result",
        "channel",
        ("at", admin.DateFieldListFilter),
    ]
    list_select_related = ["approach__campaign", "by", "retraction"]
    list_per_page = 100
    ordering = ["-id"]
    search_fields = ["approach__listed_as", "approach__company__name"]
    search_help_text = _("Company")
    change_form_template = "admin/campaigns/approach/change_form.html"
    show_full_result_count = False
    fields = [
        "approach",
        "kind",
        ("before", "after"),
        ("on", "stated"),
        "at",
        ("channel", "result", "step"),
        "remark",
        "source",
        "retracts",
        "by",
        "reason",
    ]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def zone_of(self, row):
        return row.approach.campaign.time_zone

    @admin.display(description=_("what"), ordering="kind")
    def what(self, event):
        return f"{event.get_kind_display()} {named(event.after)}".strip()

    @admin.display(description=_("company"), ordering="approach__listed_as")
    def company(self, event):
        return event.approach.listed_as

    @admin.display(description=_("campaign"))
    def campaign(self, event):
        return Truncator(event.approach.campaign).chars(60)

    @admin.display(description=_("day"), ordering="on")
    def day(self, event):
        return partial_date(event.stated)

    @admin.display(description=_("counts"), boolean=True)
    def counts(self, event):
        return event.kind != Event.Kind.RETRACTED and not hasattr(event, "retraction")
