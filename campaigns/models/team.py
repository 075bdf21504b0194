from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Membership(models.Model):
    """A person works on a campaign: researchers see and change only those that they are members of."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("member of the team"), _("team")
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="member_once")]

    def __str__(self):
        return str(self.user)
