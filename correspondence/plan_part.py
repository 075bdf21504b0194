"""The reminders of some approaches, decided and written together: facts and rows in bulk, under their locks."""

from collections import Counter, defaultdict
from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns import days, status, window
from campaigns.models import Campaign, ChosenContact
from campaigns.records import Records
from campaigns.status import Reply
from companies.models import Health

from . import doubts
from .compose import Known, make
from .letters import Letters
from .models import Message, Recipient, ReplyLink, State, WordingKind
from .wording import Blocked

TOO_LATE = timedelta(days=3)  # a step this long past is skipped: the next one follows soon enough
SKIPPED = "skipped"


class Part:
    """Due approaches, locked by the caller's transaction.

    rows     a queryset of Approaches
    letters  {campaign id: Letters}, filled as they are needed
    """

    def __init__(self, rows, letters, now):
        self.records, self.letters, self.now = Records(rows), letters, now
        self.states, self.sent = defaultdict(dict), defaultdict(list)
        keys = [row.pk for row in self.records.approaches]
        mails = Message.objects.filter(approach__in=keys).order_by("resend_no")
        for key, step, state, name, left in mails.values_list("approach", "step", "state", "message_id", "data_at"):
            self.states[key][step] = state
            if state in doubts.WAS_SENT:
                self.sent[key].append((left or now, name))
        contacts = {one.contact_id for row in self.records.approaches for one in row.chosen.all()}
        self.resting = set(doubts.lately(now).filter(contact__in=contacts).values_list("contact", flat=True))
        self.made, self.moved = [], {}

    def write(self):
        """Do what is due for each; return a Counter of what was done."""
        counts = Counter()
        for row in self.records.approaches:
            outcome = SKIPPED
            while outcome == SKIPPED and row.remind_at and row.remind_at <= self.now:
                outcome = self.deal_with(row)  # the step after one that is skipped may be due as well
                counts[outcome] += 1
        Message.objects.bulk_create([one.message for one in self.made])
        Recipient.objects.bulk_create([person for one in self.made for person in one.recipients])
        ReplyLink.objects.bulk_create([link for one in self.made for link in one.links])
        self.records.store_plans(list(self.moved.values()))
        return counts

    def deal_with(self, row):
        """Do the due step of one approach; return what was done, for the count."""
        step = next((one for one in row.campaign.steps.all() if one.key == row.next_step), None)
        if row.next_step in self.records.mailed[row.pk] or (step and step.retired_at):
            self.advance(row)
            return SKIPPED
        if self.now - row.remind_at > TOO_LATE:
            self.skip(row)
            return SKIPPED
        mine = window.of(row)
        if mine.next_opening(self.now) != self.now or self.waits(row, step):
            return "waiting"
        automatic = row.campaign.reminders_leave == Campaign.ReminderMode.AUTOMATIC
        try:
            made = make(
                row, row.next_step, step.wording if step else WordingKind.REMINDER, now=self.now,
                state=State.QUEUED if automatic else State.PROPOSED, letters=self.letters_of(row.campaign),
                known=self.known(row),
            )  # fmt: skip
        except Blocked:
            return "blocked"
        made.message.leaves_until = mine.closing(self.now) if automatic else None
        self.made.append(made)
        self.advance(row)
        return "written"

    def waits(self, row, step):
        """Say whether a doubt or the rest of a contact holds the step back."""
        if doubts.of(self.states[row.pk], self.records.events[row.pk]):
            return True
        to = [one for one in row.chosen.all() if one.contact.health == Health.WORKING]
        if not (step and step.escalates):
            to = [one for one in to if one.use != ChosenContact.Use.ESCALATION]
        return any(one.contact_id in self.resting for one in to)

    def skip(self, row):
        """Leave out a step that is long past, with an event."""
        zone = row.campaign.time_zone
        late = _("It was due on %(day)s.") % {"day": days.today(row.remind_at, zone)}
        today = days.exactly(days.today(self.now, zone))
        event = status.log_attempt(row, SKIPPED, now=self.now, on=today, step=row.next_step, reason=late)
        self.records.events[row.pk].append(event)
        self.advance(row)

    def advance(self, row):
        """Set the step after the one that was just dealt with."""
        if row.reply == Reply.NONE:
            row.next_step, row.remind_at = self.records.upcoming(row, after=row.remind_at)
        else:
            row.next_step, row.remind_at = "", None
        self.moved[row.pk] = row

    def letters_of(self, campaign):
        """Return the campaign's Letters, read once."""
        if campaign.pk not in self.letters:
            self.letters[campaign.pk] = Letters(campaign)
        return self.letters[campaign.pk]

    def known(self, row):
        """Return what is Known of an approach."""
        events = status.standing(self.records.events[row.pk])
        invited = [days.Day(e.on, e.stated) for e in sorted(events, key=lambda e: (e.on, e.id)) if e.after == "invited"]
        earlier = [name for _left, name in sorted(self.sent[row.pk])]
        return Known(row.chosen.all(), invited[-1] if invited else None, earlier)
