"""One line per company of a campaign: how it stands, what was heard and sent, what comes next. No query per line."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import days, status
from campaigns.models import ChosenContact
from campaigns.status import AWAITED, OUTCOMES, Reach, Reply
from campaigns.templatetags.frame import partial_date, short_date
from companies.models import Health
from correspondence.explaining import Explanations
from correspondence.models import Message, Recipient, State
from responses.models import Response

from .conditions import NAMES, STANDINGS

WENT_WRONG = (Recipient.Result.REFUSED, Recipient.Result.RETURNED)


@dataclass
class Line:
    """What the desk says of one company.

    sent, planned  of the invitation and the campaign's reminders: how many went, and how many there are to be
    mail           in the staff's words what became of the last mail, with `mail_why` where it did not arrive
    do             (label, "mail", "approach" or "response", id of it): what mends it or follows from it, or None
    """

    approach: object
    standing: str
    word: str
    heard: str
    heard_on: str
    mail: str
    mail_why: str
    mail_failed: bool
    sent: int
    planned: int
    contacts: list
    step: str
    at: datetime | None
    why: str
    do: tuple | None = None
    pips: list = field(default_factory=list)

    @property
    def looks(self):
        return STANDINGS[self.standing]

    @property
    def contact(self):
        """The one who is written to first, or None."""
        return self.contacts[0].contact if self.contacts else None

    @property
    def more_contacts(self):
        return len(self.contacts) - 1


def lines(approaches, campaign, now):
    """Return the Lines of approaches that came with their `place`, company and owner; nine queries and those of
    Explanations.
    """
    for approach in approaches:
        approach.campaign = campaign
    return _Records(campaign, approaches, now).lines


class _Records:
    def __init__(self, campaign, approaches, now):
        self.campaign, self.today = campaign, days.today(now, campaign.time_zone)
        keys = [approach.pk for approach in approaches]
        self.next = Explanations(campaign, approaches, now)
        self.steps = sum(not step.retired_at for step in self.next.steps.values())
        self.last, self.chosen, self.faults = {}, defaultdict(list), {}
        mails = Message.objects.filter(approach__in=keys).exclude(state__in=[State.CANCELLED, State.RECEIVED])
        columns = ("pk", "approach", "state", "bounced_at", "last_text", "stop_reason", "sent_at", "not_before")
        for mail in mails.order_by("created_at", "pk").values_list(*columns, named=True):
            self.last[mail.approach] = mail
        wrong = Recipient.objects.filter(message__in=[mail.pk for mail in self.last.values()], result__in=WENT_WRONG)
        for message, said in wrong.order_by("-use", "id").values_list("message", "last_text"):
            self.faults.setdefault(message, said)
        for one in ChosenContact.objects.filter(approach__in=keys).select_related("contact"):
            self.chosen[one.approach_id].append(one)
        self.responses = dict(Response.objects.filter(approach__in=keys).order_by("id").values_list("approach", "pk"))
        self.lines = [self.line(approach) for approach in approaches]

    def line(self, approach):
        events = status.standing(self.next.events[approach.pk])
        chosen = [one for one in self.chosen[approach.pk] if one.contact.email or one.contact.name]
        chosen.sort(key=lambda one: (one.contact.health != Health.WORKING, one.use != ChosenContact.Use.TO, one.pk))
        sent = sum(event.kind in ("invited", "reminded") and event.result != "refused" for event in events)
        standing = NAMES[approach.place]
        step, at, why = self.next.of(approach)
        mail, mail_why, failed = self.mail(approach, chosen, events)
        line = Line(
            approach, standing, self.word(approach, standing), *self.heard(approach), mail, mail_why, failed,
            sent, max(1 + self.steps, sent) if self.awaits(approach) else sent, chosen, step, at, why,
        )  # fmt: skip
        line.pips = [True] * sent + [False] * (line.planned - sent)
        line.do = self.do(line)
        return line

    def awaits(self, approach):
        """Whether the company is still to be asked, or its answer is awaited."""
        asked = approach.reach in (Reach.PLANNED, Reach.INVITED)
        return asked and approach.reply in AWAITED and not self.campaign.closed_at

    def word(self, approach, standing):
        """The word of its standing, with the day that it turns on."""
        if standing == "time":
            if approach.promised_for and approach.promised_for >= self.today:
                return _("Promised for %(day)s") % {"day": partial_date(approach.promised_stated)}
            return _("More time until %(day)s") % {"day": partial_date(approach.deadline_stated)}
        if standing == "overdue":
            late = (self.today - (approach.deadline or self.campaign.deadline)).days
            return ngettext("Overdue %(days)d day", "Overdue %(days)d days", late) % {"days": late}
        if standing in ("responded", "other") or (standing == "back" and self.campaign.closed_at):
            return approach.get_reply_display()
        return str(STANDINGS[standing].word)

    def heard(self, approach):
        """Return what was heard last and its day, as known."""
        if approach.reply in (Reply.NONE, Reply.SILENT):
            return _("Nothing"), ""
        if approach.reply in AWAITED:
            return approach.get_reply_display(), approach.reply_stated
        return _("Reply"), approach.reply_stated

    def mail(self, approach, chosen, events):
        """Return (what became of the last mail, why, whether a person has to look)."""
        mail = self.last.get(approach.pk)
        if mail is None:
            if attempts := [event for event in events if event.kind in status.ATTEMPTS]:
                last = max(attempts, key=lambda event: (event.on, event.id))
                return _("Not sent by this site"), last.get_channel_display(), False
            none = not any(one.contact.email and one.contact.health == Health.WORKING for one in chosen)
            return (_("No address"), "", True) if none and self.awaits(approach) else (_("None"), "", False)
        if mail.bounced_at or (mail.state == State.SENT and mail.pk in self.faults):
            return _("Bounced"), self.faults.get(mail.pk) or mail.last_text, True
        if mail.state == State.FAILED:
            return _("Failed"), self.faults.get(mail.pk) or mail.last_text or mail.stop_reason, True
        if mail.state == State.SENT:
            return _("Delivered"), short_date(days.today(mail.sent_at, self.campaign.time_zone)), False
        return State(mail.state).label, mail.stop_reason, mail.state == State.UNKNOWN

    def do(self, line):
        """What a person does next about this company, where the record says it."""
        approach, mail = line.approach, self.last.get(line.approach.pk)
        if mail and mail.state == State.UNKNOWN:
            return _("Say whether it arrived"), "mail_message", mail.pk
        if line.standing == "bounced" or (line.mail_failed and not mail):
            return _("Mend the address"), "approach_contacts", approach.pk
        if mail and mail.state == State.FAILED and approach.reply in AWAITED:
            return _("Try again"), "mail_message", mail.pk
        if mail and mail.state == State.PROPOSED:
            return _("See the mail"), "mail_message", mail.pk
        if approach.reach == Reach.INVITED and approach.reply in OUTCOMES and approach.pk in self.responses:
            return _("Open the response"), "admin:responses_response_change", self.responses[approach.pk]
        return None
