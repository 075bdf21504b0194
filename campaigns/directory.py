"""Companies A to Z, and finding campaigns and companies by their names: what was publicly asked, and nothing else."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Substr, Upper

from companies.models import Alias, Company
from companies.names import fold

from .lists import SCORE, cards
from .models import Approach, Campaign, Translation
from .status import Reach

PER_PAGE = 100
HITS = 20


@dataclass
class Listed:
    """A company with its other names and how often it was asked and responded."""

    company: Company
    aliases: list
    asked: int = 0
    responded: int = 0


def asked_companies(now):
    """Return the companies with a public record: those that we wrote to, or tried to."""
    tried = Approach.objects.public(now).filter(reach__in=(Reach.INVITED, Reach.UNREACHED))
    return Company.objects.filter(pk__in=tried.values("company"))


def companies(get, now):
    """Return the context of the list; `letter` and `q` narrow it down."""
    q, letter = get.get("q", "").strip()[:100], get.get("letter", "")
    every = asked_companies(now).annotate(initial=Upper(Substr("folded", 1, 1)))
    letters = sorted(set(every.order_by().values_list("initial", flat=True)))
    letter = letter if letter in letters and not q else ""
    found = every.filter(named(q)) if q else every.filter(initial=letter) if letter else every
    page = Paginator(found.order_by("folded"), PER_PAGE).get_page(get.get("page"))
    return {
        "q": q,
        "letter": letter,
        "letters": letters,
        "crumbs": [],
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "listed": listed(list(page.object_list), now),
        "kept": f"letter={letter}&" if letter else "",
    }


def named(q):
    """Companies of which the name or an alias contains the words, case and accents aside."""
    words = fold(q)
    return Q(folded__contains=words) | Q(pk__in=Alias.objects.filter(folded__contains=words).values("company"))


def listed(companies, now):
    """Return a Listed for each company, two queries."""
    rows = {company.pk: Listed(company, []) for company in companies}
    for pk, name in Alias.objects.filter(company__in=rows).values_list("company", "name"):
        rows[pk].aliases.append(name)
    asked = Approach.objects.public(now).filter(company__in=rows, reach=Reach.INVITED)
    for pk, reply, counting in asked.values_list("company", "reply", "campaign__counts_as_response"):
        rows[pk].asked += 1
        rows[pk].responded += reply in counting
    return list(rows.values())


def search(get, now):
    """Return the context of the search page: public campaigns by title, companies by name."""
    q = get.get("q", "").strip()[:100]
    if not q:
        return {"q": "", "total": 0, "crumbs": []}
    titled = Translation.objects.filter(field__in=("title", "headline"), text__icontains=q).values("campaign")
    wanted = Q(title__icontains=q) | Q(headline__icontains=q) | Q(pk__in=titled)
    public = Campaign.objects.public(now).filter(wanted).annotate(**SCORE)
    campaigns = list(public.order_by("-published_on", "slug")[:HITS])
    found = listed(list(asked_companies(now).filter(named(q)).order_by("folded")[:HITS]), now)
    return {"q": q, "campaigns": cards(campaigns), "listed": found, "total": len(campaigns) + len(found), "crumbs": []}
