"""What belongs to a response, as tables inside its page: answers, files, translations, removals."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns.admin.inlines import Choices
from campaigns.forms import VersionedForm

from .. import passages
from ..models import Answer, Document, Redaction, ResponseTranslation
from .rules import ReviewedInline


class Part(ReviewedInline, Choices, admin.TabularInline):
    extra = 0


class AnswerInline(Part):
    model = Answer
    joined = ["question"]
    form = VersionedForm
    fields = ["question", "text", "agreed", "version"]
    show_change_link = True

    def narrow(self, rows):
        return rows.filter(campaign=self.parent.approach.campaign_id) if self.parent else rows.none()


class DocumentForm(forms.ModelForm):
    checked = forms.BooleanField(label=_("Checked: may be published"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["checked"] = bool(self.instance.checked_at)


class DocumentInline(Part):
    """Files that are there. Another one is added on the page of files, where it is looked at first."""

    model = Document
    form = DocumentForm
    fields = ["download", "name", "language", "checked"]
    readonly_fields = ["download"]
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("file"))
    def download(self, document):
        return download_link(document)


def download_link(document):
    """Return the link to a file, for staff only."""
    if not document.file:
        return ""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:responses_document_file", args=[document.pk]), document.name
    )


class TranslationInline(Part):
    model = ResponseTranslation
    fields = ["language", "label", "text", "withheld_because"]


class RedactionForm(forms.ModelForm):
    """The words to remove are typed, and found in the original; nobody counts characters."""

    words = forms.CharField(label=_("What is removed"), help_text=_("As it stands in the text."), strip=False)
    start = forms.IntegerField(
        label=_("From"), required=False, help_text=_("Only where the words stand there several times.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["words"] = self.instance.response.text[self.instance.start : self.instance.end]

    def clean(self):
        cleaned = super().clean()
        if not (words := cleaned.get("words", "").strip()):
            return cleaned
        original, start = self.instance.response.text, cleaned.get("start") or 0
        if not (found := passages.find(original[start:], words)):
            raise forms.ValidationError({"words": _("These words are not in the text.")})
        if not start and passages.find(original[found[1] :], words):
            raise forms.ValidationError({"start": _("They stand there more than once: enter where they begin.")})
        cleaned["start"], self.instance.end = found[0] + start, found[1] + start
        return cleaned


class RedactionInline(Part):
    model = Redaction
    joined = ["response"]
    form = RedactionForm
    fields = ["words", "start", "label"]
