from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Event


class ByHand(models.Model):
    """What a person logged of a call, a letter, a web form or a meeting: its Message has the state LOGGED.

    The public record shows the day, the channel and the result of the Event that goes with it, and nothing of this row.
    """

    class Way(models.TextChoices):
        OUT = "out", _("We contacted the company")
        IN = "in", _("The company contacted us")

    message = models.OneToOneField(
        "correspondence.Message", models.CASCADE, related_name="by_hand", primary_key=True, verbose_name=_("message")
    )
    way = models.CharField(_("who began"), max_length=3, choices=Way)
    channel = models.CharField(_("channel"), max_length=10, choices=Event.Channel)
    on = models.DateField(_("day"))
    stated = models.CharField(max_length=10)
    contact = models.ForeignKey(
        "companies.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    note = models.TextField(_("what was said"), blank=True)
    file_name = models.CharField(_("document"), max_length=150, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    content = models.BinaryField(null=True, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("logged by"))

    class Meta:
        verbose_name, verbose_name_plural = _("contact by hand"), _("contacts by hand")

    def __str__(self):
        return f"{self.get_channel_display()}, {self.stated}"
