"""Stop means stop: what is asked about a mail before the outbox talks to a server, and again at the point of no return.

The second time the approach's row is locked, and whoever logs a reply, a bounce or a pause locks it too: what was
committed before is seen, what comes later waits until the mail is on its way.
"""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from campaigns.models import Approach, Campaign, Event
from companies.models import Contact, Health

from . import allowances
from .doubts import CONTACT_RESTS, WAS_SENT
from .models import REMINDERS, Control, Message, Recipient, WordingKind

PAUSED = timedelta(minutes=15)  # a paused mail is looked at again
CONTACT_WAITS = timedelta(hours=1)
HELD = timedelta(minutes=1)
NOT_ALLOWED = timedelta(minutes=15)
NEXT_WINDOW = "next window"  # the wait of a mail whose send window is over; results.stopped() computes it
LEAVING = timedelta(seconds=5)  # while mails are leaving to a domain, the next one waits
HANGS = timedelta(seconds=5)  # a mail that has been leaving for so long takes all the places of its domain
AUTOMATIC = ("reminder:", "promise:")  # steps whose mail lets its contacts rest


class Verdict(NamedTuple):
    """What is to be done with one mail: it goes to `addresses`, or it waits for `wait`, or it is over.

    reason  a sentence, where it does not go
    wait    a timedelta, an instant, NEXT_WINDOW, or None where the mail is cancelled
    """

    reason: str
    wait: object
    addresses: dict  # {address: Recipient's id} of those it may go to


class Facts(NamedTuple):
    """One row of the query below: a mail with one of its recipients."""

    message: object
    step: str
    kind: str
    resend_no: int
    domain: str
    late: bool  # its send window is over
    approach: int | None
    reach: str
    reply: str
    replied_since: bool
    returned_since: bool
    approach_paused: bool
    campaign_paused: bool
    closed: bool
    campaign: int | None
    cap: int | None
    zone: str | None
    stopped: str | None
    leaving: int
    recipient: int
    address: str
    result: str
    usable: bool
    mailed_lately: bool


def _table(model):
    return model._meta.db_table


_LOCK = f"""
SELECT a.id, a.reach, c.time_zone, c.id, c.daily_cap
FROM {_table(Approach)} a JOIN {_table(Campaign)} c ON c.id = a.campaign_id
WHERE a.id IN ({{}}) ORDER BY a.id"""
_LOCK_CONTACTS = f"""
SELECT id FROM {_table(Contact)} WHERE id IN (SELECT contact_id FROM {_table(Recipient)} WHERE message_id = %s)
ORDER BY id FOR NO KEY UPDATE"""
_AUTOMATIC = " OR ".join(f"m.step LIKE '{start}%%'" for start in AUTOMATIC)
_WAS_SENT = ", ".join(f"'{state}'" for state in WAS_SENT)
_FACTS = f"""
SELECT m.id, m.step, m.kind, m.resend_no, m.domain, m.leaves_until IS NOT NULL AND m.leaves_until < %s,
  a.id, a.reach, a.reply,
  EXISTS(SELECT 1 FROM {_table(Event)} e WHERE e.approach_id = a.id AND e.field = 'reply' AND e.at >= m.created_at),
  EXISTS(SELECT 1 FROM {_table(Event)} e WHERE e.approach_id = a.id AND e.kind = 'returned' AND e.at >= m.created_at),
  a.paused_at IS NOT NULL, c.paused_at IS NOT NULL,
  c.closed_at IS NOT NULL OR (c.closes_at IS NOT NULL AND c.closes_at <= %s),
  c.id, c.daily_cap, c.time_zone,
  (SELECT CASE WHEN k.held_at IS NOT NULL THEN 'held' WHEN k.breaker_opened_at IS NOT NULL THEN 'given up' END
   FROM {_table(Control)} k),
  {{leaving}},
  r.id, r.address, r.result,
  r.address <> '' AND (r.contact_id IS NULL OR (p.health = '{Health.WORKING}' AND p.erased_at IS NULL)),
  ({_AUTOMATIC}) AND EXISTS(SELECT 1 FROM {_table(Recipient)} o
    JOIN {_table(Message)} s ON s.id = o.message_id WHERE o.contact_id = r.contact_id AND s.id <> m.id
    AND s.data_at > %s AND s.state IN ({_WAS_SENT}) AND o.result IN ('', 'accepted'))
FROM {_table(Message)} m
JOIN {_table(Recipient)} r ON r.message_id = m.id
LEFT JOIN {_table(Contact)} p ON p.id = r.contact_id
LEFT JOIN {_table(Approach)} a ON a.id = m.approach_id
LEFT JOIN {_table(Campaign)} c ON c.id = a.campaign_id
WHERE m.id IN ({{ids}}) ORDER BY r.use DESC, r.id
"""
_LEAVING = f"""(SELECT COALESCE(SUM(CASE WHEN d.data_at < %s THEN %s ELSE 1 END), 0) FROM {_table(Message)} d
   WHERE d.state = 'data' AND d.domain = m.domain AND d.id <> m.id)"""


class Locked(NamedTuple):
    """What a locked approach is, for the event that is written on it and the limits that its mail falls under."""

    reach: str
    time_zone: str
    campaign: int | None = None
    cap: int | None = None


NOBODYS = Locked("", "")  # for mail that belongs to no approach


def lock_approaches(keys):
    """Lock approaches in the order in which everybody does; return {key: Locked}. SQLite has locked everything."""
    if not keys:
        return {}
    query = _LOCK.format(", ".join(["%s"] * len(keys)))
    with connection.cursor() as cursor:
        cursor.execute(query + (" FOR UPDATE OF a" if connection.features.has_select_for_update else ""), sorted(keys))
        return {key: Locked(*row) for key, *row in cursor.fetchall()}


def lock_contacts(message):
    """Lock the contacts of an automatic mail, after its approach: no other one to them passes before this one is seen.

    Every other mail goes without; SQLite has locked everything.
    """
    if message.step.startswith(AUTOMATIC) and connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_CONTACTS, [message.pk])


def look(messages, now, *, probing=False):
    """Return {message id: Verdict}, as the database is at this moment, before the mail server hears of them.

    probing  whether the mail goes although the mail server is given up, to see whether it takes mail again
    """
    mails = _facts(messages, now)
    wanted = {pk: _needs(rows[0], now) for pk, rows in mails.items()}
    spent = allowances.spent({need for needs in wanted.values() for need in needs})
    verdicts = {}
    for pk, rows in mails.items():
        found = verdict(rows, now, probing)
        none = next((need for need in wanted[pk] if need in spent), None)
        verdicts[pk] = found if found.reason or not none else Verdict(none.reason, none.until, {})
    return verdicts


def look_again(message, now, *, probing=False):
    """Return the Verdict on a mail at its point of no return; one query. Its allowances are taken already."""
    rows = _facts([message], now, leaving=settings.OUTREACH_DOMAIN_AT_ONCE)[message.pk]
    found, most = verdict(rows, now, probing), settings.OUTREACH_DOMAIN_AT_ONCE
    if not found.reason and most and rows[0].leaving >= most:
        said = _("Other mails are just leaving to %(domain)s.") % {"domain": rows[0].domain}
        return Verdict(said, LEAVING, {})
    return found


def _facts(messages, now, leaving=0):
    """Return {message id: its Facts, a row for each recipient}; one query.

    leaving  how many mails may leave at once to a domain, where those that do are to be counted
    """
    if not messages:
        return {}
    key = Message._meta.pk
    ids = {key.get_db_prep_value(message.pk, connection): message.pk for message in messages}
    instant = [connection.ops.adapt_datetimefield_value(at) for at in (now, now - HANGS, now - CONTACT_RESTS)]
    counting = [instant[1], leaving] if leaving else []
    values = [instant[0], instant[0], *counting, instant[2]]
    sql = _FACTS.format(ids=", ".join(["%s"] * len(ids)), leaving=_LEAVING if leaving else "0")
    mails = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *ids])
        for row in cursor.fetchall():
            mails[ids.get(row[0], row[0])].append(Facts(*row))
    return mails


def _needs(mail, now):
    return allowances.needs(mail.domain, mail.campaign, mail.cap, mail.zone, now)


def verdict(rows, now, probing=False):
    """Return the Verdict on one mail from its Facts, a row for each recipient."""
    mail = rows[0]
    if settings.OUTREACH_HOLD or mail.stopped == "held":
        return Verdict(_("All mail is held."), HELD, {})
    if mail.stopped and not probing:
        return Verdict(_("The mail server takes no mail for now."), HELD, {})
    addresses = {row.address: row.recipient for row in rows if row.usable and row.result != "refused"}
    if not addresses:
        return Verdict(_("None of its recipients can be written to any more."), None, {})
    if not all(map(allowed, addresses)):
        return Verdict(_("A recipient is not on this site's list (OUTREACH_ONLY_TO)."), NOT_ALLOWED, {})
    if mail.approach is None:
        return Verdict("", None, addresses)
    if reason := _over(mail):
        return Verdict(reason, None, {})
    if mail.approach_paused or mail.campaign_paused:
        return Verdict(_("The company or the campaign is on hold."), PAUSED, {})
    if any(row.mailed_lately for row in rows):
        return Verdict(_("The contact got a mail less than 24 hours ago."), CONTACT_WAITS, {})
    if mail.late:
        return Verdict(_("The hours in which reminders leave are over for this day."), NEXT_WINDOW, {})
    return Verdict("", None, addresses)


def allowed(address):
    """Say whether this site may write to an address: everywhere, except where OUTREACH_ONLY_TO lists some."""
    listed, address = settings.OUTREACH_ONLY_TO, address.lower()
    return listed is None or address in listed or address.rpartition("@")[2] in listed


def _over(mail):
    """Return why this mail must never leave, or ""."""
    reminder, invitation = mail.kind in REMINDERS, mail.kind == WordingKind.INVITATION
    if mail.closed and (reminder or invitation):
        return _("The campaign has closed.")
    if reminder and (mail.reach != "invited" or mail.reply not in ("none", "acknowledged", "engaged")):
        return _("The company has replied.")
    if reminder and mail.reply != "none" and mail.replied_since:
        return _("The company has replied.")
    if reminder and mail.returned_since:
        return _("An earlier mail to the company came back.")
    if invitation and mail.reply != "none":
        return _("The company has replied.")
    if invitation and not mail.resend_no and mail.reach == "invited":
        return _("The company was invited in another way.")
    if invitation and mail.reach == "not_approached":
        return _("The company is not to be asked.")
    return ""
