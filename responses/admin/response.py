"""Responses: what came stays as it came; publishing and withholding are acts of people who may publish."""

from django import forms
from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import clock
from campaigns.admin.acts import Act, Acts
from campaigns.admin.versions import Versioned
from campaigns.forms import DayField, StaffForm, VersionedForm
from campaigns.models import Approach, Event
from campaigns.roles import Own
from campaigns.templatetags.frame import partial_date
from companies.languages import LanguageChoices

from .. import entry, publication
from ..models import Answer, Document, Publication, Response
from .inlines import AnswerInline, DocumentInline, RedactionInline, TranslationInline
from .rules import MAY_PUBLISH, Reviewed


def reviewed(response, data, *, by, now):
    publication.send_to_review(response)
    return gettext("%(response)s is in review.") % {"response": response}


def sent_back(response, data, *, by, now):
    publication.send_back(response)
    return gettext("%(response)s is a draft again.") % {"response": response}


def published(response, data, *, by, now):
    publication.publish(response, now=now)
    return gettext("%(response)s is published.") % {"response": response}


def embargoed(response, data, *, by, now):
    publication.embargo(response, data["day"].on, now=now)
    return gettext("%(response)s is public from %(day)s on.") % {"response": response, "day": data["day"].stated}


def withheld(response, data, *, by, now):
    publication.withhold(response, data["because"], now=now)
    return gettext("%(response)s is withheld.") % {"response": response}


class EmbargoForm(StaffForm):
    day = DayField(label=_("Public from"), help_text=_("Like 2022-09-28."))


class WithholdForm(StaffForm):
    because = forms.CharField(
        label=_("Why it is withheld"),
        help_text=_("Readers see it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason; readers see it")},
    )


def _stands(*publications):
    return lambda response: response.publication in publications


ACTS = [
    Act(
        "review",
        _("Send to review"),
        ngettext_lazy("Send %(number)d response to review", "Send %(number)d responses to review", "number"),
        reviewed,
        fits=_stands(Publication.DRAFT),
    ),
    Act(
        "back",
        _("Send back as a draft"),
        ngettext_lazy("Send %(number)d response back", "Send %(number)d responses back", "number"),
        sent_back,
        fits=_stands(Publication.IN_REVIEW),
    ),
    Act(
        "publish",
        _("Publish"),
        ngettext_lazy("Publish %(number)d response", "Publish %(number)d responses", "number"),
        published,
        permission=MAY_PUBLISH,
        help=_("Readers see the words, the answers and the checked files as soon as the campaign is public."),
        fits=lambda response: response.publication != Publication.PUBLISHED,
    ),
    Act(
        "embargo",
        _("Publish on a later day"),
        ngettext_lazy("Embargo %(number)d response", "Embargo %(number)d responses", "number"),
        embargoed,
        EmbargoForm,
        MAY_PUBLISH,
        fits=_stands(Publication.DRAFT, Publication.IN_REVIEW, Publication.EMBARGOED),
    ),
    Act(
        "withhold",
        _("Withhold"),
        ngettext_lazy("Withhold %(number)d response", "Withhold %(number)d responses", "number"),
        withheld,
        WithholdForm,
        MAY_PUBLISH,
        _("It counts as a reply; its words are hidden. If it was public, its address says when and why."),
        lambda response: response.publication != Publication.WITHHELD,
    ),
]


class ResponseForm(VersionedForm):
    stated = {"received_on": "received_stated"}
    received_on = DayField(label=_("Received on"), required=False)
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("Not recorded")), *Event.Channel.choices], required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "covers" in self.fields:
            others = Approach.objects.filter(campaign=self.instance.approach.campaign_id)
            self.fields["covers"].queryset = others.exclude(pk=self.instance.approach_id).select_related("campaign")
        if not self.instance.pk and "kind" in self.fields:
            self.fields["kind"].choices = [(Response.Kind.REJOINDER.value, Response.Kind.REJOINDER.label)]
            self.fields["kind"].help_text = _("A reply is filed with “Log a reply”: it moves the company's status.")


@admin.register(Response)
class ResponseAdmin(Reviewed, Versioned, Acts, LanguageChoices, Own, admin.ModelAdmin):
    campaign_path = "approach__campaign"
    form = ResponseForm
    acts = ACTS
    act_template = "admin/responses/act.html"
    change_form_template = "admin/campaigns/approach/change_form.html"
    list_display = ["company", "campaign", "kind", "received", "language", "publication", "logged_by", "logged_at"]
    list_filter = [
        "publication",
        ("approach__campaign", admin.RelatedOnlyFieldListFilter),
        "kind",
        "language",
        ("logged_by", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["approach__campaign", "logged_by"]
    list_per_page = 50
    ordering = ["-logged_at", "-id"]
    search_fields = ["approach__listed_as", "approach__company__name", "author", "text"]
    search_help_text = _("Company, author or words of the text")
    autocomplete_fields = ["approach"]
    filter_horizontal = ["covers"]
    readonly_fields = ["publication", "withheld_because", "embargo_until", "logged_by", "logged_at"]
    inlines = [AnswerInline, DocumentInline, TranslationInline, RedactionInline]
    view_on_site = False

    def get_fieldsets(self, request, obj=None):
        came = ["approach", "kind", "author", "received_on", "channel", "language", "link"]
        if obj is None:
            return [(None, {"fields": [*came, "text"]})]
        groups = [
            (None, {"fields": ["publication", "withheld_because", "embargo_until"]}),
            (_("What came"), {"fields": [*came, "text", "covers"]}),
            (_("Filed"), {"fields": ["logged_by", "logged_at"]}),
        ]
        return self.with_version(request, obj, groups)

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        fixed = [*self.readonly_fields, "approach", "kind"]
        return [*fixed, "text"] if publication.was_public(obj, clock.now()) else fixed

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def response_of(self, obj):
        return obj

    def has_delete_permission(self, request, obj=None):
        """What readers have seen is withheld, never deleted."""
        never = obj is None or not publication.was_public(obj, clock.now())
        return super().has_delete_permission(request, obj) and never

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def zone_of(self, row):
        return row.approach.campaign.time_zone

    def save_model(self, request, obj, form, change):
        if not change:
            obj.logged_by, obj.logged_at = request.user, clock.now()
            obj.position = entry.next_position(obj.approach)
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        """Whoever ticks a file as checked is named; changed answers are found in the original again."""
        if formset.model is Document:
            for one in formset.forms:
                if "checked" in one.changed_data:
                    publication.check(
                        one.instance, request.user if one.cleaned_data["checked"] else None, now=clock.now()
                    )
        super().save_formset(request, form, formset, change)
        if formset.model is Answer:
            saved = [*formset.new_objects, *(answer for answer, _changed in formset.changed_objects)]
            for answer in form.instance.answers.all() if "text" in form.changed_data else saved:
                entry.anchor(answer)

    @admin.display(description=_("company"), ordering="approach__listed_as")
    def company(self, response):
        return response.approach.listed_as

    @admin.display(description=_("campaign"))
    def campaign(self, response):
        return Truncator(response.approach.campaign).chars(60)

    @admin.display(description=_("received"), ordering="received_on")
    def received(self, response):
        return partial_date(response.received_stated)
