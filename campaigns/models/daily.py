from django.db import models
from django.utils.translation import gettext_lazy as _


class Daily(models.Model):
    """Something that is done once a day, and what it found the last time; a row for each."""

    class Name(models.TextChoices):
        CHECK = "check", _("Check of stored statuses")
        DIGEST = "digest", _("Digest of what waits")

    name = models.CharField(primary_key=True, max_length=10, choices=Name)
    day = models.DateField()  # of the site's zone, for which it was last done
    at = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)  # of what was found
    found = models.JSONField(default=list)  # CHECK: [approach's id, its name], as many as are worth listing

    def __str__(self):
        return f"{self.name} {self.day}"
