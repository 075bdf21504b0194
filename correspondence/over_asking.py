"""The over-asking guard: what our campaigns asked a company or an address, and will ask, whoever runs them.

Two campaigns that do not know of each other must not ask one company twice within a month without a person having seen
it. Who may not see a campaign reads its title and the day, and nothing else (decisions.md 24).
"""

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import days
from campaigns.models import Approach, Campaign, ChosenContact, Event

from .doubts import WAS_SENT
from .models import OUTBOX, REMINDERS, Message, Recipient, State, WordingKind

WITHIN = timedelta(days=30)
ASKING = (WordingKind.INVITATION, *REMINDERS, WordingKind.LETTER)
WAITS = (State.PROPOSED, State.QUEUED, State.LEASED)
BY_HAND = (Event.Kind.INVITED, Event.Kind.REMINDED, Event.Kind.CONTACTED)


class Asked(NamedTuple):
    """One mail, call or letter of one campaign, past or planned."""

    on: date | None  # None: it waits for a person, so nobody knows its day
    planned: bool
    campaign: int
    title: str
    company: int
    what: str  # its kind in words
    message: object = None  # the mail's id, where there is one
    shared: bool = False  # another company's, to an address of this one

    def sentence(self):
        """Return what a person should know before the company is asked again."""
        said = {"campaign": self.title, "day": date_format(self.on, "DATE_FORMAT") if self.on else ""}
        if self.on is None and self.shared:
            return _("“%(campaign)s” has a mail to the same address that waits for approval.") % said
        if self.on is None:
            return _("“%(campaign)s” has a mail to this company that waits for approval.") % said
        if self.shared and self.planned:
            return _("“%(campaign)s” will write to the same address on %(day)s.") % said
        if self.shared:
            return _("“%(campaign)s” wrote to the same address on %(day)s.") % said
        if self.planned:
            return _("“%(campaign)s” will ask this company on %(day)s.") % said
        return _("“%(campaign)s” asked this company on %(day)s.") % said


def recent(campaign, now):
    """Return {approach id: [Asked]} of this campaign's companies that other campaigns ask within WITHIN of `now`.

    The newest, or the nearest to come, is first; one line for each other campaign. Six queries, whatever the size.
    """
    mine = dict(campaign.approaches.values_list("company", "pk"))
    since, until = now - WITHIN, now + WITHIN
    around = Q(state__in=WAS_SENT, data_at__gt=since) | Q(state__in=WAITS, not_before=None)
    around |= Q(state__in=WAITS, not_before__lt=until)
    others = Message.objects.filter(around, kind__in=ASKING).exclude(approach__campaign=campaign)
    companies = campaign.approaches.values("company")
    found = defaultdict(list)
    for asked in [
        *_mails(others.filter(approach__company__in=companies)),
        *_by_hand(
            Event.objects.filter(approach__company__in=companies, on__gt=since.date()).exclude(
                approach__campaign=campaign
            )
        ),
        *_steps(Approach.objects.filter(company__in=companies, remind_at__lt=until).exclude(campaign=campaign)),
    ]:
        found[mine[asked.company]].append(asked)
    for approach, asked in _to_our_addresses(campaign, others):
        if mine.get(asked.company) != approach:
            found[approach].append(asked._replace(shared=True))
    return {approach: _one_a_campaign(rows) for approach, rows in found.items()}


def calendar(company, user, contact=None):
    """Return [(first day of a month or None, [Asked])]: everything that went or will go to a company, newest first.

    What went to another company, but to an address of this one, is among it and `shared`.

    user     what of it this person may read in full; of other campaigns `what` and `message` are left out
    contact  one of its contacts: only what goes to that address, also where another company shares it
    """
    rows = Message.objects.filter(state__in=(*WAS_SENT, *WAITS))
    events, steps = Event.objects.filter(approach__company=company), Approach.objects.filter(company=company)
    if contact:
        same = Recipient.objects.annotate(low=Lower("address"))
        same = same.filter(Q(contact=contact) | Q(low=contact.email.lower()))
        rows = rows.filter(pk__in=same.exclude(address="").values("message"), approach__isnull=False)
        steps, events = Approach.objects.filter(chosen__contact=contact), events.none()
    else:
        own = company.contacts.exclude(email="").values_list(Lower("email"), flat=True)
        same = Recipient.objects.annotate(low=Lower("address")).filter(low__in=own).values("message")
        rows = rows.filter(Q(approach__company=company) | Q(approach__isnull=False, pk__in=same))
    seen = set(Campaign.objects.of(user).values_list("pk", flat=True))
    found = [*_mails(rows), *_by_hand(events), *_steps(steps.exclude(remind_at=None))]
    found = [one._replace(shared=one.company != company.pk) for one in found]
    found = [one if one.campaign in seen else one._replace(what="", message=None) for one in found]
    found.sort(key=lambda one: one.on or date.max, reverse=True)
    return [(month, list(of)) for month, of in groupby(found, key=lambda one: one.on and one.on.replace(day=1))]


def _mails(rows):
    names = ("pk", "state", "kind", "data_at", "not_before", "approach__company", *_CAMPAIGN)
    for pk, state, kind, data_at, not_before, company, campaign, title, zone in rows.values_list(*names):
        at = data_at if state in WAS_SENT else not_before
        on = days.today(at, zone) if at else None
        what = WordingKind(kind).label if kind else ""
        yield Asked(on, state not in WAS_SENT, campaign, title, company, what, pk)


def _by_hand(events):
    """What was said or sent without the outbox: a call, a letter, an import."""
    ours = Message.objects.filter(pk=OuterRef("attempt"), state__in=OUTBOX)
    rows = events.standing().filter(~Exists(ours), kind__in=BY_HAND)
    for kind, on, company, campaign, title, _zone in rows.values_list("kind", "on", "approach__company", *_CAMPAIGN):
        yield Asked(on, False, campaign, title, company, Event.Kind(kind).label)


def _steps(approaches):
    """Reminders that the plan has for them."""
    names = ("remind_at", "company", "campaign", "campaign__title", "campaign__time_zone")
    for at, company, campaign, title, zone in approaches.filter(remind_at__isnull=False).values_list(*names):
        yield Asked(days.today(at, zone), True, campaign, title, company, WordingKind.REMINDER.label)


_CAMPAIGN = ("approach__campaign", "approach__campaign__title", "approach__campaign__time_zone")


def _to_our_addresses(campaign, others):
    """Yield (approach id, Asked) of mails of other campaigns to an address that this campaign writes to."""
    chosen = ChosenContact.objects.filter(approach__campaign=campaign).exclude(contact__email="")
    chosen = chosen.annotate(low=Lower("contact__email"))
    owners = defaultdict(set)
    for low, approach in chosen.values_list("low", "approach"):
        owners[low].add(approach)
    sent = Recipient.objects.annotate(low=Lower("address")).filter(low__in=chosen.values("low"))
    written = defaultdict(set)
    for message, low in sent.filter(message__in=others).values_list("message", "low"):
        written[message] |= owners[low]
    for asked in _mails(others.filter(pk__in=list(written))):
        for approach in written[asked.message]:
            yield approach, asked


def _one_a_campaign(rows):
    """Return one Asked for each campaign: what was done before what is planned, the newest or the nearest."""
    first = {}
    for one in sorted(rows, key=_nearness):
        first.setdefault(one.campaign, one)
    return list(first.values())


def _nearness(one):
    day = (one.on or date.max).toordinal()
    return one.shared, one.planned, day if one.planned else -day
