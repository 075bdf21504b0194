"""Home and the list of campaigns: score cards from the stored counts."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Q, Sum
from django.utils.translation import get_language

from .figures import rate_percent
from .models import Approach, Asker, Campaign, Topic
from .patterns import UNITS
from .status import Reach
from .texts import Text, read_titles

PER_PAGE = 20
NEWEST = 3  # on the first page
SCORE = {"responded": F("count__responded"), "approached": F("count__approached")}
_NEWEST_FIRST = (F("published_on").desc(nulls_last=True), F("asked_on").desc(nulls_last=True), "slug")


@dataclass
class Card:
    """A campaign with its score."""

    campaign: Campaign
    title: Text
    notice: Text
    asker: str
    responded: int
    approached: int

    @property
    def rate(self):
        return rate_percent(self.responded, self.approached)

    @property
    def units(self):
        """True for each company that responded, False for the others; nothing where there are too many."""
        if self.approached > UNITS:
            return []
        return [True] * self.responded + [False] * (self.approached - self.responded)


def cards(campaigns):
    """Return the Cards of campaigns that came with their counts, two queries."""
    texts = read_titles(campaigns, get_language())
    askers = {}
    for campaign, name in Asker.objects.filter(campaign__in=campaigns).values_list("campaign", "name"):
        askers.setdefault(campaign, name)
    return [
        Card(
            campaign=campaign,
            title=texts[campaign.pk].first("headline", "title"),
            notice=texts[campaign.pk].of("notice"),
            asker=askers.get(campaign.pk, ""),
            responded=campaign.responded or 0,
            approached=campaign.approached or 0,
        )
        for campaign in campaigns
    ]


def _counted(now):
    return Campaign.objects.public(now).annotate(**SCORE).order_by(*_NEWEST_FIRST)


def home(now):
    """Return the first page's context: the newest campaigns, and what all of them come to."""
    public = Campaign.objects.public(now)
    totals = public.aggregate(
        campaigns=Count("pk"), since=Min("asked_on"), asked=Sum("count__approached"), responded=Sum("count__responded")
    )
    companies = Approach.objects.public(now).filter(reach=Reach.INVITED).aggregate(n=Count("company", distinct=True))
    return {"cards": cards(list(_counted(now)[:NEWEST])), "totals": totals, "companies": companies["n"]}


def campaigns(get, now):
    """Return the context of the list, filtered by region, issue, year and stage, as far as the values make sense."""
    topics = Topic.objects.filter(campaign__in=Campaign.objects.public(now)).distinct()
    options = {"region": [], "issue": []}
    for kind, slug, name in topics.order_by("name").values_list("kind", "slug", "name"):
        options.setdefault(kind, []).append((slug, name))
    years = Campaign.objects.public(now).exclude(asked_on=None).dates("asked_on", "year", order="DESC")
    options["year"] = [(str(day.year), str(day.year)) for day in years]
    options["stage"] = [("open", ""), ("closed", "")]
    chosen = {
        name: value if (value := get.get(name, "")) in dict(options[name]) else ""
        for name in ("region", "issue", "year", "stage")
    }
    found = _counted(now).filter(_matching(chosen)).distinct()
    page = Paginator(found, PER_PAGE).get_page(get.get("page"))
    kept = "".join(f"{name}={value}&" for name, value in chosen.items() if value)
    return {
        "options": options,
        "chosen": chosen,
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "cards": cards(list(page.object_list)),
        "crumbs": [],
        "any_chosen": any(chosen.values()),
        "kept": kept,
    }


def _matching(chosen):
    wanted = Q()
    for kind in ("region", "issue"):
        if chosen[kind]:
            of_topic = Topic.objects.filter(kind=kind, slug=chosen[kind]).values("campaign")
            wanted &= Q(pk__in=of_topic)
    if chosen["year"]:
        wanted &= Q(asked_on__year=int(chosen["year"]))
    if chosen["stage"]:
        wanted &= Q(closed_at__isnull=chosen["stage"] == "open")
    return wanted
