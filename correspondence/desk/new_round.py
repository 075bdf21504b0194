"""Asking again: a new campaign made from an earlier one, and parts of another campaign taken into one of one's own."""

import re

from django import forms
from django.contrib import messages
from django.core.validators import validate_slug
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import clock, days
from campaigns.forms import DayField, StaffForm
from campaigns.models import Campaign
from campaigns.setup.start_page import is_taken, last_sender, proposed_days
from companies.names import slug_for
from correspondence import rounds

from . import access

ADD = "campaigns.add_campaign"
ADD_TO_TEAM = "campaigns.add_membership"
READS = ["GET", "HEAD", "POST"]


class PartsForm(StaffForm):
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What to take"),
        choices=rounds.Part.choices,
        initial=[part.value for part in rounds.Part],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick what to take")},
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if not user.has_perm(ADD_TO_TEAM):  # to take a team is to let people in
            parts = self.fields["parts"]
            parts.choices = [choice for choice in parts.choices if choice[0] != rounds.Part.TEAM]


class NewRoundForm(PartsForm):
    """What a new round is called, and its days; cleans these to days.Day or None."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=500,
        error_messages={"required": gettext_lazy("Enter the title of the new round")},
    )
    slug = forms.CharField(
        label=gettext_lazy("Address on the site"),
        max_length=100,
        validators=[validate_slug],
        help_text=gettext_lazy("Small letters, digits and hyphens."),
        error_messages={"required": gettext_lazy("Enter its address, like clean-rivers-2027")},
    )
    deadline = DayField(
        label=gettext_lazy("Reply by"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The day that companies are asked to answer by."),
    )  # fmt: skip
    closes_on = DayField(
        label=gettext_lazy("Closes on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("From then on readers see who did not respond."),
    )  # fmt: skip

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_deadline(self):
        deadline = self.cleaned_data["deadline"]
        if deadline and deadline.on <= self.today:
            raise forms.ValidationError(_("The day to reply by must lie ahead."))
        return deadline

    def clean_slug(self):
        slug = self.cleaned_data["slug"].lower()
        if is_taken(slug):
            raise forms.ValidationError(_("Another campaign has this address. Choose another one"))
        return slug

    def clean(self):
        cleaned = super().clean()
        deadline, closes_on = cleaned.get("deadline"), cleaned.get("closes_on")
        if deadline and closes_on and deadline.on > closes_on.on:
            self.add_error("deadline", _("The day to reply by cannot be after the closing date."))
        return cleaned


class CampaignField(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        """Rounds often share their title."""
        return f"{obj} · {obj.slug}"


class CopyForm(PartsForm):
    """Which campaign to take from: one that the person may see."""

    source = CampaignField(
        label=gettext_lazy("From which campaign"),
        queryset=Campaign.objects.none(),
        empty_label=gettext_lazy("Choose a campaign"),
        error_messages={"required": gettext_lazy("Choose a campaign")},
    )

    def __init__(self, *args, campaigns, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = campaigns


@require_http_methods(READS)
def new_round(request):
    """Make a campaign from the one that `?of=` names; without it, choose one."""
    access.needs(request.user, *access.SEE, ADD)
    mine, of = Campaign.objects.of(request.user), request.GET.get("of", "")
    if not of.isdecimal():
        campaigns = mine.order_by("-created_at", "pk")
        return access.page(request, "new_round", _("New round"), campaigns=campaigns)
    source = get_object_or_404(mine, pk=of)
    now = clock.now()
    today = days.today(now, source.time_zone)
    start = {"title": source.title, "slug": _next_slug(source.slug, today.year), **proposed_days(today)}
    data = request.POST if request.method == "POST" else None
    form = NewRoundForm(data, initial=start, user=request.user, today=today)
    if form.is_valid():
        values = dict(form.cleaned_data)
        parts = values.pop("parts")
        values |= {} if source.from_address else last_sender(request.user)
        try:
            campaign, taken = rounds.new_round(source, parts, by=request.user, now=now, **values)
        except IntegrityError:  # the second of two clicks
            form.add_error("slug", _("Another campaign has this address. Choose another one"))
        else:
            access.log(request.user, campaign, _("New round of %(campaign)s") % {"campaign": source.slug})
            messages.success(request, _("The new round is made. %(counts)s") % {"counts": _counts(taken)})
            return redirect("campaign_setup", campaign.pk)
    context = {"source": source, "form": form, "campaign": source, "is_setup": True}
    return access.page(request, "new_round", _("New round"), **context)


def _next_slug(slug, year):
    """Return what the round of a year is called: rivers-2024 is followed by rivers-2026."""
    base = re.sub(r"-(19|20)\d\d$", "", slug)[:50]
    return slug_for(f"{base}-{year}", is_taken)


@require_http_methods(READS)
def copy_from(request, pk):
    """Take parts of another campaign into this one; what it has stays."""
    campaign = access.campaign(request.user, pk)
    access.needs(request.user, access.PREPARE)
    others = Campaign.objects.of(request.user).exclude(pk=campaign.pk).order_by("-created_at", "pk")
    start = {"parts": request.GET.getlist("part"), "source": others.filter(slug=campaign.previous_round).first()}
    data = request.POST if request.method == "POST" else None
    form = CopyForm(data, initial=start, user=request.user, campaigns=others)
    if form.is_valid():
        source, parts = form.cleaned_data["source"], form.cleaned_data["parts"]
        try:
            taken = rounds.take(source, campaign, parts, now=clock.now())
        except rounds.CannotBeTaken as fault:
            form.add_error("parts", str(fault))
        else:
            access.log(request.user, campaign, _("Took from %(campaign)s") % {"campaign": source.slug})
            messages.success(request, _counts(taken))
            return redirect("campaign_setup", campaign.pk)
    context = {"form": form, "campaign": campaign, "into": campaign}
    return access.page(request, "new_round", _("Take from another campaign"), **context)


def _counts(taken):
    """Return "Taken: 9 questions, ..." with what was there already."""
    names = {
        rounds.Part.QUESTIONS: _("questions"), rounds.Part.COMPANIES: _("companies"), rounds.Part.TEAM: _("people"),
        rounds.Part.WORDINGS: _("wordings"), rounds.Part.STEPS: _("reminder steps"), rounds.Part.TEXTS: _("texts"),
        rounds.Part.ASKERS: _("organisations"), rounds.Part.TOPICS: _("topics"),
    }  # fmt: skip
    said = ", ".join(f"{names[one.part]} {one.added}" for one in taken)
    there = sum(one.there for one in taken)
    text = _("Taken: %(counts)s.") % {"counts": said}
    return text + (" " + _("%(number)d were there already and stay as they are.") % {"number": there} if there else "")
