"""One company in one campaign. Its status is moved by acts, each with a day and a reason; nobody types it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from campaigns import clock, planning
from campaigns.forms import DayField, VersionedForm
from campaigns.labels import label
from campaigns.models import Approach, ChosenContact, Event
from campaigns.roles import Own
from campaigns.status import AWAITED, Reach, Reply
from campaigns.templatetags.frame import icon, partial_date

from .acts import Acts
from .inlines import Choices
from .moves import ACTS
from .translations import ApproachTranslations
from .versions import Versioned


class ApproachForm(VersionedForm):
    stated = {"asked_on": "asked_stated", "deadline": "deadline_stated", "promised_for": "promised_stated"}
    asked_on = DayField(label=_("Asked on, where it differs"), required=False)
    deadline = DayField(label=_("More time until"), required=False)
    promised_for = DayField(label=_("Promised an answer for"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "listed_as" in self.fields:
            self.fields["listed_as"].required = False
            self.fields["listed_as"].help_text = _("The spelling on this campaign's list. Empty: the company's name.")

    def clean_listed_as(self):
        company = self.cleaned_data.get("company") or (self.instance.company_id and self.instance.company)
        return self.cleaned_data["listed_as"] or (company.name if company else "")

    def clean(self):
        cleaned = super().clean()
        campaign = cleaned.get("campaign") or (self.instance.campaign_id and self.instance.campaign)
        deadline = cleaned.get("deadline")
        if deadline and campaign and campaign.closes_on and deadline > campaign.closes_on:
            text = _("The campaign closes on %(day)s. Move its closing date first.")
            self.add_error("deadline", text % {"day": campaign.closes_on})
        return cleaned


class ChosenInline(Choices, admin.TabularInline):
    model = ChosenContact
    joined = ["contact"]
    extra = 0
    fields = ["contact", "use"]

    def narrow(self, rows):
        return rows.filter(company=self.parent.company_id) if self.parent else rows.none()

    def name_of(self, row):
        return f"{row} <{row.email}>, {row.get_health_display()}" if row.email else str(row)


class EventInline(admin.TabularInline):
    """The record: read only. What is wrong is taken back on the event's own page, with a reason."""

    model = Event
    fk_name = "approach"
    fields = readonly_fields = ["what", "day", "how", "remark", "by", "reason", "taken_back"]
    can_delete = False
    show_change_link = True
    ordering = ["-id"]
    classes = ["collapse"]
    verbose_name_plural = _("record of this approach (who and why are private)")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "retraction")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("what"))
    def what(self, event):
        return f"{event.get_kind_display()} {named(event.after)}".strip()

    @admin.display(description=_("day"))
    def day(self, event):
        return partial_date(event.stated)

    @admin.display(description=_("how"))
    def how(self, event):
        return ", ".join(filter(None, (event.get_channel_display(), event.get_result_display())))

    @admin.display(description=_("taken back"), boolean=True)
    def taken_back(self, event):
        return hasattr(event, "retraction")


def named(value):
    """Return the words for a stored reach or reply."""
    for kind in (Reach, Reply):
        if value in kind.values:
            return str(kind(value).label)
    return ""


def badge(approach):
    """Return the public status as readers see it, with its shape."""
    one = label(
        Reach(approach.reach),
        Reply(approach.reply),
        bool(approach.campaign.closed_at),
        because=approach.not_approached_because,
    )
    shape = {"unasked": "none", "planned": "none"}.get(one.key, one.key)
    return format_html(
        '<span class="badge st-{}">{}{}</span> <span class="small">{}</span>', one.key, icon(shape), one.word, one.note
    )


class Standing(admin.SimpleListFilter):
    """Where somebody has to look."""

    title = _("needs a look")
    parameter_name = "look"

    def lookups(self, request, model_admin):
        return [
            ("awaiting", _("Awaiting response")),
            ("nothing-planned", _("Wrote back, nothing planned")),
            ("promised", _("Promised an answer")),
            ("held", _("On hold")),
            ("mine", _("Mine")),
        ]

    def queryset(self, request, rows):
        wrote_back = {"reply__in": sorted(AWAITED - {Reply.NONE}), "remind_at": None}
        return {
            "awaiting": lambda: rows.awaiting(),
            "nothing-planned": lambda: rows.awaiting().filter(**wrote_back),
            "promised": lambda: rows.awaiting().exclude(promised_for=None),
            "held": lambda: rows.exclude(paused_at=None),
            "mine": lambda: rows.filter(assigned=request.user),
        }.get(self.value(), lambda: rows)()


@admin.register(Approach)
class ApproachAdmin(Versioned, Acts, Own, admin.ModelAdmin):
    form = ApproachForm
    acts = ACTS
    list_display = ["listed_as", "status", "heard", "next", "assigned", "note_begins", "asked_in"]
    list_filter = [
        Standing,
        ("campaign", admin.RelatedOnlyFieldListFilter),
        "reach",
        "reply",
        ("assigned", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["campaign", "company", "assigned"]
    list_per_page = 100
    ordering = ["campaign", "position", "id"]
    search_fields = ["listed_as", "company__name", "company__aliases__name", "note"]
    search_help_text = _("Company, alias or private note")
    autocomplete_fields = ["campaign", "company", "answered_by"]
    readonly_fields = ["status", "next", "added_on"]
    change_form_template = "admin/campaigns/approach/change_form.html"
    view_on_site = False

    def get_list_display(self, request):
        """A list of one campaign need not name it in each row."""
        one = "campaign__id__exact" in request.GET
        return [name for name in self.list_display if not (one and name == "asked_in")]

    def get_fieldsets(self, request, obj=None):
        who = ["campaign", "company", "listed_as", "group", "position"]
        if obj is None:
            return [(None, {"fields": who}), self._public(), self._private()]
        groups = [(None, {"fields": ["status", "next", *who]}), self._public(), self._private(), self._time()]
        if obj.reply == Reply.ANSWERED_BY_OTHER:
            groups.insert(1, (_("Answered by"), {"fields": ["answered_by", "answered_by_name"]}))
        return self.with_version(request, obj, groups)

    def _public(self):
        return (_("Everybody can read this"), {"fields": ["reason", "remark"], "classes": ["is-public"]})

    def _private(self):
        return (_("Only the team can read this"), {"fields": ["note", "assigned"], "classes": ["is-private"]})

    def _time(self):
        return (_("Days"), {"fields": ["asked_on", "deadline", "promised_for", "added_on"]})

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "campaign", "company"] if obj else self.readonly_fields

    def get_inlines(self, request, obj):
        return [ChosenInline, ApproachTranslations, EventInline] if obj else []

    def zone_of(self, row):
        return row.campaign.time_zone

    def save_model(self, request, obj, form, change):
        """A deadline or a promise that is changed is logged, and the reminders are planned anew."""
        if change and {"deadline", "promised_for"} & set(form.changed_data):
            planning.replan(obj, by=request.user, now=clock.now())
        else:
            obj.save()

    @admin.display(description=_("status"), ordering="reply")
    def status(self, approach):
        return badge(approach)

    @admin.display(description=_("heard"), ordering="reply_on")
    def heard(self, approach):
        return partial_date(approach.reply_stated) if approach.reply_on else _("Nothing yet")

    @admin.display(description=_("next mail"), ordering="remind_at")
    def next(self, approach):
        if approach.paused_at:
            return _("On hold")
        return approach.remind_at or _("Nothing planned")

    @admin.display(description=_("campaign"), ordering="campaign")
    def asked_in(self, approach):
        return Truncator(approach.campaign).chars(60)

    @admin.display(description=_("private note"))
    def note_begins(self, approach):
        return approach.note[:80]
