"""The kinds of thing that wait for a person, most urgent first: which rows they are, and how they are said."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import overdue
from campaigns.status import AWAITED
from correspondence.models import LATER_REMINDERS, REMINDERS, WORDED, Message, State, WordingKind
from responses.models import Publication, Response

SEND, CLOSE = "campaigns.send_mail", "campaigns.close_campaign"
PUBLISH, CHANGE = "responses.publish_response", "campaigns.change_approach"
MEND = "campaigns.publish_campaign"  # what is mended is what readers see


class Kind(NamedTuple):
    """How one kind of thing is said. `said`, `button` and `look` take the number; `said` has a place for {who}.

    may   the permission to settle it; others are told who `must`, and get the button `look`
    one   the page where a single one is settled, from its id and its approach's
    many  the page where those of a campaign are settled, from the campaign's id and `detail`; None: listed one by one
    """

    said: object
    button: object
    may: str
    must: object
    one: object
    many: object = None


def _mail(one, approach):
    return reverse("mail_message", args=[UUID(one)])


def _company(one, approach):
    return reverse("mail_company", args=[approach])


def _approach(one, approach):
    return reverse("approach_contacts", args=[approach])


def _response(one, approach):
    return reverse("admin:responses_response_change", args=[one])


def _ledger(state):
    return lambda campaign, detail: f"{reverse('mail_ledger')}?campaign={campaign}&result={state}"


def _closing(campaign, detail):
    return reverse("admin:campaigns_campaign_close", args=[campaign])


def _sending(campaign, kind):
    return reverse("mail_send", args=[campaign, kind]) if kind in WORDED else reverse("mail_outgoing", args=[campaign])


KINDS = {
    "unknown": Kind(
        lambda n: ngettext("{n} mail may have been sent: {who}", "{n} mails may have been sent: {who}", n),
        lambda n: ngettext("Say whether it arrived", "Say whether {n} mails arrived", n),
        SEND, lambda: _("A campaign lead must say whether it arrived."), _mail, _ledger("unknown"),
    ),
    "approval": Kind(
        lambda n: ngettext("{n} mail waits for your approval: {who}", "{n} mails wait for your approval: {who}", n),
        lambda n: ngettext("Check and approve {n} mail", "Check and approve {n} mails", n),
        SEND, lambda: _("A campaign lead must approve it."), None, _sending,
    ),
    "failed": Kind(
        lambda n: ngettext("{n} mail failed: {who}", "{n} mails failed: {who}", n),
        lambda n: ngettext("Try again", "Look at {n} failed mails", n),
        SEND, lambda: _("A campaign lead must send it again."), _mail, _ledger("failed"),
    ),
    "closing_due": Kind(
        lambda n: _("The closing date is over, and nobody has closed"),
        lambda n: _("Check the names and close"),
        CLOSE, lambda: _("A campaign lead must close it."), None, _closing,
    ),
    "bounced": Kind(
        lambda n: ngettext("Mail to {who} came back", "Mail to {n} companies came back: {who}", n),
        lambda n: ngettext("Mend the address", "Mend {n} addresses", n),
        CHANGE, lambda: _("A researcher must mend it."), _approach,
    ),
    "no_contact": Kind(
        lambda n: ngettext("{who} has no contact to write to", "{n} companies have no contact to write to: {who}", n),
        lambda n: ngettext("Choose a contact", "Choose {n} contacts", n),
        CHANGE, lambda: _("A researcher must choose one."), _approach,
    ),
    "closing_soon": Kind(
        lambda n: ngettext(
            "The campaign closes soon, and nothing reached {who}",
            "The campaign closes soon, and nothing reached {n} companies: {who}",
            n,
        ),
        lambda n: ngettext("Look at its mail", "Look at {n} companies", n),
        CHANGE, lambda: _("A researcher must find another way."), _company,
    ),
    "not_reached": Kind(
        lambda n: ngettext("Nothing reached {who} so far", "Nothing reached {n} companies so far: {who}", n),
        lambda n: ngettext("Look at its mail", "Look at {n} companies", n),
        CHANGE, lambda: _("A researcher must find another way."), _company,
    ),
    "promise": Kind(
        lambda n: ngettext("{who} promised an answer, and the day is over", "{n} promises have run out: {who}", n),
        lambda n: ngettext("Write, or give more time", "Look at {n} companies", n),
        CHANGE, lambda: _("A researcher must go on."), _company,
    ),
    "wrote_back": Kind(
        lambda n: ngettext("{who} wrote back, nothing is planned", "{n} wrote back, nothing is planned: {who}", n),
        lambda n: ngettext("Plan what comes next", "Plan what comes next for {n} companies", n),
        CHANGE, lambda: _("A researcher must plan what comes next."), _company,
    ),
    "review": Kind(
        lambda n: ngettext("A reply of {who} waits for review", "{n} replies wait for review: {who}", n),
        lambda n: ngettext("Review 1 reply", "Review {n} replies", n),
        PUBLISH, lambda: _("A reviewer must publish it."), _response,
    ),
    "draft": Kind(
        lambda n: ngettext("A reply of {who} is a draft", "{n} replies are drafts: {who}", n),
        lambda n: ngettext("Finish 1 reply", "Finish {n} replies", n),
        "responses.change_response", lambda: _("A researcher must finish it."), _response,
    ),
}  # fmt: skip
ORDER = {kind: place for place, kind in enumerate(KINDS)}
APPROVALS = {  # in the words of what waits; `who` is left out where there are many
    WordingKind.INVITATION: lambda n: ngettext(
        "{n} invitation waits for approval", "{n} invitations wait for approval", n
    ),
    **dict.fromkeys(
        (WordingKind.REMINDER, *LATER_REMINDERS),
        lambda n: ngettext("{n} reminder waits for approval", "{n} reminders wait for approval", n),
    ),
    WordingKind.LAST_NOTICE: lambda n: ngettext(
        "{n} last notice waits for approval", "{n} last notices wait for approval", n
    ),
}


class Case(NamedTuple):
    """The rows of one kind. `way` leads from a row to its approach; `detail` is what they are grouped by as well."""

    kind: str
    rows: object
    way: str
    detail: object = Value("", output_field=CharField())


def _approvable(now):
    """What can be approved: once the closing date is over nobody is invited or reminded, and somebody has to close."""
    over = Q(kind__in=(WordingKind.INVITATION, *REMINDERS), approach__campaign__closes_at__lte=now)
    return Message.objects.filter(state=State.PROPOSED).exclude(over)


def cases(now, zones):
    """Return a Case for each kind but closing_due, over all campaigns; nothing is read yet.

    zones  see overdue.zones_of()
    """
    bounced, missing = overdue.without_contact()
    not_reached, soon = overdue.not_reached(), overdue.closing_soon(now)
    replies = Response.objects.all()
    return [
        Case("unknown", Message.objects.filter(state=State.UNKNOWN), "approach__"),
        Case("approval", _approvable(now), "approach__", F("kind")),
        Case("failed", _failed(), "approach__"),
        Case("bounced", bounced, ""),
        Case("no_contact", missing, ""),
        Case("closing_soon", not_reached.filter(soon), ""),
        Case("not_reached", not_reached.exclude(soon).filter(overdue.has_contact()), ""),
        Case("promise", _unheeded(overdue.promises_run_out(now, zones)), ""),
        Case("wrote_back", overdue.nothing_planned(), ""),
        Case("review", replies.filter(publication=Publication.IN_REVIEW), "approach__"),
        Case("draft", replies.filter(publication=Publication.DRAFT), "approach__"),
    ]


def _failed():
    """Mails that failed, that nothing followed, and that somebody still waits for."""
    later = Message.objects.filter(approach=OuterRef("approach"), created_at__gt=OuterRef("created_at"))
    waits = Q(approach__reply__in=sorted(AWAITED), approach__campaign__closed_at=None)
    asks = [WordingKind.INVITATION, *REMINDERS]
    return Message.objects.filter(~Exists(later), waits | ~Q(kind__in=asks), state=State.FAILED)


def _unheeded(approaches):
    """Those that nobody has written to since the day that they promised."""
    written = Message.objects.filter(approach=OuterRef("pk"), sent_at__date__gt=OuterRef("promised_for"))
    return approaches.filter(~Exists(written))
