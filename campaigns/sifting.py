"""The table of companies: what a reader filters, sorts and pages. A parameter that makes no sense is left out."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django_countries import countries

from companies.names import fold

from .labels import ORDER, WORDS

PER_PAGE = 50
MANY = 3  # fewer rows than this that sent nothing are shown one by one
_SORTS = {
    "status": lambda row: ORDER.index(row.label.key),
    "name": lambda row: fold(row.name),
    "country": lambda row: (not row.country, row.country_name),
    "sector": lambda row: (not row.sectors, row.sectors),
    "date": lambda row: (row.state.reply_on is None or not row.state.reply_stated, row.state.reply_on),
}


@dataclass
class Sift:
    """What the address asks for, as far as it makes sense for these rows."""

    q: str = ""
    status: str = ""
    country: str = ""
    sector: str = ""
    sort: str = "status"
    page: int = 1
    options: dict = field(default_factory=dict)  # {parameter: [(value, label, count)]}

    @classmethod
    def read(cls, get, rows):
        options = _options(rows)
        known = {name: {value for value, _label, _count in choices} for name, choices in options.items()}
        sort = get.get("sort", "")
        return cls(
            q=get.get("q", "").strip()[:100],
            **{name: value if (value := get.get(name, "")) in known[name] else "" for name in known},
            sort=sort if sort.removeprefix("-") in _SORTS else "status",
            page=int(page) if (page := get.get("page", "")).isdecimal() and len(page) < 7 else 1,
            options=options,
        )

    @property
    def filters(self):
        """Whether any row may be left out."""
        return bool(self.q or self.status or self.country or self.sector)

    @property
    def is_plain(self):
        """Whether the table is as it first shows: those that sent nothing are then told in one block."""
        return not self.filters and self.sort == "status"

    def apply(self, rows):
        """Return the rows that match, sorted; the order of the list inside equal ones."""
        wanted = fold(self.q)
        found = [
            row
            for row in rows
            if (not wanted or wanted in fold(row.name))
            and (not self.status or row.label.key == self.status)
            and (not self.country or row.country == self.country)
            and (not self.sector or self.sector in row.sectors)
        ]
        found.sort(key=_SORTS[self.sort.removeprefix("-")], reverse=self.sort.startswith("-"))
        return found

    def paged(self, rows):
        """Return the Page asked for; the last one where there are fewer."""
        return Paginator(rows, PER_PAGE).get_page(self.page)

    def heads(self, names):
        """Return the column heads that sort: {name: (query string, aria-sort or "")}."""
        current, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        return {
            name: (
                self.query(sort=f"-{name}" if name == current and not down else name, page=1),
                ("descending" if down else "ascending") if name == current else "",
            )
            for name in names
        }

    def query(self, **changes):
        """Return the query string of the same view with some parameters changed; plain values are left out."""
        values = {"q": self.q, "status": self.status, "country": self.country, "sector": self.sector}
        values |= {"sort": self.sort, "page": self.page} | changes
        if values["sort"] == "status":
            values["sort"] = ""
        if values["page"] == 1:
            values["page"] = ""
        return urlencode({name: value for name, value in values.items() if value})


def _options(rows):
    count = {"status": {}, "country": {}, "sector": {}}
    for row in rows:
        for name, value in [("status", row.label.key), ("country", row.country), *(("sector", s) for s in row.sectors)]:
            if value:
                count[name][value] = count[name].get(value, 0) + 1
    return {
        "status": [(key, WORDS[key], count["status"][key]) for key in ORDER if key in count["status"]],
        "country": sorted(
            ((code, countries.name(code), number) for code, number in count["country"].items()),
            key=lambda option: fold(option[1]),
        ),
        "sector": [(name, name, number) for name, number in sorted(count["sector"].items())],
    }
