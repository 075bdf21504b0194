"""Sends what is queued, and nothing else does: as near to exactly once as SMTP allows.

One mail: claim (a lease) · MAIL and RCPT · recheck and point of no return in one transaction · DATA · answer.
The answer to one mail is written in the transaction in which the next one passes its point: one commit a mail.
docs/reliability.md has the states, the promises and the tests that hold them.
"""

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign

from . import allowances, breaker, claims, control, mime, recheck, relay, results, unknown
from .answers import Envelope
from .models import State

log = logging.getLogger(__name__)
SECONDS = 45  # a sweep works this long; the next tick goes on
SLOW = 60  # seconds: an answer that took longer is written before the next mail is tried, while its lease lasts
SLUGGISH = 5  # seconds: a domain whose mail took longer rests, so that the others do not wait for it
RESTS = 60  # seconds
_resting = {}  # {domain: the monotonic instant until which this process lets it rest}


def sweep(now, *, way_out=None, seconds=SECONDS):
    """Send what is due.

    now      the clock's instant; a long sweep adds the time that it has worked
    way_out  a relay (see relay.py); by default those that EMAIL_URL names, several where much is due
    returns  a Counter of the states that were written, and "held" with nothing else while mail is held
    """
    if control.stopped(now):
        return Counter(held=1)
    claims.retried(lambda: claims.sweep(now))
    ways = [way_out] if way_out else relay.chosen(claims.worth(now, settings.OUTREACH_CONNECTIONS))
    if isinstance(ways[0], relay.FileRelay):
        unknown.resolve(lambda message: ways[0].has(message.pk), now)
    may_try, probing = breaker.may_try(now)
    senders = [Sender(way, now, probing) for way in ways[: 1 if probing else None]] if may_try else []
    work_at_once(senders, seconds)
    for campaign in Campaign.objects.filter(pk__in=set().union(*(sender.campaigns for sender in senders))):
        campaign.refresh_count()
    control.seen()
    return sum((sender.counts for sender in senders), Counter())


def work_at_once(senders, seconds):
    """Let each sender work off what is due, in a thread with a database connection of its own; a single one here."""
    if len(senders) < 2:
        for sender in senders:
            sender.run(seconds)
        return

    def work(sender):
        try:
            sender.run(seconds)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(senders)) as pool:
        list(pool.map(work, senders))


class Sender:
    """One connection to the mail server. `pending` is the mail whose answer has come and is not yet written.

    probing  whether the mail server is given up, and this worker tries it with one mail
    marks    what the server answered, as far as the breaker has not heard of it
    waited   seconds that the server has taken for the mail at hand
    """

    def __init__(self, way_out, now, probing=False):
        self.relay, self.began, self.started = way_out, now, monotonic()
        self.counts, self.campaigns = Counter(), set()
        self.is_open, self.pending, self.passed = False, None, self.started
        self.probing, self.given_up, self.marks, self.waited = probing, False, "", 0

    @property
    def now(self):
        return self.began + timedelta(seconds=monotonic() - self.started)

    def run(self, seconds):
        """Work until nothing is due, the time is over, or the server cannot be reached or is given up."""
        until = self.started + seconds
        try:
            while monotonic() < until:
                claim = claims.retried(lambda: claims.claim(self.now, 1 if self.probing else claims.BATCH))
                if not claim.messages or not self.work(claim, until):
                    break
            if self.marks:
                breaker.heard(self.marks, "", self.now)
        finally:
            self.close()

    def work(self, claim, until):
        """Send the mails of one claim; return False where the rest went back because of the server."""
        verdicts = recheck.look(claim.messages, self.now, probing=self.probing)
        left, because = list(claim.messages), ""
        try:
            while left and monotonic() < until and not self.given_up:
                self.send(left[0], claim.token, verdicts[left[0].pk])
                left.pop(0)
        except relay.Broken as fault:
            because = str(fault)
            log.warning("The mail server cannot be reached: %s", because)
            self.hang_up()
            self.heard(breaker.CUT, because)
        except relay.Refused as fault:
            because = results.server_refused(relay.Answer(*fault.args), self.now)
            if fault.args[0] < 500:
                self.heard(breaker.CUT, because)
        self.settle()
        self.give_back(left, claim.token, because)
        return not because and not self.given_up

    def send(self, message, token, verdict):
        """Take one leased mail as far as it goes. Broken where a connection could not be made, twice."""
        if self.pending and monotonic() - self.passed > SLOW:
            self.settle()
        if not verdict.reason and _resting.get(message.domain, 0) > monotonic():
            verdict = recheck.Verdict(_("The mail server of the domain is slow."), timedelta(seconds=RESTS), {})
        if verdict.reason:
            self.count(claims.retried(lambda: results.stopped(message, token, verdict, self.now)))
            return
        self.waited = 0
        try:
            self.hand_over(message, token, verdict)
        finally:
            if message.domain and self.waited > SLUGGISH:
                _resting[message.domain] = monotonic() + RESTS

    def hand_over(self, message, token, verdict):
        """MAIL, RCPT, point of no return, DATA, as far as the server and the recheck let it."""
        for fresh in (False, True):  # a server may hang up on an idle or long-used connection: once more, freshly
            was_open = self.is_open
            try:
                self.connect()
                sender = mime.envelope_sender(bytes(message.mime))
                first, answers = self.ask(self.relay.envelope, sender, list(verdict.addresses))
                break
            except relay.Broken:
                self.hang_up()
                if fresh or not was_open:
                    raise
        patience = results.out_of_patience(message, self.now)
        envelope = Envelope.read(first, answers, verdict.addresses, patience)
        if envelope.goes_to:
            if self.pass_point(message, token, envelope):
                self.transmit(message, token, envelope)
                return
        else:
            self.count(claims.retried(lambda: results.not_accepted(message, token, envelope, self.now)))
            self.heard(breaker.BUSY if envelope.not_now else breaker.GOOD, envelope.last.text)
        self.take_back()

    def pass_point(self, message, token, envelope):
        """Recheck and point of no return, with what the server said of the mail before; return whether it may leave."""

        def act():
            with transaction.atomic():
                keys = {message.approach_id, self.pending and self.pending.message.approach_id}
                locked = recheck.lock_approaches(keys - {None})
                before = results.said(self.pending, locked, self.now) if self.pending else None
                recheck.lock_contacts(message)
                mine = locked.get(message.approach_id, recheck.NOBODYS)
                return before, self.pass_or_stop(message, token, envelope, mine)

        before, state = claims.retried(act)
        self.written(before)
        self.passed = monotonic()
        if state != State.DATA:
            self.count(state)
        return state == State.DATA

    def pass_or_stop(self, message, token, envelope, approach):
        """Take the mail's allowances, look once more, and pass; return the state that was written, or "lost"."""
        now = self.now
        wanted = allowances.needs(message.domain, approach.campaign, approach.cap, approach.time_zone, now)
        if none := allowances.take(wanted):
            return results.stopped(message, token, recheck.Verdict(none.reason, none.until, {}), now)
        verdict = recheck.look_again(message, now, probing=self.probing)
        if not verdict.reason and envelope.goes_to.items() <= verdict.addresses.items():
            if claims.pass_point(message, token, now):
                return State.DATA
            state = "lost"
        else:
            state = results.stopped(message, token, verdict, now)
        allowances.give_back(wanted)
        return state

    def transmit(self, message, token, envelope):
        """DATA. What the server says of it is `pending`; what it does not say is written at once."""
        try:
            answer = self.ask(self.relay.data, bytes(message.mime), file_name(message))
        except relay.Uncertain as fault:
            because = str(fault)
            self.hang_up()
            claims.retried(lambda: results.uncertain(message, token, because))
            self.count(State.UNKNOWN)
            self.heard(breaker.CUT, because)
        except relay.Broken as fault:
            because = str(fault)
            self.hang_up()
            claims.retried(lambda: results.not_sent(message, token, because, self.now))
            self.count(State.QUEUED)
            self.heard(breaker.CUT, because)
        else:
            self.pending = results.Said(message, token, answer, envelope)
            if 400 <= answer.code < 500:
                self.settle()
                self.heard(breaker.BUSY, answer.text)
            else:
                self.heard(breaker.GOOD)

    def heard(self, mark, because=""):
        """Tell the breaker; what is good waits until there is something bad to tell, or the end of the sweep."""
        self.marks = (self.marks + mark)[-breaker.LAST :]
        if mark == breaker.GOOD and not self.probing:
            return
        marks, self.marks = self.marks, ""
        self.given_up = claims.retried(lambda: breaker.heard(marks, because, self.now, probe=self.probing))
        self.probing = False

    def ask(self, step, *args):
        """Take a step with the server, and note how long it took."""
        began = monotonic()
        try:
            return step(*args)
        finally:
            self.waited += monotonic() - began

    def settle(self):
        """Write what the server said of the last mail, where no other mail follows."""
        if not self.pending:
            return

        def act():
            with transaction.atomic():
                locked = recheck.lock_approaches({self.pending.message.approach_id} - {None})
                return results.said(self.pending, locked, self.now)

        self.written(claims.retried(act))

    def written(self, before):
        """What results.said() wrote is committed."""
        self.pending = None
        if before:
            state, campaign = before
            self.count(state)
            if campaign:
                self.campaigns.add(campaign)

    def count(self, state):
        self.counts[str(state)] += 1

    def give_back(self, messages, token, because):
        """Queue what was leased and not tried; it counts as no attempt."""
        for message in messages:
            claims.retried(lambda message=message: results.untried(message, token, because, self.now))

    def connect(self):
        if not self.is_open:
            self.relay.open()
            self.is_open = True

    def take_back(self):
        """The envelope was said and the mail does not follow."""
        try:
            self.relay.reset()
        except relay.Broken:
            self.hang_up()

    def hang_up(self):
        self.is_open = False
        self.relay.drop()

    def close(self):
        if self.is_open:
            self.is_open = False
            self.relay.close()


def file_name(message):
    """Return the name of a mail's file, without ending: sorted by time, the same at every attempt."""
    domain = re.sub(r"[^a-z0-9]+", "-", message.domain.lower()).strip("-")[:60]
    return f"{message.created_at:%Y%m%d-%H%M%S}-{domain or 'mail'}-{message.pk}"
