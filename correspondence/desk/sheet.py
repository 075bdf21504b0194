"""The set of mails that a person looks through: one row per company, ready, with a warning, or blocked; and the ticks.

Ready mails are ticked, those with a warning are not, blocked ones cannot be. What a person ticked otherwise is kept in
the session, so that thousands can be looked through page by page. What is not merged is tried, and so blocked with its
reason before anybody presses a button. A constant number of queries, and three for each 500 that are tried.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns import status
from campaigns.models import Approach, Event
from campaigns.templatetags.frame import language_name
from correspondence import batches, doubts, merged, over_asking, reminding
from correspondence.letters import Letters
from correspondence.models import REMINDERS, Message, Recipient, State, WordingKind
from correspondence.templatetags.outgoing import clock_time

READY, WARNING, BLOCKED, AWAY, UNMERGED = "ready", "warning", "blocked", "away", "unmerged"
ONCE = (WordingKind.INVITATION, WordingKind.THANKS)  # one step in a company's life: any mail of it stands in the way
ON_THE_WAY = (State.QUEUED, State.LEASED, State.DATA)
STALE = timedelta(days=3)  # a mail bears the date of its merge, and filters distrust one that is days old
JUST_NOW = timedelta(days=3)  # a company that was reminded in these days is not reminded again without a look
TRIED = 2000  # companies at most: about a second; more of them say that they are not merged yet


@dataclass
class Row:
    approach: int
    company: str
    message: str = ""  # id of the proposed mail
    sha256: str = ""
    state: str = UNMERGED
    said: list = field(default_factory=list)
    hint: str = ""  # what the page adds; it does not keep the mail from being ticked
    ticked: bool = False
    fits: bool = True  # a merge of today would say the same; else it cannot be ticked


class Sheet:
    """All that is proposed, or could be, for one campaign and kind of letter.

    ticks  {"on": ids, "off": ids} of what a person ticked otherwise than proposed
    only   a queryset of approaches, where the page is about some of the campaign's
    """

    def __init__(self, campaign, kind, *, now, ticks=None, only=None):
        self.campaign, self.kind, self.now, self.only = campaign, kind, now, only
        self.ticks = {"on": set((ticks or {}).get("on", ())), "off": set((ticks or {}).get("off", ()))}
        self.letters = Letters(campaign)
        self.shut = self._shut()
        self.reminded = self._reminded()
        self.planned = {}  # of what is not merged: {approach: its plan}
        self.rows = self._rows()
        self._try()
        for row in self.rows:
            if row.state == UNMERGED:
                self._planned(row, self.planned[row.approach])
        self.counts = Counter(row.state for row in self.rows)

    @property
    def ticked(self):
        return [row for row in self.rows if row.ticked]

    @property
    def mails(self):
        return [row for row in self.rows if row.message]

    @property
    def unmerged(self):
        return [row.approach for row in self.rows if row.state == UNMERGED]

    def hash(self):
        """Return the set_hash of what is ticked."""
        return batches.set_hash([Message(pk=row.message, sha256=row.sha256) for row in self.ticked])

    def _shut(self):
        """Say why no mail of this kind leaves any more, or ""."""
        if self.kind not in (WordingKind.INVITATION, *REMINDERS):
            return ""
        if self.campaign.closed_at:
            return _("The campaign is closed.")
        over = self.campaign.closes_at and self.campaign.closes_at <= self.now
        return _("The campaign is closed, or its closing date is over.") if over else ""

    def _reminded(self):
        """Return {approach: the instant of its last reminder}, where the page is about reminders."""
        if self.kind not in REMINDERS:
            return {}
        sent = Message.objects.filter(approach__campaign=self.campaign, kind__in=REMINDERS, state=State.SENT)
        return dict(sent.order_by("sent_at").values_list("approach", "sent_at"))

    def _rows(self):
        mails = self._mails()
        standing = self._standing()
        warn = _Warnings(self, mails) if mails else None
        rows = []
        meant = batches.addressees(self.campaign, self.kind)
        if self.only is not None:
            meant = meant.filter(pk__in=self.only)
        for one in meant.values_list("pk", "listed_as", "paused_at", "next_step", "remind_at", named=True):
            mine = mails.pop(one.pk, [])
            for mail in mine:
                rows.append(self._mail_row(Row(one.pk, one.listed_as), mail, one.paused_at, warn))
            if not mine:
                rows.append(self._without(Row(one.pk, one.listed_as), standing))
                self.planned[one.pk] = one
        gone = Approach.objects.filter(pk__in=mails).values_list("pk", "listed_as") if mails else ()
        for pk, name in gone:
            said = [_("No mail of this kind is meant for this company any more.")]
            rows += [Row(pk, name, str(mail["pk"]), mail["sha256"], BLOCKED, said) for mail in mails[pk]]
        return rows

    def _mail_row(self, row, mail, paused, warn):
        row.message, row.sha256 = str(mail["pk"]), mail["sha256"]
        if paused or self.shut:
            row.state, row.said = BLOCKED, [self.shut or _("On hold.")]
            return row
        row.said = warn.of(mail)
        if (last := self.reminded.get(row.approach)) and self.now - last < JUST_NOW:
            row.said.append(self._was_reminded(last))
        row.state = WARNING if row.said else READY
        wished = row.message in self.ticks["on"] if row.said else row.message not in self.ticks["off"]
        row.fits = mail["pk"] not in warn.outdated
        row.ticked = row.fits and wished
        return row

    def _without(self, row, standing):
        if earlier := standing.get(row.approach):
            state, reason, leaves = earlier
            row.state = AWAY if state in ON_THE_WAY else BLOCKED
            row.said = [f"{State(state).label}. {reason}".strip()]
            if state == State.QUEUED:
                row.said = [_("It leaves at %(time)s.") % {"time": clock_time(leaves, self.campaign.time_zone)}]
        elif last := self.reminded.get(row.approach):
            row.said = [self._was_reminded(last)]
        return row

    def _was_reminded(self, at):
        return _("Its last reminder left: %(time)s.") % {"time": clock_time(at, self.campaign.time_zone)}

    def _planned(self, row, approach):
        """Say of a reminder that is not merged when the plan would send it: merged now, it takes that one's place."""
        if self.kind in batches.REMINDERS and reminding.in_place(approach, self.kind, self.letters):
            at = clock_time(approach.remind_at, self.campaign.time_zone)
            row.hint = _("Planned for %(time)s. A merge brings it forward.") % {"time": at}

    def _try(self):
        """Say of what is not merged, or no longer fits, why it cannot be merged."""
        rows = [row for row in self.rows if row.state == UNMERGED or not row.fits][:TRIED]
        if not rows:
            return
        refused = {} if self.shut else merged.refused([row.approach for row in rows], self.kind, self.letters)
        for row in rows:
            if reason := self.shut or refused.get(row.approach):
                if row.message:
                    row.said.insert(0, _("It cannot be merged again: %(reason)s") % {"reason": reason})
                else:
                    row.state, row.said = BLOCKED, [reason]

    def _mails(self):
        """Return {approach: its proposed mails}, as dicts."""
        rows = Message.objects.filter(approach__campaign=self.campaign, kind=self.kind, state=State.PROPOSED)
        if self.only is not None:
            rows = rows.filter(approach__in=self.only)
        mails = defaultdict(list)
        for mail in rows.order_by("created_at", "pk").values("pk", "sha256", "approach", "language", "created_at"):
            mails[mail["approach"]].append(mail)
        return mails

    def _standing(self):
        """Return {approach: (state, reason, instant before which it does not leave)} of mails that stand in the way."""
        rows = Message.objects.filter(approach__campaign=self.campaign, kind=self.kind).exclude(state=State.PROPOSED)
        if self.kind not in ONCE:
            rows = rows.filter(state__in=ON_THE_WAY)
        rows = rows.order_by("resend_no", "created_at").values_list("approach", "state", "stop_reason", "not_before")
        return {pk: standing for pk, *standing in rows}


class _Warnings:
    """What a person should look at before a mail leaves."""

    def __init__(self, sheet, mails):
        campaign, kind, now = sheet.campaign, sheet.kind, sheet.now
        self.campaign, self.now = campaign, now
        mine = {"message__approach__campaign": campaign, "message__kind": kind, "message__state": State.PROPOSED}
        people = Recipient.objects.filter(**mine).values(
            "message", "address", "contact", "use", "contact__name", "contact__language"
        )
        self.to, shared = defaultdict(list), defaultdict(set)
        approach_of = {mail["pk"]: pk for pk, ones in mails.items() for mail in ones}
        for one in people.order_by("-use", "id"):
            self.to[one["message"]].append(one)
            shared[one["address"].lower()].add(approach_of.get(one["message"]))
        before = {**mine, "message__state__in": (*doubts.WAS_SENT, *ON_THE_WAY)}
        del before["message__state"]
        for address, approach in Recipient.objects.filter(**before).values_list("address", "message__approach"):
            shared[address.lower()].add(approach)  # its mail has left, or will: the second one would be a repetition
        self.shared = {address for address, of in shared.items() if len(of) > 1}
        self.named = {
            code
            for code in sheet.letters.languages(kind)
            if "{contact_name|" in (text := sheet.letters.text(kind, code)).subject + text.body
        }
        proposed = Message.objects.filter(approach__campaign=campaign, kind=kind, state=State.PROPOSED)
        self.outdated = merged.outdated(proposed, sheet.letters)
        lately = doubts.lately(now).filter(contact__company__approaches__campaign=campaign)
        self.lately = set(lately.values_list("contact", flat=True))
        self.twice = {pk for pk, ones in mails.items() if len(ones) > 1}
        self.unheard = _nothing_reached(campaign, mails) if kind in REMINDERS else set()
        self.asked = over_asking.recent(campaign, now) if kind == WordingKind.INVITATION else {}

    def of(self, mail):
        """Return sentences."""
        people, language = self.to[mail["pk"]], mail["language"]
        wished = people[0]["contact__language"] if people else ""
        said = []
        if wished and language not in (wished, wished.split("-")[0]):
            said.append(_("No wording in the contact's language (%(code)s).") % {"code": language_name(wished)})
        if any(one["address"].lower() in self.shared for one in people):
            said.append(_("Another company of this list has the same address."))
        if language in self.named and people and not people[0]["contact__name"]:
            said.append(_("The contact has no name: the fallback is used."))
        if any(one["contact"] in self.lately for one in people):
            said.append(_("The contact got a mail from us in the last 24 hours."))
        if mail["approach"] in self.twice:
            said.append(_("Two mails of this kind wait for this company."))
        if mail["approach"] in self.unheard:
            said.append(_("Nothing that we sent is known to have reached the company."))
        said += [asked.sentence() for asked in self.asked.get(mail["approach"], ())]
        if mail["pk"] not in self.outdated and mail["created_at"] < self.now - STALE:
            day = clock_time(mail["created_at"], self.campaign.time_zone)
            said.append(_("It was merged on %(day)s and bears that date. Merge it again.") % {"day": day})
        if mail["pk"] in self.outdated:
            said.append(_("What this mail is made of was edited after it was merged. Merge it again."))
        return said


def _nothing_reached(campaign, keys):
    """Return the ids of approaches that no attempt is known to have reached."""
    events = defaultdict(list)
    for event in Event.objects.filter(approach__campaign=campaign).order_by("id"):
        events[event.approach_id].append(event)
    return {pk for pk in keys if not status.delivered(events[pk])}
