"""A new campaign in one short form: what it is called, who asks, by when, and where replies go."""

from datetime import timedelta
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from campaigns import clock, days
from campaigns.forms import StaffForm
from campaigns.models import Asker, Campaign, Membership
from companies.languages import LanguageField
from companies.names import slug_for

from . import access

ADDRESS = _("Enter an address like press@company.com")
REAL_DATE = _("The date must be real, like 2026-08-09")
SENDER = ("from_name", "from_address", "reply_to", "signature")
REPLY_IN, CLOSE_IN = timedelta(weeks=3), timedelta(weeks=6)


class StartForm(StaffForm):
    """Days are asked to the day, because mail says them. The address on the site is proposed from the title."""

    title = forms.CharField(
        label=_("Title"), max_length=500, widget=forms.TextInput(attrs={"dir": "auto", "autofocus": True}),
        error_messages={"required": _("Enter a title, as readers should see it")},
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=Campaign.Kind.choices, widget=forms.RadioSelect)
    language = LanguageField(label=_("Language of its texts"))
    asker = forms.CharField(
        label=_("Who asks"), max_length=200, help_text=_("The organisation, as readers see it: “Asked by …”."),
        widget=forms.TextInput(attrs={"dir": "auto"}), error_messages={"required": _("Enter who asks")},
    )  # fmt: skip
    deadline = forms.DateField(
        label=_("Reply by"), help_text=_("The day that companies are asked to answer by."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the day to reply by"), "invalid": REAL_DATE},
    )  # fmt: skip
    closes_on = forms.DateField(
        label=_("Closes on"), help_text=_("From then on readers see who did not respond."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the closing date"), "invalid": REAL_DATE},
    )  # fmt: skip
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(z, z) for z in sorted(available_timezones())])
    from_name = forms.CharField(
        label=_("Sender’s name"), max_length=200, help_text=_("A person or a desk, never the name of a program."),
        error_messages={"required": _("Enter the name that companies see as sender")},
    )  # fmt: skip
    from_address = forms.EmailField(
        label=_("Sender’s address"),
        error_messages={
            "required": _("Enter the address that mail comes from"),
            "invalid": ADDRESS,
        },
    )
    reply_to = forms.EmailField(
        label=_("Replies go to"), required=False, help_text=_("Empty: the sender’s address. Somebody must read it."),
        error_messages={"invalid": ADDRESS},
    )  # fmt: skip
    signature = forms.CharField(
        label=_("Signature"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("It ends every letter. Empty: the sender’s name."),
    )  # fmt: skip
    slug = forms.SlugField(
        label=_("Address on the site"), max_length=100, required=False,
        help_text=_("Letters, digits and hyphens, like mena-surveillance-2022. Empty: made from the title."),
        error_messages={"invalid": _("Use letters without accents, digits and hyphens, like mena-surveillance-2022")},
    )  # fmt: skip

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_deadline(self):
        deadline = self.cleaned_data["deadline"]
        if deadline <= self.today:
            raise forms.ValidationError(_("The day to reply by must lie ahead."))
        return deadline

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug and is_taken(slug):
            raise forms.ValidationError(_("Another campaign has this address. Choose another."))
        return slug

    def clean(self):
        cleaned = super().clean()
        deadline, closes_on = cleaned.get("deadline"), cleaned.get("closes_on")
        if deadline and closes_on and closes_on < deadline:
            self.add_error("closes_on", _("The closing date cannot be before the day to reply by."))
        cleaned["reply_to"] = cleaned.get("reply_to") or cleaned.get("from_address", "")
        cleaned["signature"] = cleaned.get("signature") or cleaned.get("from_name", "")
        if not cleaned.get("slug") and cleaned.get("title"):
            cleaned["slug"] = slug_for(cleaned["title"], is_taken, "campaign")
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    access.needs(request.user, access.START)
    today = days.today(clock.now(), settings.TIME_ZONE)
    initial = {
        "kind": Campaign.Kind.SURVEY, "language": get_language(), "time_zone": settings.TIME_ZONE,
        **proposed_days(today), **_last(request.user),
    }  # fmt: skip
    form = StartForm(request.POST if request.method == "POST" else None, initial=initial, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = _make(form.cleaned_data, request.user)
        except IntegrityError:
            form.add_error("slug", gettext("Another campaign has this address. Choose another."))
        else:
            access.log(request.user, campaign, gettext("Began the campaign."), added=True)
            messages.success(request, gettext("The campaign is begun. Nothing is public, and nothing has been sent."))
            return redirect("campaign_setup", campaign.pk)
    context = {"form": form, "new_round": access.address("campaign_new_round")}
    return access.page(request, "setup/start", gettext("Begin a campaign"), **context)


def _make(data, user):
    """Write the campaign with its asker; whoever begins it is on its team."""
    asker = data.pop("asker")
    with transaction.atomic():
        campaign = Campaign.objects.create(**data)
        Asker.objects.create(campaign=campaign, name=asker)
        Membership.objects.create(campaign=campaign, user=user)
    return campaign


def is_taken(slug):
    return Campaign.objects.filter(slug=slug).exists()


def proposed_days(today):
    """Return the days that a new campaign proposes, as the fields of its form."""
    return {"deadline": _weekday(today + REPLY_IN), "closes_on": _weekday(today + CLOSE_IN)}


def _weekday(day):
    """A Monday where the day falls on a weekend: nobody answers on it."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def last_sender(user):
    """Return the sender's fields of the newest campaign that the person may see: most desks have one."""
    last = _newest(user)
    return {name: getattr(last, name) for name in SENDER} if last else {}


def _last(user):
    """The sender, the zone and the asker of the newest campaign."""
    last = _newest(user)
    asker = last and last.askers.first()
    facts = {"time_zone": last.time_zone, "asker": asker.name if asker else ""} if last else {}
    return facts | last_sender(user)


def _newest(user):
    return Campaign.objects.of(user).exclude(from_address="").order_by("-created_at").first()
