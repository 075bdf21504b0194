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

from .doubts import CONTACT_RESTS, WAS_SENT
from .models import Control, Message, Recipient, WordingKind

PAUSED = timedelta(minutes=15)  # a paused mail is looked at again
CONTACT_WAITS = timedelta(hours=1)
HELD = timedelta(minutes=1)
REMINDERS = (WordingKind.REMINDER, WordingKind.LAST_NOTICE)
AUTOMATIC = ("reminder:", "promise:")  # steps whose mail lets its contacts rest


class Verdict(NamedTuple):
    """What is to be done with one mail: it goes to `addresses`, or it waits for `wait`, or it is over.

    reason  a sentence, where it does not go
    wait    a timedelta, or None where the mail is cancelled
    """

    reason: str
    wait: timedelta | None
    addresses: dict  # {address: Recipient's id} of those it may go to


class Facts(NamedTuple):
    """One row of the query below: a mail with one of its recipients."""

    message: object
    step: str
    kind: str
    resend_no: int
    approach: int | None
    reach: str
    reply: str
    replied_since: bool
    returned_since: bool
    approach_paused: bool
    campaign_paused: bool
    closed: bool
    held: str | None
    recipient: int
    address: str
    result: str
    usable: bool
    mailed_lately: bool


def _table(model):
    return model._meta.db_table


_LOCK = f"""
SELECT a.id, a.reach, c.time_zone FROM {_table(Approach)} a JOIN {_table(Campaign)} c ON c.id = a.campaign_id
WHERE a.id IN ({{}}) ORDER BY a.id"""
_LOCK_CONTACTS = f"""
SELECT id FROM {_table(Contact)} WHERE id IN (SELECT contact_id FROM {_table(Recipient)} WHERE message_id = %s)
ORDER BY id FOR NO KEY UPDATE"""
_AUTOMATIC = " OR ".join(f"m.step LIKE '{start}%%'" for start in AUTOMATIC)
_WAS_SENT = ", ".join(f"'{state}'" for state in WAS_SENT)
_FACTS = f"""
SELECT m.id, m.step, m.kind, m.resend_no, a.id, a.reach, a.reply,
  EXISTS(SELECT 1 FROM {_table(Event)} e WHERE e.approach_id = a.id AND e.field = 'reply' AND e.at >= m.created_at),
  EXISTS(SELECT 1 FROM {_table(Event)} e WHERE e.approach_id = a.id AND e.kind = 'returned' AND e.at >= m.created_at),
  a.paused_at IS NOT NULL, c.paused_at IS NOT NULL,
  c.closed_at IS NOT NULL OR (c.closes_at IS NOT NULL AND c.closes_at <= %s),
  (SELECT CASE WHEN k.held_because = '' THEN '-' ELSE k.held_because END
   FROM {_table(Control)} k WHERE k.held_at IS NOT NULL),
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
WHERE m.id IN ({{}}) ORDER BY r.use DESC, r.id
"""


class Locked(NamedTuple):
    """What a locked approach is, for the event that is written on it."""

    reach: str
    time_zone: str


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


def look(messages, now):
    """Return {message id: Verdict}, as the database is at this moment; one query."""
    if not messages:
        return {}
    key = Message._meta.pk
    ids = {key.get_db_prep_value(message.pk, connection): message.pk for message in messages}
    instant = [connection.ops.adapt_datetimefield_value(at) for at in (now, now - CONTACT_RESTS)]
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.format(", ".join(["%s"] * len(ids))), [*instant, *ids])
        rows = [Facts(*row) for row in cursor.fetchall()]
    mails = defaultdict(list)
    for row in rows:
        mails[ids.get(row.message, row.message)].append(row)
    return {pk: verdict(rows) for pk, rows in mails.items()}


def verdict(rows):
    """Return the Verdict on one mail from its Facts, a row for each recipient."""
    mail = rows[0]
    if settings.OUTREACH_HOLD or mail.held is not None:
        return Verdict(_("All mail is held."), HELD, {})
    addresses = {row.address: row.recipient for row in rows if row.usable and row.result != "refused"}
    if not addresses:
        return Verdict(_("None of its recipients can be written to any more."), None, {})
    if mail.approach is None:
        return Verdict("", None, addresses)
    if reason := _over(mail):
        return Verdict(reason, None, {})
    if mail.approach_paused or mail.campaign_paused:
        return Verdict(_("The company or the campaign is on hold."), PAUSED, {})
    if any(row.mailed_lately for row in rows):
        return Verdict(_("The contact got a mail less than 24 hours ago."), CONTACT_WAITS, {})
    return Verdict("", None, addresses)


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
