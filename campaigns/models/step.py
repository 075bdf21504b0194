import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class ReminderStep(models.Model):
    """A reminder that the campaign sends, relative to the invitation or to the day by which to reply.

    A step that a message was made for is frozen: to change it, retire it and add another (decided in correspondence).
    """

    class Anchor(models.TextChoices):
        AFTER_INVITATION = "after_invitation", _("days after the invitation")
        BEFORE_DEADLINE = "before_deadline", _("days before the day to reply by")
        AFTER_DEADLINE = "after_deadline", _("days after the day to reply by")

    WHEN = {  # one sentence each: in other languages the number changes more than the word "day"
        Anchor.AFTER_INVITATION: ngettext_lazy(
            "%(days)d day after the invitation", "%(days)d days after the invitation", "days"
        ),
        Anchor.BEFORE_DEADLINE: ngettext_lazy(
            "%(days)d day before the day to reply by", "%(days)d days before the day to reply by", "days"
        ),
        Anchor.AFTER_DEADLINE: ngettext_lazy(
            "%(days)d day after the day to reply by", "%(days)d days after the day to reply by", "days"
        ),
    }

    class Wording(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        REMINDER_2 = "reminder_2", _("Second reminder")
        REMINDER_3 = "reminder_3", _("Third reminder")
        LAST_NOTICE = "last_notice", _("Last notice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="steps")
    anchor = models.CharField(_("counted from"), max_length=20, choices=Anchor)
    days = models.PositiveSmallIntegerField(_("days"))
    wording = models.CharField(_("wording"), max_length=12, choices=Wording, default=Wording.REMINDER)
    escalates = models.BooleanField(_("also to the contacts for escalation"), default=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("reminder step"), _("reminder steps")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "anchor", "days"], condition=Q(retired_at=None), name="reminder_step_once"
            )
        ]

    def __str__(self):
        return str(self.WHEN[self.anchor] % {"days": self.days})

    @property
    def key(self):
        """The step's name in Approach.next_step and Message.step."""
        return f"reminder:{self.id}"
