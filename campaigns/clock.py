"""The one clock: the database's time, and in the demo the offset that its visitors turned it forward by."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone


def real_now():
    """Return the database server's time (UTC), which leases use; SQLite runs on this machine and has ours."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def offset():
    """Return how far the demo's clock is ahead; nothing outside the demo."""
    if not settings.DEMO:
        return timedelta()
    from .models import ClockOffset

    return ClockOffset.objects.values_list("ahead", flat=True).first() or timedelta()


def now():
    """Return the instant that every rule is given as `now`."""
    return real_now() + offset()
