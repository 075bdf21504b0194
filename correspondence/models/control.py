from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Control(models.Model):
    """The one row that every sender reads before the point of no return: who stopped the mail, and when it last ran."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    held_at = models.DateTimeField(_("held since"), null=True, blank=True)
    held_because = models.CharField(_("held because"), max_length=300, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    generation = models.CharField(max_length=100, blank=True, editable=False)  # see generation.py
    breaker_opened_at = models.DateTimeField(_("mail server given up since"), null=True, blank=True)
    breaker_because = models.CharField(_("because"), max_length=300, blank=True)
    answers = models.CharField(max_length=50, blank=True, editable=False)  # the server's last ones, see breaker.py
    probed_at = models.DateTimeField(_("mail server last tried"), null=True, blank=True)
    relay_checked_at = models.DateTimeField(_("mail server last asked"), null=True, blank=True)
    relay_fault = models.CharField(_("what it said"), max_length=300, blank=True)  # empty: it let us in
    last_tick_at = models.DateTimeField(_("last tick"), null=True, blank=True)  # the clock's time
    last_seen_at = models.DateTimeField(_("worker last seen"), null=True, blank=True)  # real time

    class Meta:
        verbose_name, verbose_name_plural = _("sending"), _("sending")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="control_has_one_row")]

    def __str__(self):
        return str(_("Mail is held") if self.held_at else _("Mail leaves"))


class Allowance(models.Model):
    """How many mails went in one stretch of time under one limit: a domain's hour, a campaign's day.

    Its row is raised in the transaction that lets a mail pass, only while it is below the limit.
    """

    key = models.CharField(max_length=300)  # "domain:example.org", "campaign:12"
    since = models.DateTimeField()  # begin of the stretch
    used = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("allowance"), _("allowances")
        constraints = [models.UniqueConstraint(fields=["key", "since"], name="allowance_once")]

    def __str__(self):
        return f"{self.key} {self.since:%Y-%m-%d %H:%M}"
