"""Campaigns: their texts, days, sender and team on one page; closing and publishing are acts of their own."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import closing, planning, publication
from campaigns.forms import DayField, MoveCloseForm, PublishForm, VersionedForm, WithdrawForm
from campaigns.models import Campaign, Membership
from campaigns.roles import Own
from campaigns.status import OUTCOMES, Reply
from campaigns.templatetags.frame import partial_date
from companies.languages import LanguageChoices

from . import parts
from .acts import Act, Acts
from .close import close_view
from .translations import TranslationInline
from .versions import Versioned


def published(campaign, data, *, by, now):
    publication.publish(campaign, data["day"], now=now)
    return gettext("Published from %(day)s on.") % {"day": data["day"].stated}


def withdrawn(campaign, data, *, by, now):
    publication.withdraw(campaign, data["because"], now=now)
    return gettext("Withdrawn. Its address says when and why.")


def reopened(campaign, data, *, by, now):
    number = closing.move_close(campaign, data["closes_on"], by, now=now, reason=data["reason"])
    text = ngettext(
        "Open again. “No response” was taken back for %(number)d company.",
        "Open again. “No response” was taken back for %(number)d companies.",
        number,
    )
    return text % {"number": number}


ACTS = [
    Act(
        "publish",
        _("Publish the campaign"),
        ngettext_lazy("Publish %(number)d campaign", "Publish %(number)d campaigns", "number"),
        published,
        PublishForm,
        "campaigns.publish_campaign",
        _("From the start of this day everybody can read it. Responses have a switch of their own."),
        lambda campaign: campaign.withdrawn_at or not campaign.published_on,
    ),
    Act(
        "withdraw",
        _("Withdraw the campaign"),
        ngettext_lazy("Withdraw %(number)d campaign", "Withdraw %(number)d campaigns", "number"),
        withdrawn,
        WithdrawForm,
        "campaigns.publish_campaign",
        _("Its pages and files are gone at once; publishing it again undoes that."),
        lambda campaign: campaign.published_on and not campaign.withdrawn_at,
    ),
    Act(
        "reopen",
        _("Move the close later"),
        ngettext_lazy("Open %(number)d campaign again", "Open %(number)d campaigns again", "number"),
        reopened,
        MoveCloseForm,
        "campaigns.close_campaign",
        _("Every “no response” of the old closing date is taken back, with this reason."),
        lambda campaign: campaign.closed_at,
    ),
]


class CampaignForm(VersionedForm):
    stated = {
        "asked_on": "asked_stated",
        "deadline": "deadline_stated",
        "closes_on": "closes_stated",
        "trigger_on": "trigger_stated",
    }
    asked_on = DayField(label=_("Asked on"), required=False)
    deadline = DayField(label=_("Reply by"), required=False)
    closes_on = DayField(label=_("Closes on"), required=False)
    trigger_on = DayField(label=_("Date of the report"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(z, z) for z in sorted(available_timezones())])
    counts_as_response = forms.MultipleChoiceField(
        label=_("What counts as a response"),
        choices=[(one.value, one.label) for one in Reply if one in OUTCOMES],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self):
        cleaned = super().clean()
        deadline, closes_on = cleaned.get("deadline"), cleaned.get("closes_on", self.instance.closes_on)
        if {"deadline", "closes_on"} & set(self.changed_data) and deadline and closes_on and deadline > closes_on:
            self.add_error("deadline", _("The day to reply by cannot be after the closing date."))
        opens, closes = cleaned.get("window_from"), cleaned.get("window_until")
        if opens and closes and opens >= closes:
            self.add_error("window_until", _("The hours must end after they begin."))
        if cleaned.get("daily_cap") == 0:
            self.add_error("daily_cap", _("Enter at least 1, or leave it empty; to send nothing, pause the campaign."))
        return cleaned


@admin.register(Campaign)
class CampaignAdmin(Versioned, Acts, LanguageChoices, Own, admin.ModelAdmin):
    campaign_path = "pk"
    form = CampaignForm
    acts = ACTS
    act_template = "admin/campaigns/campaign/act.html"
    change_list_template = "admin/campaigns/campaign/change_list.html"
    change_form_template = "admin/campaigns/campaign/change_form.html"
    list_display = ["__str__", "desk", "stage", "asked", "closes", "shown", "responded"]
    list_filter = ["kind", ("closed_at", admin.EmptyFieldListFilter), ("published_on", admin.EmptyFieldListFilter)]
    list_select_related = ["count"]
    search_fields = ["title", "headline", "slug", "askers__name"]
    search_help_text = _("Title, address or organisation that asks")
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["closed_at", "published_on", "withdrawn_at", "withdrawn_because", "imported_at"]
    view_on_site = False
    inlines = [
        parts.AskerInline,
        parts.QuestionInline,
        parts.StepInline,
        parts.FindingInline,
        parts.TimelineInline,
        parts.TopicInline,
        TranslationInline,
        parts.MembershipInline,
    ]
    _TEXTS = ["title", "slug", "language", "kind", "headline", "summary", "context", "notice", "source_url"]
    _REPORT = ["trigger_kind", "trigger_title", "trigger_author", "trigger_on", "trigger_link"]
    _SENDER = ["from_name", "from_address", "reply_to", "signature"]
    _LEAVING = ["reminders_leave", "window_from", "window_until", "daily_cap", "paused_at"]
    _REPLANS = {"deadline", "window_from", "window_until"}  # what moves the reminders that are planned
    _TAKE = {
        "close_campaign": ["closes_on", "closes_by_itself"],
        "send_mail": _LEAVING,
        "publish_campaign": ["counts_as_response", "slug", "time_zone"],
    }
    _TO_BEGIN = ("slug", "time_zone")  # a campaign that is being added needs them
    _COUNTING = ["counts_as_response", "previous_round", "stated_approached", "stated_responded"]

    def get_fieldsets(self, request, obj=None):
        groups = [
            (None, {"fields": self._TEXTS}),
            (_("Days"), {"fields": ["time_zone", "asked_on", "deadline", "closes_on", "closes_by_itself"]}),
            (_("Sender of its mail"), {"fields": self._SENDER}),
            (_("How its mail leaves"), {"fields": self._LEAVING}),
            (_("The report that companies are asked about"), {"fields": self._REPORT, "classes": ["collapse"]}),
            (_("How it is counted"), {"fields": self._COUNTING, "classes": ["collapse"]}),
        ]
        if obj:
            groups.insert(2, (_("Where it stands"), {"fields": self.readonly_fields}))
        return self.with_version(request, obj, groups)

    def get_readonly_fields(self, request, obj=None):
        """What shows, closes, counts or sends by itself takes the permission to do that act."""
        fixed = [*self.readonly_fields, *(["closes_on"] if obj and obj.closed_at else [])]
        for act, fields in self._TAKE.items():
            if not request.user.has_perm(f"campaigns.{act}"):
                fixed += [name for name in fields if name not in fixed and (obj or name not in self._TO_BEGIN)]
        return fixed

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def get_inlines(self, request, obj):
        return self.inlines if obj else [parts.AskerInline, parts.QuestionInline]

    def get_urls(self):
        page = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/", page, name="campaigns_campaign_close"), *super().get_urls()]

    def close_view(self, request, pk):
        return close_view(self, request, pk)

    def save_model(self, request, obj, form, change):
        """Whoever makes a campaign is on its team."""
        super().save_model(request, obj, form, change)
        if not change:
            Membership.objects.get_or_create(campaign=obj, user=request.user)

    def save_related(self, request, form, formsets, change):
        """A new deadline, other hours or another set of steps plan the reminders anew."""
        super().save_related(request, form, formsets, change)
        steps = [one for one in formsets if one.model is parts.ReminderStep and one.has_changed()]
        if change and (steps or self._REPLANS & set(form.changed_data)):
            planning.replan_all(form.instance)

    def zone_of(self, row):
        return row.time_zone

    @admin.display(description=_("desk"))
    def desk(self, campaign):
        """A draft is set up first."""
        draft = campaign.stage == "draft"
        to = reverse("campaign_setup" if draft else "campaign_desk", args=[campaign.pk])
        return format_html('<a href="{}">{}</a>', to, _("Set up") if draft else _("Open the desk"))

    @admin.display(description=_("stage"))
    def stage(self, campaign):
        return {"draft": _("Draft"), "live": _("Open"), "closed": _("Closed")}[campaign.stage]

    @admin.display(description=_("asked"), ordering="asked_on")
    def asked(self, campaign):
        return partial_date(campaign.asked_stated) if campaign.asked_on else ""

    @admin.display(description=_("closes"), ordering="closes_on")
    def closes(self, campaign):
        return partial_date(campaign.closes_stated) if campaign.closes_on else ""

    @admin.display(description=_("published"), ordering="published_on")
    def shown(self, campaign):
        if campaign.withdrawn_at:
            return _("Withdrawn")
        return partial_date(campaign.published_stated) if campaign.published_on else _("Not published")

    @admin.display(description=_("responded"), ordering="count__rate")
    def responded(self, campaign):
        count = getattr(campaign, "count", None)
        if count is None or not count.approached:
            return ""
        return _("%(responded)d of %(approached)d") % {"responded": count.responded, "approached": count.approached}
