from datetime import timedelta

from django.db import models
from django.db.models import Q


class ClockOffset(models.Model):
    """How far the demo's clock was turned forward. One row, in the demo only: `manage.py check` refuses others."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ahead = models.DurationField(default=timedelta)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="clock_has_one_row"),
            models.CheckConstraint(condition=Q(ahead__gte=timedelta()), name="clock_is_never_behind"),
        ]

    def __str__(self):
        return str(self.ahead)
