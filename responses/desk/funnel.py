"""From the list to an answer: how many companies came how far."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from campaigns.status import OUTCOMES, Reply


class Stage(NamedTuple):
    """`share` is the bar's width in hundredths of the longest."""

    name: str
    number: int
    share: float
    fill: str  # the pattern of the public page's charts
    note: str = ""


def funnel(figures):
    """Return the Stages of a campaign from its Figures; companies that nobody means to ask are in none."""
    listed = figures.planned + figures.approached + figures.unreached
    back = sum(number for reply, number in figures.by_reply.items() if reply not in (Reply.NONE, Reply.SILENT))
    replied = sum(number for reply, number in figures.by_reply.items() if reply in OUTCOMES)
    unreached = _("%(number)d could not be reached") % {"number": figures.unreached} if figures.unreached else ""
    counted = _("%(number)d of them count as a response") % {"number": figures.responded}
    stages = [
        (_("Planned"), listed, "awaiting", unreached),
        (_("Invited"), figures.approached, "silent", ""),
        (_("Wrote back"), back, "partial", ""),
        (_("Replied"), replied, "responded", counted if replied != figures.responded else ""),
    ]
    return [Stage(name, number, 100 * number / (listed or 1), *rest) for name, number, *rest in stages]
