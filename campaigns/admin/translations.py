"""Translations, edited beside the text that they translate."""

from django import forms
from django.contrib import admin

from campaigns.models import Translation
from campaigns.models.translation import NOUNS

from .inlines import Choices

_FIELDS = Translation.Field
OF = {
    "": ("title", "headline", "summary", "context", "notice", "trigger_title", "signature"),
    "question": ("text", "label"),
    "approach": ("group", "reason", "remark"),
    "finding": ("text",),
    "timeline_entry": ("title", "text"),
}


class TranslationForm(forms.ModelForm):
    """The campaign is the noun's own: nobody is asked for it, and the check of the language needs it."""

    noun = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [("", "---------"), *((name, _FIELDS(name).label) for name in OF[self.noun])]

    def _post_clean(self):
        if self.noun:
            self.instance.campaign = getattr(self.instance, self.noun).campaign
        super()._post_clean()


class TranslationInline(Choices, admin.TabularInline):
    """Translations of the campaign's own texts; subclasses name another noun."""

    model = Translation
    noun = ""
    extra = 0
    fields = ["field", "language", "text"]

    def get_formset(self, request, obj=None, **kwargs):
        kwargs["form"] = type("TranslationForm", (TranslationForm,), {"noun": self.noun})
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if self.noun else rows.filter(**dict.fromkeys(NOUNS))


class QuestionTranslations(TranslationInline):
    noun = "question"


class ApproachTranslations(TranslationInline):
    noun = "approach"


class FindingTranslations(TranslationInline):
    noun = "finding"


class TimelineTranslations(TranslationInline):
    noun = "timeline_entry"
