"""Which companies would get a mail outside their working hours, were it to leave at an instant: shown, not hidden."""

from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import window
from campaigns.models import Approach


def quiet(campaign, keys, at):
    """Return {approach id: sentence} of those for whom `at` lies outside the campaign's window there.

    keys  ids of approaches; three queries
    """
    rows = Approach.objects.filter(pk__in=keys).select_related("company").prefetch_related("chosen__contact")
    found = {}
    for approach in rows:
        approach.campaign = campaign
        there = window.of(approach)
        if there.next_opening(at) > at:
            local = date_format(at.astimezone(ZoneInfo(there.zone)), "l H:i")
            found[approach.pk] = _("It will be %(time)s at the company.") % {"time": local}
    return found
