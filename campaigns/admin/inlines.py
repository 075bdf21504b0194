"""What every table inside a change page has: choices that are read once, however many rows it shows."""

from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.db import models

from campaigns.roles import OwnChoices
from companies.languages import LanguageChoices


class Choices(LanguageChoices, OwnChoices):
    """Mixed into an inline: the selects of its rows share one reading of their choices.

    joined  the foreign keys that a row's name asks for
    """

    parent = None
    joined = ()
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})}}

    def get_formset(self, request, obj=None, **kwargs):
        self.parent = obj
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related(*self.joined) if self.joined else rows

    def narrow(self, rows):
        """Return the rows that may be chosen under this page's object (self.parent)."""
        return rows

    def name_of(self, row):
        """Return the words for one choice."""
        return str(row)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Rows stay low, and free of the links that would leave the page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            field.label_from_instance = self.name_of
            field.queryset = self.narrow(field.queryset)
            field.choices = list(field.choices)
        return field
