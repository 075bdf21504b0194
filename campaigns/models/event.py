from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventQuerySet(models.QuerySet):
    def standing(self):
        """Without retractions and what they took back."""
        return self.filter(retraction=None).exclude(kind=Event.Kind.RETRACTED)

    def public(self, now):
        """What the public contact record may show; who recorded it and why never leave the database."""
        from .approach import Approach

        shown = self.standing().filter(approach__in=Approach.objects.public(now), kind__in=Event.PUBLIC)
        return shown.defer("by", "reason")


class Event(models.Model):
    """A fact about an approach: appended, never edited or deleted. What a later one takes back, it `retracts`.

    Its id is its place in the order of recording: it is written while the approach's row is locked.
    """

    class Kind(models.TextChoices):
        INVITED = "invited", _("Invited")
        REMINDED = "reminded", _("Reminded")
        CONTACTED = "contacted", _("Contacted")
        RETURNED = "returned", _("Came back")
        MOVED = "moved", _("Status moved")
        RETRACTED = "retracted", _("Taken back")
        SKIPPED = "skipped", _("Step skipped")
        EXTENDED = "extended", _("More time given")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        POST = "post", _("Post")
        PHONE = "phone", _("Telephone")
        WEB_FORM = "web_form", _("Web form")
        MEETING = "meeting", _("Meeting")
        OTHER = "other", _("Other")

    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        RETURNED = "returned", _("Came back")
        UNKNOWN = "unknown", _("Not known")

    PUBLIC = (Kind.INVITED, Kind.REMINDED, Kind.CONTACTED, Kind.RETURNED, Kind.MOVED, Kind.EXTENDED)

    approach = models.ForeignKey(
        "campaigns.Approach", models.PROTECT, related_name="events", verbose_name=_("approach")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    field = models.CharField(max_length=5, blank=True)  # "reach", "reply", or empty: it moves nothing
    before = models.CharField(_("before"), max_length=25, blank=True)
    after = models.CharField(_("after"), max_length=25, blank=True)
    on = models.DateField(_("day"))  # the day it counts from
    stated = models.CharField(_("day, as known"), max_length=10, blank=True)  # empty: nobody recorded it
    at = models.DateTimeField(_("recorded"))
    retracts = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="retraction", verbose_name=_("takes back")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    step = models.CharField(_("step"), max_length=100, blank=True)
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    attempt = models.UUIDField(null=True, blank=True)  # the message's id; no foreign key, imports point down
    remark = models.TextField(_("public remark"), blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    reason = models.TextField(_("reason"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("event"), _("events")
        indexes = [models.Index(fields=["approach", "field", "on", "id"], name="event_state")]
        constraints = [
            models.CheckConstraint(condition=Q(field__in=["", "reach", "reply"]), name="event_field_is_known"),
            models.CheckConstraint(
                condition=Q(field="", after="") | (~Q(field="") & ~Q(after="")) | Q(kind="retracted"),
                name="event_that_moves_says_where",
            ),
            models.CheckConstraint(
                condition=Q(kind="retracted", retracts__isnull=False) | (~Q(kind="retracted") & Q(retracts=None)),
                name="only_a_retraction_retracts",
            ),
        ]

    def __str__(self):
        return f"{self.on}: {self.kind} {self.after}".strip()
