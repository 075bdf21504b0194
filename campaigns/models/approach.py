from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import clock, days
from ..status import AWAITED, NotApproachedBecause, Reach, Reply
from ..tokens import new_reply_token


class ApproachQuerySet(models.QuerySet):
    def public(self, now):
        """Those of public campaigns."""
        from .campaign import Campaign

        return self.filter(campaign__in=Campaign.objects.public(now))

    def awaiting(self):
        """Invited, not answered in substance, campaign open: overdue or not is a question asked of dates."""
        return self.filter(reach=Reach.INVITED, reply__in=AWAITED, campaign__closed_at=None)

    def of(self, user):
        """Those of the campaigns that a member of staff may see."""
        from .campaign import Campaign

        return self.filter(campaign__in=Campaign.objects.of(user))


class Approach(models.Model):
    """One campaign asks one company. `reach` and `reply` are moved by status.advance() alone, never typed.

    Was it reached, did it reply, how good was the answer, is it published: four facts, never one flag.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", models.PROTECT, related_name="approaches", verbose_name=_("campaign")
    )
    company = models.ForeignKey(
        "companies.Company", models.PROTECT, related_name="approaches", verbose_name=_("company")
    )
    listed_as = models.CharField(_("listed as"), max_length=200)  # the spelling on this campaign's list
    position = models.PositiveIntegerField(default=0)
    group = models.CharField(_("group"), max_length=200, blank=True, help_text=_("A heading within this campaign."))
    reason = models.TextField(_("why this company is asked"), blank=True, help_text=_("Public."))
    remark = models.TextField(_("public remark"), blank=True, help_text=_("Everybody can read this."))
    note = models.TextField(_("private note"), blank=True, help_text=_("Only the team can read this."))
    asked_on = models.DateField(_("asked on, where it differs"), null=True, blank=True)
    asked_stated = models.CharField(max_length=10, blank=True)
    deadline = models.DateField(_("more time until"), null=True, blank=True)
    deadline_stated = models.CharField(max_length=10, blank=True)
    promised_for = models.DateField(_("promised an answer for"), null=True, blank=True)
    promised_stated = models.CharField(max_length=10, blank=True)

    reach = models.CharField(_("reach"), max_length=15, choices=Reach, default=Reach.PLANNED, editable=False)
    not_approached_because = models.CharField(
        _("not asked because"), max_length=20, choices=NotApproachedBecause, blank=True, editable=False
    )
    reply = models.CharField(_("reply"), max_length=25, choices=Reply, default=Reply.NONE, editable=False)
    reply_on = models.DateField(null=True, blank=True, editable=False)  # day from which the reply counts, see status.py
    reply_stated = models.CharField(max_length=10, blank=True, editable=False)
    answered_by = models.ForeignKey(
        "companies.Company", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_by_name = models.CharField(_("answered by"), max_length=200, blank=True)

    next_step = models.CharField(_("next step"), max_length=50, blank=True, editable=False)
    remind_at = models.DateTimeField(_("next step at"), null=True, blank=True)  # null: nothing planned
    paused_at = models.DateTimeField(_("on hold since"), null=True, blank=True)
    assigned = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    reply_token = models.CharField(max_length=18, unique=True, default=new_reply_token, editable=False)
    added_on = models.DateField(_("added on"), editable=False)  # in the campaign's zone
    added_at = models.DateTimeField(editable=False)
    edited_at = models.DateTimeField(auto_now=True)

    objects = ApproachQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("approach"), _("approaches")
        indexes = [
            models.Index(fields=["remind_at", "id"], condition=~Q(remind_at=None), name="approach_due"),
            models.Index(fields=["campaign", "reach", "reply"], name="approach_figures"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "company"], name="approached_once"),
            models.UniqueConstraint(fields=["campaign", "listed_as"], name="listed_once"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="reach_is_known"),
            models.CheckConstraint(condition=Q(reply__in=Reply.values), name="reply_is_known"),
            models.CheckConstraint(
                condition=Q(reply=Reply.NONE) | Q(reach=Reach.INVITED), name="only_the_invited_reply"
            ),
            models.CheckConstraint(
                condition=Q(remind_at=None) | Q(reach=Reach.INVITED, reply__in=sorted(AWAITED)),
                name="only_the_awaited_are_reminded",
            ),
            models.CheckConstraint(
                condition=Q(remind_at=None, next_step="") | (~Q(remind_at=None) & ~Q(next_step="")),
                name="a_reminder_has_its_step",
            ),
            models.CheckConstraint(
                condition=Q(not_approached_because="") | Q(reach=Reach.NOT_APPROACHED),
                name="reason_only_if_not_approached",
            ),
            models.CheckConstraint(
                condition=Q(answered_by_name="", answered_by=None) | Q(reply=Reply.ANSWERED_BY_OTHER),
                name="answered_by_only_if_it_was",
            ),
            models.CheckConstraint(
                condition=(Q(reply=Reply.NONE) & Q(reply_on=None)) | (~Q(reply=Reply.NONE) & ~Q(reply_on=None)),
                name="a_reply_has_its_day",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{day: None, stated: ""}) | (~Q(**{day: None}) & ~Q(**{stated: ""})),
                    name=f"approach_{stated}",
                )
                for day, stated in (
                    ("asked_on", "asked_stated"),
                    ("deadline", "deadline_stated"),
                    ("promised_for", "promised_stated"),
                )
            ),
        ]

    def __str__(self):
        return f"{self.listed_as} ({self.campaign.slug})"

    def clean(self):
        closes_on = self.campaign.closes_on if self.campaign_id else None
        if self.deadline and closes_on and self.deadline > closes_on:
            raise ValidationError({"deadline": _("The campaign closes before, on %(day)s.") % {"day": closes_on}})

    def save(self, *args, **kwargs):
        """A new approach counts as planned from the day it was added on."""
        if self._state.adding:
            self.added_at = self.added_at or clock.now()
            self.added_on = self.added_on or days.today(self.added_at, self.campaign.time_zone)
            self.listed_as = self.listed_as or self.company.name
        for day, stated in (
            ("asked_on", "asked_stated"),
            ("deadline", "deadline_stated"),
            ("promised_for", "promised_stated"),
        ):
            setattr(self, stated, days.restated(getattr(self, day), getattr(self, stated)))
        super().save(*args, **kwargs)

    @property
    def effective_deadline(self):
        """The day by which this company is asked to reply, or None."""
        return self.deadline or self.campaign.deadline


class ChosenContact(models.Model):
    """A contact that this approach's mail goes to."""

    class Use(models.TextChoices):
        TO = "to", _("To")
        CC = "cc", _("Copy")
        ESCALATION = "esc", _("Copy, of steps that escalate")

    approach = models.ForeignKey(Approach, models.CASCADE, related_name="chosen")
    contact = models.ForeignKey("companies.Contact", models.CASCADE, related_name="chosen", verbose_name=_("contact"))
    use = models.CharField(_("use"), max_length=3, choices=Use, default=Use.TO)

    class Meta:
        ordering = ["-use", "id"]  # to before the others
        verbose_name, verbose_name_plural = _("recipient"), _("recipients")
        constraints = [models.UniqueConstraint(fields=["approach", "contact"], name="contact_chosen_once")]

    def __str__(self):
        return f"{self.use}: {self.contact}"
