import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Batch(models.Model):
    """One approval: exactly this set of mails, by this person. Its key makes a second click the same act."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey("campaigns.Campaign", models.PROTECT, related_name="batches")
    idempotency_key = models.CharField(max_length=100, unique=True)
    set_hash = models.CharField(max_length=64)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_count = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-approved_at"]
        verbose_name, verbose_name_plural = _("approval"), _("approvals")

    def __str__(self):
        return f"{self.campaign} {self.approved_at:%Y-%m-%d %H:%M}"


class Approved(models.Model):
    """One mail of an approval, with the hash of the bytes that were shown. It stays when the approval is undone."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="approved")
    message = models.ForeignKey("correspondence.Message", models.PROTECT, related_name="approvals")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name, verbose_name_plural = _("approved mail"), _("approved mails")
        constraints = [models.UniqueConstraint(fields=["batch", "message"], name="approved_once")]

    def __str__(self):
        return f"{self.batch_id} {self.message_id}"
