from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SpreadsheetImport(models.Model):
    """Companies and contacts from a pasted table or a file, on their way into a campaign. Private: it holds contacts.

    Nothing is written elsewhere before a person accepts it; then `rows` and `choices` are emptied, and `created` keeps
    the ids that taking it back needs.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", models.CASCADE, related_name="spreadsheets", verbose_name=_("campaign")
    )
    name = models.CharField(_("file"), max_length=200, blank=True)  # empty: pasted
    rows = models.JSONField(default=list, blank=True)  # lists of cells, the heads first
    columns = models.JSONField(default=list, blank=True)  # what each column is, by its place
    choices = models.JSONField(default=dict, blank=True)  # what a person chose for a row, by its number
    report = models.JSONField(default=dict, blank=True)  # counts and sentences; names no contact
    created = models.JSONField(default=dict, blank=True)  # {model: ids} that it made
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )
    made_at = models.DateTimeField(_("begun"), editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name, verbose_name_plural = _("import of companies"), _("imports of companies")

    def __str__(self):
        return self.name or str(_("pasted table"))
