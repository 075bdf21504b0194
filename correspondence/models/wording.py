import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WordingKind(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    REMINDER = "reminder", _("Reminder")
    REMINDER_2 = "reminder_2", _("Second reminder")  # where it has no wording of its own, that of the reminder
    REMINDER_3 = "reminder_3", _("Third reminder")
    LAST_NOTICE = "last_notice", _("Last notice")
    THANKS = "thanks", _("Thanks")
    CORRECTION = "correction", _("Correction")
    NOW_PUBLIC = "now_public", _("Now public")
    LETTER = "letter", _("Single letter")  # written for some companies at once, see Letter


WORDED = tuple(kind for kind in WordingKind if kind != WordingKind.LETTER)  # kinds that a campaign has wordings of
LATER_REMINDERS = (WordingKind.REMINDER_2, WordingKind.REMINDER_3)
REMINDERS = (WordingKind.REMINDER, *LATER_REMINDERS, WordingKind.LAST_NOTICE)


class Wording(models.Model):
    """What a campaign's letters of one kind say in one language; `{fields}` are merged (see wording.py)."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", models.CASCADE, related_name="wordings", verbose_name=_("campaign")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=[(kind.value, kind.label) for kind in WORDED])
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["campaign", "kind", "id"]
        verbose_name, verbose_name_plural = _("wording"), _("wordings")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "language"], name="wording_once"),
            models.CheckConstraint(condition=Q(kind__in=[str(kind) for kind in WORDED]), name="wording_kind_is_known"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.language})"


class Attachment(models.Model):
    """A file that goes with every letter of one wording. Private; the frozen mail has its bytes."""

    wording = models.ForeignKey(Wording, models.CASCADE, related_name="attachments", verbose_name=_("wording"))
    name = models.CharField(_("name"), max_length=150)
    media_type = models.CharField(_("type"), max_length=100)
    content = models.BinaryField(editable=False)
    size = models.PositiveIntegerField(_("size"), editable=False)  # bytes
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("attachment"), _("attachments")
        constraints = [models.UniqueConstraint(fields=["wording", "name"], name="attachment_once")]

    def __str__(self):
        return self.name


class Letter(models.Model):
    """What a person writes to some companies of a campaign, once, outside its wordings; `{fields}` are merged.

    The step of its mails is `batch:` and its id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(
        "campaigns.Campaign", models.CASCADE, related_name="letters", verbose_name=_("campaign")
    )
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["-made_at"]
        verbose_name, verbose_name_plural = _("single letter"), _("single letters")

    def __str__(self):
        return self.subject
