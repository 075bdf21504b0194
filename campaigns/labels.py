"""What readers are told about a company in a campaign: one word, one shape, one note. No template decides."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .status import NotApproachedBecause, Reach, Reply


class Label(NamedTuple):
    """`key` names the icon, the badge's style and the fill of charts; `note` is empty or what the word leaves out."""

    key: str
    word: str
    note: str = ""


WORDS = {
    "responded": gettext_lazy("Responded"),
    "partial": gettext_lazy("Partial response"),
    "declined": gettext_lazy("Declined"),
    "silent": gettext_lazy("No response"),
    "awaiting": gettext_lazy("Awaiting response"),
    "unreached": gettext_lazy("Could not be reached"),
    "unasked": gettext_lazy("Not asked"),
    "planned": gettext_lazy("To be asked"),
}
ORDER = tuple(WORDS)  # in which lists show them, responses first
IN_THE_RATE = ("responded", "partial", "declined", "silent", "awaiting")

_OF_REACH = {Reach.PLANNED: "planned", Reach.UNREACHED: "unreached", Reach.NOT_APPROACHED: "unasked"}
_OF_REPLY = {
    Reply.RESPONDED: "responded",
    Reply.REFERS_TO_PUBLIC: "responded",
    Reply.ANSWERED_BY_OTHER: "responded",
    Reply.PARTIAL: "partial",
    Reply.DECLINED: "declined",
    Reply.DECLINED_WITH_STATEMENT: "declined",
    Reply.NOT_CONCERNED: "declined",
}
_NOTES = {
    Reply.REFERS_TO_PUBLIC: gettext_lazy("points to what is already public"),
    Reply.NOT_CONCERNED: gettext_lazy("says the questions do not concern it"),
    Reply.DECLINED_WITH_STATEMENT: gettext_lazy("sent a statement"),
    Reply.ENGAGED: gettext_lazy("talked, sent nothing in writing"),
}
_STILL_SILENT = (Reply.SILENT, Reply.ACKNOWLEDGED, Reply.ENGAGED)


def key_of(reach, reply, closed):
    """Return the label's key. "silent" needs a campaign that was closed; until then, and for those whom the close left
    at "nothing yet", it is "awaiting"."""
    if reach != Reach.INVITED:
        return _OF_REACH[reach]
    if reply in _OF_REPLY:
        return _OF_REPLY[reply]
    return "silent" if closed and reply in _STILL_SILENT else "awaiting"


def label(reach, reply, closed, *, because="", answered_by="", on="", late=False, overdue=False):
    """Return the Label of one company in one campaign.

    closed       whether somebody closed the campaign (Campaign.closed_at), whatever its closing day says
    because      a NotApproachedBecause, for reach not_approached
    answered_by  who answered for it, for reply answered_by_other
    on           the day of the reply as readers see it ("14 July 2022"), empty where it is not recorded
    late         whether the reply came after the close
    overdue      whether the closing day is over
    """
    key = key_of(reach, reply, closed)
    notes = [_note(reach, reply, because, answered_by, on)]
    if key == "awaiting" and (closed or overdue):
        notes.append(_("closing date passed"))
    if late:
        notes.append(_("received after the closing date"))
    return Label(key, str(WORDS[key]), "; ".join(filter(None, notes)))


def _note(reach, reply, because, answered_by, on):
    if reach == Reach.NOT_APPROACHED:
        return str(NotApproachedBecause(because).label) if because else ""
    if reply == Reply.ANSWERED_BY_OTHER:
        return (
            _("answered by %(company)s") % {"company": answered_by} if answered_by else _("answered by another company")
        )
    if reply == Reply.ACKNOWLEDGED:
        return _("confirmed receipt on %(day)s") % {"day": on} if on else _("confirmed receipt")
    return str(_NOTES.get(reply, ""))
