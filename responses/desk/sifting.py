"""Which companies of a campaign the desk lists: what the address asks for, as far as it makes sense."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q
from django_countries import countries

from campaigns.models import ChosenContact
from companies.models import Alias
from companies.names import fold

from .conditions import STANDINGS, annotated

SORTS = {  # {name: fields, from the first one on}
    "status": ["place", "remind_at"],
    "name": ["listed_as"],
    "heard": ["reply_on"],
    "owner": ["assigned__username"],
    "next": ["remind_at"],
}
MINE, NOBODY = "mine", "nobody"


@dataclass
class Sift:
    """The filters of one visit. `options` are those that lead anywhere: {name: [(value, label)]}."""

    show: str = ""
    q: str = ""
    owner: str = ""
    group: str = ""
    country: str = ""
    sort: str = "status"
    options: dict = field(default_factory=dict)

    @classmethod
    def read(cls, get, campaign):
        """Read a QueryDict; three queries."""
        options = _options(campaign)
        known = {name: {value for value, _label in choices} for name, choices in options.items()}
        known["owner"] |= {MINE, NOBODY}
        sort = get.get("sort", "")
        return cls(
            show=show if (show := get.get("show", "")) in STANDINGS else "",
            q=get.get("q", "").strip()[:100],
            **{name: value if (value := get.get(name, "")) in known[name] else "" for name in known},
            sort=sort if sort.removeprefix("-") in SORTS else "status",
            options=options,
        )

    @property
    def filters(self):
        """Whether any company may be left out."""
        return bool(self.show or self.q or self.owner or self.group or self.country)

    def apply(self, campaign, found, user, contacts=False):
        """Return the approaches asked for, sorted, each with its `place` in the order of the words.

        found     what conditions() returned
        contacts  whether the person may find companies by their contacts as well
        """
        rows = annotated(campaign.approaches, found)
        if self.show:
            rows = rows.filter(found[self.show])
        if self.q:
            rows = rows.filter(_named(self.q, contacts))
        if self.owner in (MINE, NOBODY):
            rows = rows.filter(assigned=user if self.owner == MINE else None)
        elif self.owner:
            rows = rows.filter(assigned=self.owner)
        if self.group:
            rows = rows.filter(group=self.group)
        if self.country:
            rows = rows.filter(company__headquarters=self.country)
        names, down = SORTS[self.sort.removeprefix("-")], self.sort.startswith("-")
        order = [F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True) for name in names]
        return rows.order_by(*order, "position", "pk")

    def heads(self):
        """Return {name: (query string, aria-sort or "")} of the column heads that sort."""
        current, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        return {
            name: (
                self.query(sort=f"-{name}" if name == current and not down else name),
                ("descending" if down else "ascending") if name == current else "",
            )
            for name in SORTS
        }

    def query(self, **changes):
        """Return the query string of the same list with some parameters changed; plain values are left out."""
        names = ("show", "q", "owner", "group", "country", "sort")
        values = {name: getattr(self, name) for name in names} | changes
        if values["sort"] == "status":
            values["sort"] = ""
        return urlencode({name: value for name, value in values.items() if value})


def _options(campaign):
    rows = campaign.approaches.order_by()
    owners = rows.exclude(assigned=None).values_list("assigned", "assigned__username").distinct()
    groups = rows.exclude(group="").values_list("group", flat=True).distinct()
    codes = rows.exclude(company__headquarters="").values_list("company__headquarters", flat=True).distinct()
    return {
        "owner": sorted(((str(pk), name) for pk, name in owners), key=lambda option: option[1]),
        "group": sorted((name, name) for name in groups),
        "country": sorted(((code, countries.name(code)) for code in codes), key=lambda option: fold(option[1])),
    }


def _named(words, contacts):
    known = Alias.objects.filter(company=OuterRef("company"), folded__contains=fold(words))
    found = Q(listed_as__icontains=words) | Q(company__folded__contains=fold(words)) | Q(Exists(known))
    found |= Q(note__icontains=words)
    if contacts:
        mine = ChosenContact.objects.filter(approach=OuterRef("pk"))
        found |= Exists(mine.filter(Q(contact__email__icontains=words) | Q(contact__name__icontains=words)))
    return found
