"""A campaign's wordings: which exist in which language, writing one with its fields beside it, its attachments."""

from collections import Counter

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import clock, days
from campaigns.forms import StaffForm, VersionedForm
from campaigns.models import ChosenContact
from companies.languages import LanguageField
from correspondence import attachments, gaps, standard, texts_grid, wording
from correspondence.letters import Letters
from correspondence.models import LATER_REMINDERS, WORDED, Attachment, State, Wording, WordingKind
from correspondence.wording import Blocked

from . import access

WRITE = ("correspondence.add_wording", "correspondence.change_wording")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleans to a list of what was chosen."""

    widget = FilesInput(attrs={"accept": ",".join(f".{ending}" for ending in attachments.KINDS)})

    def clean(self, data, initial=None):
        return [file for file in (data if isinstance(data, list | tuple) else [data]) if file]


class TextForm(StaffForm):
    """A subject and a text with fields; what is no field is named with its line."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=300, error_messages={"required": gettext_lazy("Enter the subject")}
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text=gettext_lazy("Plain text with {fields}; {contact_name|Sir or Madam} has a fallback."),
        error_messages={"required": gettext_lazy("Enter the text")},
    )

    def __init__(self, *args, language, **kwargs):
        super().__init__(*args, **kwargs)
        way = get_way(language)
        for name in ("subject", "body"):
            self.fields[name].widget.attrs.update(lang=language, dir=way)

    def clean(self):
        cleaned = super().clean()
        for name in ("subject", "body"):
            for fault in wording.faults(cleaned.get(name, "")):
                self.add_error(name, fault)
        return cleaned


class WordingForm(TextForm, VersionedForm):
    """A wording as it is edited here, with its attachments."""

    files = FilesField(
        label=gettext_lazy("Attach files"),
        required=False,
        help_text=gettext_lazy(
            "PDF, DOCX, ODT, PNG, JPEG or TXT, 2 MB together. They go with every mail of this wording."
        ),
    )
    remove = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Remove"), queryset=Attachment.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Wording
        fields = ["subject", "body"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        has = Attachment.objects.filter(wording=self.instance.pk).defer("content") if self.instance.pk else ()
        if has:
            self.fields["remove"].queryset = has
        else:
            del self.fields["remove"]

    def clean(self):
        cleaned = super().clean()
        going = {one.pk for one in cleaned.get("remove") or ()}
        stay = [one for one in self.fields["remove"].queryset if one.pk not in going] if "remove" in self.fields else []
        self.read = []
        for file in cleaned.get("files") or ():
            try:
                self.read.append(attachments.read(file, [*stay, *self.read]))
            except ValidationError as fault:
                self.add_error("files", fault)
        return cleaned

    def save(self):
        for one in self.cleaned_data.get("remove") or ():
            one.delete()
        made = super().save()
        for one in self.read:
            one.wording = made
            one.save()
        return made


def get_way(language):
    return "rtl" if language.split("-")[0] in settings.LANGUAGES_BIDI else "ltr"


def wordings(request, pk):
    """Show every kind of letter in every language; POST adds the standard wordings where there are none."""
    campaign = access.campaign(request.user, pk)
    if request.method == "POST":
        return _use_standard(request, campaign)
    if request.GET.get("kind"):
        form = OtherForm(request.GET)
        if form.is_valid():
            return redirect("mail_wording", campaign.pk, form.cleaned_data["kind"], form.cleaned_data["language"])
    has = {(one.kind, one.language): one for one in campaign.wordings.all()}
    files = Counter(Attachment.objects.filter(wording__campaign=campaign).values_list("wording", flat=True))
    columns = texts_grid.languages(campaign, {language for _kind, language in has}, dict(settings.LANGUAGES))
    rows = [{"kind": kind, "cells": [_cell(has, kind, code) for code in columns]} for kind in WORDED]
    for one in has.values():
        one.files = files[one.pk]
    read = ChosenContact.objects.filter(approach__campaign=campaign).values_list("contact__language", flat=True)
    preset = {code.split("-")[0] for code in read.distinct()} | {campaign.language, "en"}
    lacking = sum((kind, code) not in has for code in standard.LANGUAGES for kind in standard.read(code))
    context = {
        "campaign": campaign, "columns": columns, "rows": rows, "lacking": lacking, "form": OtherForm(),
        "preset": preset,
        "can_write": request.user.has_perms(WRITE), "offered": [code for code in columns if code in standard.LANGUAGES],
    }  # fmt: skip
    return access.page(request, "wordings", _("Wordings"), **context)


def _cell(has, kind, code):
    as_first = kind in LATER_REMINDERS and (WordingKind.REMINDER, code) in has
    return {"language": code, "wording": has.get((kind, code)), "as_first": as_first}


class OtherForm(StaffForm):
    """Which wording to write, in a language that has no column yet."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[(str(kind), kind.label) for kind in WORDED])
    language = LanguageField(label=gettext_lazy("Language"))


def _use_standard(request, campaign):
    access.needs(request.user, *WRITE)
    chosen = set(request.POST.getlist("language")) & set(standard.LANGUAGES)
    made = standard.use(campaign, chosen)
    if made:
        text = ngettext("%(count)d standard wording is added.", "%(count)d standard wordings are added.", len(made))
        said = text % {"count": len(made)}
        access.log(request.user, campaign, said)
        messages.success(request, said + " " + _("Read them before you use them."))
    else:
        messages.info(request, _("Nothing was added: there is a wording of every kind in these languages."))
    return redirect("mail_wordings", campaign.pk)


def write(request, pk, kind, language):
    """Write one wording: its text with the fields beside it, its attachments, and whom a field is empty for."""
    campaign = access.campaign(request.user, pk)
    if kind not in WORDED or not _is_language(language):
        raise Http404
    if request.method == "POST":
        access.needs(request.user, *WRITE)
    with transaction.atomic():
        mine = Wording.objects.filter(campaign=campaign, kind=kind, language=language)
        if request.method == "POST":
            mine = mine.select_for_update(of=("self",))
        it = mine.first() or Wording(campaign=campaign, kind=kind, language=language)
        form = WordingForm(
            request.POST or None, request.FILES or None, instance=it, language=language, initial=_begin(it)
        )
        if request.method == "POST" and form.is_valid() and request.POST.get("do") != "preview":
            return _save(request, campaign, form)
    return _page(request, campaign, it, form)


def _preview(campaign, letters, form):
    """Return what a page shows of a text that is not saved yet: how it reads for the first company, or why not."""
    text = form.instance
    with translation.override(text.language):
        today = date_format(days.today(clock.now(), campaign.time_zone), "DATE_FORMAT")
    try:
        approach, subject, body = gaps.reads(letters, text, today)
    except Blocked as fault:
        return {"why": str(fault)}
    return {"company": approach.listed_as, "subject": subject, "body": body}


def _begin(it):
    """A new wording begins as the standard one in its language, where there is one; a later reminder as the first."""
    if it.pk:
        return {}
    kind = WordingKind.REMINDER if it.kind in LATER_REMINDERS else it.kind
    if kind != it.kind and (first := it.campaign.wordings.filter(kind=kind, language=it.language).first()):
        return {"subject": first.subject, "body": first.body}
    if it.language not in standard.LANGUAGES:
        return {}
    subject, body = standard.read(it.language)[kind]
    return {"subject": subject, "body": body}


def _save(request, campaign, form):
    it = form.save()
    said = _("Saved: %(wording)s.") % {"wording": it}
    access.log(request.user, it, said)
    messages.success(request, said)
    merged = {"messages__state": State.PROPOSED, "messages__kind": it.kind, "messages__language": it.language}
    waits = campaign.approaches.filter(**merged).count()
    if waits:
        text = ngettext(
            "%(count)d mail was merged from the earlier text: merge it again.",
            "%(count)d mails were merged from the earlier text: merge them again.",
            waits,
        )
        messages.warning(request, text % {"count": waits})
    return redirect("mail_wording", campaign.pk, it.kind, it.language)


def _page(request, campaign, it, form):
    letters, previewed = Letters(campaign), request.POST.get("do") == "preview" and form.is_valid()
    if previewed and request.FILES:
        messages.info(request, _("The files are not kept: choose them again when you save."))
    context = {
        "campaign": campaign, "wording": it, "form": form, "kind": WordingKind(it.kind), "language": it.language,
        "examples": gaps.examples(letters, it.language), "new": it.pk is None,
        "gaps": gaps.gaps(letters, it.kind, it) if it.pk or previewed else [],
        "preview": _preview(campaign, letters, form) if previewed else None, "can_write": request.user.has_perms(WRITE),
        "files": it.attachments.defer("content") if it.pk else (),
    }  # fmt: skip
    return access.page(request, "wording", WordingKind(it.kind).label, **context)


@require_safe
def attachment(request, pk, attachment):
    """Give an attachment back as a download."""
    campaign = access.campaign(request.user, pk)
    return attachments.download(get_object_or_404(Attachment, pk=attachment, wording__campaign=campaign))


def _is_language(code):
    try:
        get_language_info(code)
    except KeyError:
        return False
    return True
