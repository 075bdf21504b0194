from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import days


class Asker(models.Model):
    """An organisation that asks; the first one leads."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="askers")
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("organisation that asks"), _("organisations that ask")
        constraints = [models.UniqueConstraint(fields=["campaign", "name"], name="asker_once")]

    def __str__(self):
        return self.name


class Finding(models.Model):
    """One sentence that the campaign's page says first."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="findings")
    text = models.TextField(_("text"), blank=True)  # empty where it is only known in another language
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("finding"), _("findings")

    def __str__(self):
        return self.text[:60]


class TimelineEntry(models.Model):
    """Something that happened around the campaign: a report, a briefing, an escalation."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="timeline")
    on = models.DateField(_("date"))
    stated = models.CharField(max_length=10)
    kind = models.CharField(_("kind"), max_length=50, blank=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name, verbose_name_plural = _("timeline entry"), _("timeline")

    def __str__(self):
        return f"{self.stated} {self.title}"

    def save(self, *args, **kwargs):
        self.stated = days.restated(self.on, self.stated)
        super().save(*args, **kwargs)
