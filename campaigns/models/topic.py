from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.Model):
    """What a campaign is about: a region, a sector or an issue. Visitors filter by them."""

    class Kind(models.TextChoices):
        REGION = "region", _("Region")
        SECTOR = "sector", _("Sector")
        ISSUE = "issue", _("Issue")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("address"), max_length=80)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name, verbose_name_plural = _("topic"), _("topics")
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="topic_address_once"),
            models.UniqueConstraint(fields=["kind", "name"], name="topic_once"),
        ]

    def __str__(self):
        return self.name


class CampaignTopic(models.Model):
    """A topic of a campaign, in the order in which it is named."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE)
    topic = models.ForeignKey(Topic, models.PROTECT)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "topic"], name="campaign_topic_once")]

    def __str__(self):
        return str(self.topic)
