"""The languages that staff can choose for a text or a person: those that Django knows by name."""

from django import forms
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _


class LanguageField(forms.ChoiceField):
    """A select of languages by name; a code that is stored already stays choosable, whether it has a name or not."""

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(choices=_choices, **kwargs)

    def get_bound_field(self, form, field_name):
        """A file may have brought a code that nobody here has a name for: it must survive an edit of its row."""
        stored = getattr(getattr(form, "instance", None), field_name, "")
        if stored and stored not in dict(self.choices):
            self.choices = [*self.choices, (stored, stored)]
        return super().get_bound_field(form, field_name)


class LanguageChoices:
    """Mixed into a ModelAdmin or an inline: its fields named `language` are selects."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "language":
            return db_field.formfield(form_class=LanguageField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _choices():
    named = [(code, get_language_info(code)["name_translated"]) for code, info in LANG_INFO.items() if "name" in info]
    return [("", _("Not known")), *sorted(named, key=lambda pair: str(pair[1]))]
