"""One company's whole public record: every campaign that asked it, how it stands there, and its responses in full."""

from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns import chronicle, figures, freshness, roll, texts
from campaigns.models import Approach, Campaign, Event
from campaigns.status import Reach
from companies.models import Company, FormerSlug

from .campaign_page import edits
from .models import Response
from .redacting import cuts_of, pieces

BIG_FIGURE_FROM = 5  # requests
_CAMPAIGN = ("pk", "edited_at", "closes_at")


@dataclass
class Entry:
    """One campaign in the record."""

    campaign: Campaign
    title: texts.Text
    notice: texts.Text
    row: roll.Row
    asked_stated: str
    record: list
    responses: list


def find(slug, now):
    """Return (company, moved): the company of a public record; `moved` where it stands under another address now."""
    asked = Approach.objects.public(now).filter(reach__in=(Reach.INVITED, Reach.UNREACHED)).values("company")
    public = Company.objects.filter(pk__in=asked)
    if company := public.filter(slug=slug).first():
        return company, False
    former = FormerSlug.objects.filter(slug=slug, company__in=public).select_related("company").first()
    return (former.company, True) if former else (None, False)


def stamp(company, now):
    """Two queries; what a response of another company that covers this one says is in it."""
    campaigns = Campaign.objects.public(now).filter(approaches__company=company).order_by("pk")
    known = [(pk, edited, closes and closes <= now) for pk, edited, closes in campaigns.values_list(*_CAMPAIGN)]
    public = [pk for pk, *_rest in known]
    given = Q(approach__company=company) | Q(covers__company=company)
    made = freshness.stamp(
        ("events", Event.objects.filter(approach__company=company, approach__campaign__in=public), Max("id")),
        ("approaches", Approach.objects.filter(company=company, campaign__in=public), Max("edited_at"), Count("id")),
        ("responses", Response.objects.filter(given, approach__campaign__in=public), *edits(now)),
        ("names", company.aliases.all(), Max("id")),
    )
    return f"{known}|{made}"


def build(company, now):
    """Return the template's context."""
    entries = _entries(company, now)
    asked = [entry for entry in entries if entry.row.state.reach == Reach.INVITED]
    responded = sum(entry.row.counted for entry in asked)
    return {
        "company": company,
        "aliases": [alias.name for alias in company.aliases.all()],
        "sectors": [sector.name for sector in company.sectors.all()],
        "entries": entries,
        "asked": len(asked),
        "responded": responded,
        "rate": figures.rate_percent(responded, len(asked)),
        "big": len(asked) >= BIG_FIGURE_FROM,
        "sentence": _sentence(len(asked), responded),
        "with_responses": [entry for entry in entries if entry.responses],
        "page_title": company.name,
        "crumbs": [{"url": reverse("companies"), "label": _("Companies")}],
        "page_description": _sentence(len(asked), responded),
    }


def _sentence(asked, responded):
    if not asked:
        return _("We tried to ask this company and could not reach it.")
    times = ngettext("Asked once", "Asked %(n)d times", asked) % {"n": asked}
    answered = ngettext("responded once", "responded %(n)d times", responded) % {"n": responded}
    return _("%(asked)s, %(answered)s.") % {"asked": times, "answered": answered}


def _entries(company, now):
    campaigns = {one.pk: one for one in Campaign.objects.public(now).filter(approaches__company=company)}
    read = texts.read_titles(campaigns.values(), get_language())
    events = roll.events_of_company(company, now)
    responses = _responses(company, now)
    return [
        Entry(
            campaign=campaign,
            title=read[campaign.pk].first("headline", "title"),
            notice=read[campaign.pk].of("notice"),
            row=row,
            asked_stated=row.asked_stated or campaign.asked_stated,
            record=chronicle.contact_record(events[row.pk]),
            responses=responses.get(row.pk, []),
        )
        for campaign, row in roll.rows_of_company(company, campaigns, read, now)
    ]


def _responses(company, now):
    """{approach pk: [public responses, newest last, each with its letter]}; those of others that cover it as well."""
    found = {}
    own = Response.objects.public(now).filter(approach__company=company, kind=Response.Kind.REPLY)
    for response in own.prefetch_related("redactions").order_by("position", "id"):
        response.letter = pieces(response.text, cuts_of(response))
        found.setdefault(response.approach_id, []).append(response)
    covering = Approach.objects.public(now).filter(company=company, covered_by__in=Response.objects.public(now))
    joint = dict(covering.values_list("pk", "covered_by"))
    for response in Response.objects.public(now).filter(pk__in=set(joint.values())).select_related("approach"):
        for pk in (pk for pk, one in joint.items() if one == response.pk):
            response.letter = []
            found.setdefault(pk, []).append(response)
    return found
