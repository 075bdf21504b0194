from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# States of correspondence.State in which a letter may be in somebody's hands, or soon will be. A test compares them.
LETTER_OUT = ("queued", "leased", "data", "sent", "unknown")


class QuestionQuerySet(models.QuerySet):
    def current(self):
        """Without those that a correction has replaced."""
        return self.filter(replaced_at=None)

    def asked(self):
        """The current ones that have no current question under them: what a company answers, without the headings."""
        return self.current().exclude(pk__in=self.model.objects.current().exclude(parent=None).values("parent"))

    def public(self, now):
        from .campaign import Campaign

        return self.filter(campaign__in=Campaign.objects.public(now))


class Question(models.Model):
    """A question, or a heading over questions. Its number is kept as written.

    Once a letter is on its way, number, parent and original text are locked: a correction is a new question that
    `replaces` this one, and answers keep the wording that they answered.
    """

    class Continuity(models.TextChoices):
        SAME_WORDING = "same_wording", _("same wording")
        SAME_TOPIC = "same_topic", _("same topic")

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="questions")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("under")
    )
    number = models.CharField(_("number"), max_length=20)
    text = models.TextField(_("text"), blank=True)
    label = models.CharField(_("short label"), max_length=100, blank=True)
    position = models.PositiveIntegerField(default=0)  # over the whole campaign, in reading order
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replacement", verbose_name=_("replaces")
    )
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    continues = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("continues, from an earlier round"),
    )
    continuity = models.CharField(_("how"), max_length=12, choices=Continuity, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("question"), _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], condition=Q(replaced_at=None), name="question_number_once"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="question_has_a_number"),
            models.CheckConstraint(
                condition=Q(continues=None, continuity="") | (~Q(continues=None) & ~Q(continuity="")),
                name="question_says_how_it_continues",
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.label or self.text[:60]}".strip()

    def save(self, *args, **kwargs):
        """Refuse to change what was asked once it was asked (ValidationError)."""
        if self.pk and not self._state.adding:
            before = Question.objects.filter(pk=self.pk).values("number", "parent_id", "text").first()
            changed = before and any(getattr(self, name) != value for name, value in before.items())
            if changed and locked(self.campaign_id):
                raise ValidationError(
                    _("Question %(number)s was already asked. Add a question that replaces it.")
                    % {"number": before["number"]}
                )
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if locked(self.campaign_id):
            raise ValidationError(_("Question %(number)s was already asked and stays.") % {"number": self.number})
        return super().delete(*args, **kwargs)


def locked(campaign_id):
    """Say whether a campaign's questions are out of its hands: a letter is on its way, or somebody was invited."""
    from .approach import Approach

    asked = Q(reach="invited") | Q(messages__state__in=LETTER_OUT) | Q(events__kind="invited")
    return Approach.objects.filter(asked, campaign=campaign_id).exists()
