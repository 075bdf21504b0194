from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NOUNS = (
    "question",
    "approach",
    "finding",
    "timeline_entry",
    "event",
)  # none of them set: a text of the campaign itself


class Translation(models.Model):
    """One text of a campaign, or of something under it, in another language than its own.

    The original stays on its own row; a page reads all translations of a campaign in one language with one query.
    """

    class Field(models.TextChoices):
        TITLE = "title", _("Title")
        HEADLINE = "headline", _("Headline")
        SUMMARY = "summary", _("Summary")
        CONTEXT = "context", _("Context")
        NOTICE = "notice", _("Notice")
        TRIGGER_TITLE = "trigger_title", _("Title of the report")
        SIGNATURE = "signature", _("Signature")
        TEXT = "text", _("Text")
        LABEL = "label", _("Short label")
        GROUP = "group", _("Group")
        REASON = "reason", _("Reason")
        REMARK = "remark", _("Public remark")

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="translations")
    question = models.ForeignKey(
        "campaigns.Question", models.CASCADE, null=True, blank=True, related_name="translations"
    )
    approach = models.ForeignKey(
        "campaigns.Approach", models.CASCADE, null=True, blank=True, related_name="translations"
    )
    finding = models.ForeignKey("campaigns.Finding", models.CASCADE, null=True, blank=True, related_name="translations")
    timeline_entry = models.ForeignKey(
        "campaigns.TimelineEntry", models.CASCADE, null=True, blank=True, related_name="translations"
    )
    event = models.ForeignKey("campaigns.Event", models.CASCADE, null=True, blank=True, related_name="translations")
    field = models.CharField(_("which text"), max_length=20, choices=Field)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("translation"), _("translations")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "field", "language"],
                condition=Q(question=None, approach=None, finding=None, timeline_entry=None, event=None),
                name="campaign_translated_once",
            ),
            *(
                models.UniqueConstraint(
                    fields=[noun, "field", "language"], condition=~Q(**{noun: None}), name=f"{noun}_translated_once"
                )
                for noun in ("question", "approach", "finding", "timeline_entry", "event")
            ),
        ]

    def __str__(self):
        return f"{self.field} ({self.language})"

    def clean(self):
        if self.language == self.campaign.language:
            raise ValidationError({"language": _("The original is in this language: change it there.")})

    def save(self, *args, **kwargs):
        """Fill in the campaign from the noun, so that an inline form need not ask for it."""
        for noun in NOUNS:
            if owner := getattr(self, noun):
                self.campaign_id = owner.approach.campaign_id if noun == "event" else owner.campaign_id
        super().save(*args, **kwargs)
