"""What a wording's fields stand for in a campaign: an example from its first company, and whom a field is empty for."""

from collections import defaultdict
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.status import Reach
from companies.models import Contact

from . import merged, reply_links, wording
from .models import WordingKind
from .wording import Blocked

NAMED = 5  # companies in a sentence; the rest is counted


class Example(NamedTuple):
    field: str
    description: str
    value: str  # "" where the first company has none


def examples(letters, language):
    """Return [Example] of every field, as it would read for the first company of the campaign of these Letters."""
    _approach, values = _first(letters, language)
    return [Example(name, field.description, values.get(name, "")) for name, field in wording.FIELDS.items()]


def reads(letters, text, today):
    """Return (Approach, subject, body) of a Wording, stored or not, as the first company would read it; or Blocked.

    today  what {invited_on} says where the company is not invited yet
    """
    approach, values = _first(letters, text.language)
    if approach is None:
        raise Blocked(_("There is no company yet."))
    values["invited_on"] = values["invited_on"] or today
    body = wording.merge(wording.many_lines(text.body), values).rstrip()
    with translation.override(text.language):
        ending = merged.stop_sentence()
    return approach, wording.one_line(wording.merge(text.subject, values)), f"{body}\n\n{ending}"


def _first(letters, language):
    """Return (the first Approach of the campaign, its values), or (None, {})."""
    first = letters.campaign.approaches.all()[:1]
    records = merged.Records(letters.campaign.approaches.filter(pk__in=[approach.pk for approach in first]))
    for approach in records.approaches.values():
        chosen = records.chosen[approach.pk]
        contact = chosen[0].contact if chosen else Contact()
        return approach, _values(letters, records, approach, contact, language)
    return None, {}


def gaps(letters, kind, text):
    """Return sentences: which fields of a Wording or Letter are empty, without a fallback, for which companies.

    kind  its WordingKind; a reminder's {invited_on} is not missed before there is an invitation
    """
    needed = wording.needed(text)
    if not needed:
        return []
    asked = letters.campaign.approaches.filter(reach__in=[Reach.PLANNED, Reach.INVITED])
    records, empty, count = merged.Records(asked), defaultdict(list), 0
    for approach in records.approaches.values():
        try:
            contact = merged.recipients(records.chosen[approach.pk])[0].contact
            if kind != WordingKind.LETTER and letters.wording(kind, contact)[1].language != text.language:
                continue
        except Blocked:  # nobody can write to this company: another matter
            continue
        count += 1
        values = _values(letters, records, approach, contact, text.language)
        later = {"invited_on"} if approach.reach == Reach.PLANNED and kind != WordingKind.INVITATION else set()
        for name in needed:
            if not values[name] and name not in later:
                empty[name].append(approach.listed_as)
    return [_sentence(name, companies, count) for name, companies in empty.items()]


def _values(letters, records, approach, contact, language):
    invited, link = records.invited.get(approach.pk), reply_links.address(merged.NO_LINK, language)
    return letters.values(approach, contact, language, invited=invited, link=link)


def _sentence(name, companies, count):
    said = {"field": f"{{{name}}}", "names": ", ".join(companies[:NAMED]), "count": len(companies)}
    if len(companies) == count and count > 1:
        return _("The field %(field)s is empty for every company. Add what is missing, or a fallback.") % said
    if len(companies) > NAMED:
        said["more"] = len(companies) - NAMED
        text = _("The field %(field)s is empty for %(count)d companies: %(names)s and %(more)d more.")
    else:
        text = ngettext(
            "The field %(field)s is empty for %(count)d company: %(names)s.",
            "The field %(field)s is empty for %(count)d companies: %(names)s.",
            len(companies),
        )
    advice = _("Add a name or a fallback.") if name == "contact_name" else _("Add what is missing, or a fallback.")
    return f"{text % said} {advice}"
