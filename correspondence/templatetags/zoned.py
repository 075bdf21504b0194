"""An instant by somebody's clock.

{% load zoned %}
{{ instant|hour_in:zone }}               09:00
{{ instant|day_hour_in:zone }}           Mon 9 Nov, 09:00
{{ zone|zone_name }}                     America/Mexico City
"""

from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def hour_in(instant, zone):
    """Return the time of an instant in the zone of that name."""
    return date_format(instant.astimezone(ZoneInfo(zone)), "H:i")


@register.filter
def day_hour_in(instant, zone):
    """Return weekday, day and time of an instant in the zone of that name."""
    return date_format(instant.astimezone(ZoneInfo(zone)), "D j N, H:i")


@register.filter
def zone_name(zone):
    """Return a zone's name as people read it."""
    return zone.replace("_", " ")
