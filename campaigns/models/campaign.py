from datetime import time
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .. import days
from ..status import COUNTS_BY_DEFAULT, OUTCOMES


class CampaignQuerySet(models.QuerySet):
    def public(self, now):
        """The definition of public: its day has come and nobody withdrew it, whatever its stage."""
        return self.filter(published_at__lte=now, withdrawn_at=None)

    def of(self, user):
        """Those that a member of staff may see: reviewers and leads all, researchers their own."""
        if user.has_perm("campaigns.see_all_campaigns"):
            return self
        return self.filter(memberships__user=user)


def _time_zone_default():
    return settings.TIME_ZONE


def _counts_default():
    return list(COUNTS_BY_DEFAULT)


def _check_time_zone(name):
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone like Europe/Berlin.") % {"name": name})


class Campaign(models.Model):
    """What is asked, by whom, by when. Its texts are in `language`; other languages are Translation rows.

    A day is a pair (see days.py): `asked_on` with `asked_stated`, and so on. Two days decide what happens, so the
    instants that they give in the campaign's zone are kept with them: `published_at` and `closes_at`.
    """

    class Kind(models.TextChoices):
        SURVEY = "survey", _("Questions")
        ALLEGATION = "allegation", _("Response to an allegation")

    class ReminderMode(models.TextChoices):
        APPROVED = "approved", _("after a person has approved them")
        AUTOMATIC = "automatic", _("by themselves")

    slug = models.SlugField(_("address on the site"), max_length=100, unique=True)
    language = models.CharField(_("language of its texts"), max_length=10, default="en")
    title = models.CharField(_("title"), max_length=500)
    headline = models.CharField(_("headline"), max_length=300, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    context = models.TextField(_("context"), blank=True, help_text=_("Markdown"))
    notice = models.TextField(_("notice"), blank=True, help_text=_("Shown above everything on its pages."))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SURVEY)
    source_url = models.URLField(_("source"), max_length=500, blank=True)
    trigger_kind = models.CharField(_("kind of report"), max_length=50, blank=True)
    trigger_title = models.CharField(_("title of the report"), max_length=500, blank=True)
    trigger_author = models.CharField(_("author of the report"), max_length=300, blank=True)
    trigger_on = models.DateField(_("date of the report"), null=True, blank=True)
    trigger_stated = models.CharField(max_length=10, blank=True)
    trigger_link = models.URLField(_("link to the report"), max_length=500, blank=True)
    topics = models.ManyToManyField(
        "campaigns.Topic", through="campaigns.CampaignTopic", blank=True, verbose_name=_("topics")
    )

    time_zone = models.CharField(
        _("time zone"), max_length=50, default=_time_zone_default, validators=[_check_time_zone]
    )
    asked_on = models.DateField(_("asked on"), null=True, blank=True)
    asked_stated = models.CharField(max_length=10, blank=True)
    deadline = models.DateField(_("reply by"), null=True, blank=True)
    deadline_stated = models.CharField(max_length=10, blank=True)
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    closes_stated = models.CharField(max_length=10, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)  # null: open
    closes_by_itself = models.BooleanField(_("closes by itself where nothing is doubtful"), default=False)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_stated = models.CharField(max_length=10, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawn_because = models.TextField(_("why it was withdrawn"), blank=True)

    previous_round = models.SlugField(_("previous round"), max_length=100, blank=True)  # resolved when read
    counts_as_response = models.JSONField(_("what counts as a response"), default=_counts_default)
    stated_approached = models.PositiveIntegerField(_("approached, as the source states it"), null=True, blank=True)
    stated_responded = models.PositiveIntegerField(_("responded, as the source states it"), null=True, blank=True)

    from_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    from_address = models.EmailField(_("sender's address"), blank=True)
    reply_to = models.EmailField(_("replies go to"), blank=True)
    signature = models.TextField(_("signature"), blank=True)
    reminders_leave = models.CharField(
        _("reminders leave"), max_length=10, choices=ReminderMode, default=ReminderMode.APPROVED
    )
    window_from = models.TimeField(_("reminders leave from"), default=time(9))  # in the company's zone, on working days
    window_until = models.TimeField(_("reminders leave until"), default=time(17))
    daily_cap = models.PositiveIntegerField(
        _("mails a day, at most"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    paused_at = models.DateTimeField(_("sending paused"), null=True, blank=True)

    file_digest = models.CharField(max_length=64, blank=True, editable=False)  # of the file it was imported from
    imported_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-published_on", "-asked_on", "slug"]
        verbose_name, verbose_name_plural = _("campaign"), _("campaigns")
        permissions = [
            ("see_all_campaigns", _("Can see every campaign")),
            ("send_mail", _("Can approve and send mail")),
            ("close_campaign", _("Can close a campaign")),
            ("publish_campaign", _("Can publish and withdraw")),
            ("import_campaign", _("Can import campaign files")),
            ("export_contacts", _("Can export contacts")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(slug="") & ~Q(title=""), name="campaign_has_slug_and_title"),
            models.CheckConstraint(condition=Q(kind__in=["survey", "allegation"]), name="campaign_kind_is_known"),
            models.CheckConstraint(
                condition=Q(window_from__lt=models.F("window_until")), name="campaign_window_is_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(closes_on=None), name="a_closed_campaign_has_its_day"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{day}_on" if day != "deadline" else day: None, f"{day}_stated": ""})
                    | (~Q(**{f"{day}_on" if day != "deadline" else day: None}) & ~Q(**{f"{day}_stated": ""})),
                    name=f"campaign_{day}_is_stated",
                )
                for day in ("trigger", "asked", "deadline", "closes", "published")
            ),
        ]

    def __str__(self):
        return self.headline or self.title

    def get_absolute_url(self):
        return reverse("campaign", args=[self.slug])

    @property
    def stage(self):
        """ "draft", "live" or "closed"; publication is another matter."""
        if self.closed_at:
            return "closed"
        return "live" if self.asked_on else "draft"

    def counts(self, reply):
        """Say whether a reply of this kind is a response by this campaign's definition."""
        return reply in self.counts_as_response

    def refresh_count(self):
        """Store today's figures for lists; the tick does it for what the outbox moved."""
        from ..figures import figures
        from .count import Count

        newest = self.approaches.aggregate(newest=models.Max("events__id"))["newest"] or 0
        now = figures(self)
        rate = now.responded / now.approached if now.approached else None
        values = {"approached": now.approached, "responded": now.responded, "rate": rate, "last_event": newest}
        Count.objects.update_or_create(campaign=self, defaults=values)

    def clean(self):
        if wrong := [value for value in self.counts_as_response if value not in OUTCOMES]:
            raise ValidationError({"counts_as_response": _("%(value)s is not a response.") % {"value": wrong[0]}})
        before = Campaign.objects.filter(pk=self.pk).exclude(closed_at=None).first()
        if before and before.closes_on != self.closes_on:
            raise ValidationError({"closes_on": _("The campaign is closed. Move its close on the closing page.")})

    def save(self, *args, **kwargs):
        """Keep the instants true to their days, also when the zone changes."""
        for day in ("trigger_on", "asked_on", "deadline", "closes_on", "published_on"):
            stated = "deadline_stated" if day == "deadline" else day.replace("_on", "_stated")
            setattr(self, stated, days.restated(getattr(self, day), getattr(self, stated)))
        self.closes_at = self.closes_on and days.end(self.closes_on, self.time_zone)
        self.published_at = self.published_on and days.start(self.published_on, self.time_zone)
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, "closes_at", "published_at", "closes_stated", "edited_at"}
        before = Campaign.objects.filter(pk=self.pk).values("time_zone", "counts_as_response").first()
        super().save(*args, **kwargs)
        if before and before["counts_as_response"] != self.counts_as_response:
            from ..restating import restate

            restate(self)
        if before and before["time_zone"] != self.time_zone:
            for approach in self.approaches.exclude(responses__embargo_until=None).distinct():
                for response in approach.responses.exclude(embargo_until=None):
                    response.save(update_fields=["embargo_at"])
