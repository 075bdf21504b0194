"""Which companies would get a mail outside their working hours, were it to leave at an instant: shown, not hidden."""

from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from correspondence import office_hours


def quiet(keys, at, *, waits=False):
    """Return {approach id: sentence} of those for whom `at` lies outside the campaign's window there.

    keys   ids of approaches; four queries for each 500
    waits  whether their mail waits for these hours: then the sentence names their beginning
    """
    found = {}
    for approach, there in office_hours.approaches(keys):
        if (opens := there.next_opening(at)) > at:
            local = date_format((opens if waits else at).astimezone(ZoneInfo(there.zone)), "l H:i")
            text = _("It waits for %(time)s at the company.") if waits else _("It will be %(time)s at the company.")
            found[approach.pk] = text % {"time": local}
    return found
