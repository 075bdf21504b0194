from django.db import models


class Count(models.Model):
    """Today's figures of a campaign, for lists that are sorted by them; figures() is the definition."""

    campaign = models.OneToOneField("campaigns.Campaign", models.CASCADE, primary_key=True, related_name="count")
    approached = models.PositiveIntegerField(default=0)
    responded = models.PositiveIntegerField(default=0)
    rate = models.FloatField(null=True)  # responded / approached; null when nobody was asked
    last_event = models.BigIntegerField(default=0)  # id of the newest event that it includes

    class Meta:
        indexes = [models.Index(fields=["-rate"], name="count_by_rate")]

    def __str__(self):
        return f"{self.responded} of {self.approached}"
