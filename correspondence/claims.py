"""Who owns a mail: taken with a lease, given back, passed the point of no return. The table of states is here.

docs/reliability.md draws it. Every statement names the state that it expects, and for an owned row the lease: a worker
whose lease was taken over changes nothing (it counts its rows). Leases use real time; `not_before` the clock's.
"""

import time
import uuid
from datetime import timedelta
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Q

from campaigns import clock

from .models import Message, Recipient, State

LEASE = timedelta(seconds=900)  # longer than the longest wait for a server's last answer
BATCH = 20
SOON = timedelta(minutes=1)  # what a hold or a lost connection sent back is looked at again

_TABLE = Message._meta.db_table
_DUE = f"SELECT id FROM {_TABLE} WHERE state = 'queued' AND not_before <= %s ORDER BY not_before, id LIMIT %s"
_TAKE = f"UPDATE {_TABLE} SET state = 'leased', lease_token = %s, lease_until = {{}}, attempts = attempts + 1"
CLAIM = {
    "postgresql": f"WITH due AS MATERIALIZED ({_DUE} FOR UPDATE SKIP LOCKED) "
    f"{_TAKE.format('clock_timestamp() + %s')} FROM due WHERE {_TABLE}.id = due.id AND state = 'queued'",
    "sqlite": f"{_TAKE.format('%s')} WHERE id IN ({_DUE}) AND state = 'queued'",
}
# The statements of every mail, as short as they can be: the rest goes through owned().
_MINE = "WHERE id = %s AND lease_token = %s AND state ="
_PASS = f"UPDATE {_TABLE} SET state = 'data', data_at = %s, lease_until = {{}} {_MINE} 'leased' AND lease_until > {{}}"
PASS = {
    "postgresql": _PASS.format("clock_timestamp() + %s", "clock_timestamp()"),
    "sqlite": _PASS.format("%s", "%s"),
}
SENT = (
    f"UPDATE {_TABLE} SET state = 'sent', lease_token = NULL, lease_until = NULL, stop_reason = '', sent_at = %s, "
    f"last_code = %s, last_text = %s {_MINE} 'data'"
)
TAKEN = f"UPDATE {Recipient._meta.db_table} SET result = 'accepted', at = %s WHERE id IN ({{}})"
LOCKED_OUT = ("40P01", "40001", "55P03")  # deadlock, serialization failure, lock not available


class Claim(NamedTuple):
    """What one worker took at once."""

    token: uuid.UUID
    messages: list


def claim(now, limit=BATCH):
    """Take up to `limit` mails that are due; return a Claim, perhaps empty. Two workers never take the same one."""
    token = uuid.uuid4()
    take = [_value("lease_token", token), *_real(LEASE)]
    due = [_value("not_before", now), limit]
    with transaction.atomic():
        taken = _run(CLAIM[connection.vendor], due + take if connection.vendor == "postgresql" else take + due)
    if not taken:
        return Claim(token, [])
    rows = Message.objects.filter(lease_token=token, state=State.LEASED).prefetch_related("recipients")
    return Claim(token, interleave(list(rows.order_by("not_before", "pk"))))


def worth(now, most):
    """Return how many connections, `most` at the most, have a batch each among the mails that are due; at least one."""
    due = Message.objects.filter(state=State.QUEUED, not_before__lte=now)[: most * BATCH]
    return min(most, 1 + due.count() // BATCH) if most > 1 else 1


def interleave(messages):
    """Return the messages so that those to one domain do not follow each other, as far as that can be."""
    turns, place = {}, []
    for message in messages:
        turn = turns[message.domain] = turns.get(message.domain, -1) + 1
        place.append((turn, message))
    return [message for _turn, message in sorted(place, key=lambda pair: pair[0])]


def owned(message, token, state):
    """Return the queryset of the row if this lease still owns it in this state: the fence of every update."""
    return Message.objects.filter(pk=message.pk, lease_token=token, state=state)


def pass_point(message, token, now):
    """leased -> data, just before DATA, with the lease renewed; return False where the lease was lost."""
    mine = [_value("id", message.pk), _value("lease_token", token)]
    return _run(PASS[connection.vendor], [_value("data_at", now), *_real(LEASE), *mine, *_real()]) == 1


def mark_sent(message, token, now, answer):
    """data -> sent, with the server's answer; return False where the lease was lost."""
    said = [_value("sent_at", now), answer.code, answer.text[:500]]
    return _run(SENT, [*said, _value("id", message.pk), _value("lease_token", token)]) == 1


def mark_taken(recipients, now):
    """Record on recipients (ids) that the server took the mail for them."""
    if recipients:
        _run(TAKEN.format(", ".join(["%s"] * len(recipients))), [_value("sent_at", now), *recipients])


def leave(message, token, was, state, **values):
    """Write the state that ends this ownership: `was` -> `state`; return False where the lease was lost."""
    values = {"state": state, "lease_token": None, "lease_until": None, **values}
    return bool(owned(message, token, was).update(**values))


def hurry(message, now):
    """Let a mail that the server has put off be tried at the next sweep; return whether it was put off."""
    put_off = Message.objects.filter(pk=message.pk, state=State.QUEUED, attempts__gt=0, not_before__gt=now)
    return bool(put_off.update(not_before=now))


def sweep(now):
    """Take back expired leases: what was leased was not sent and is queued; what was in `data` is unknown.

    returns (queued, unknown)
    """
    expired = Message.objects.filter(lease_until__lte=clock.real_now())
    free = {"lease_token": None, "lease_until": None}
    with transaction.atomic():
        queued = _unlocked(expired.filter(state=State.LEASED))
        back = Message.objects.filter(pk__in=queued, state=State.LEASED, lease_until__lte=clock.real_now())
        back = back.update(state=State.QUEUED, not_before=now, **free)
    with transaction.atomic():
        lost = _unlocked(expired.filter(state=State.DATA))
        gone = Message.objects.filter(pk__in=lost, state=State.DATA, lease_until__lte=clock.real_now())
        gone = gone.update(state=State.UNKNOWN, stop_reason="", **free)
    return back, gone


def retried(act, times=5):
    """Call `act` again where the database says that two writers met; anything else is raised."""
    for attempt in range(times):
        try:
            return act()
        except OperationalError as fault:
            code = getattr(fault.__cause__, "pgcode", None)
            if attempt + 1 == times or (code not in LOCKED_OUT and "locked" not in str(fault)):
                raise
            time.sleep(0.05 * 2**attempt)


def in_doubt():
    """Mails for a person: it is not known whether they arrived, or they could not be delivered."""
    return Message.objects.filter(Q(state=State.UNKNOWN) | Q(state=State.FAILED))


def _unlocked(rows):
    """Return ids, leaving out rows that another process holds: a sweeper that waits for a worker deadlocks with it."""
    return list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:500])


def _real(ahead=None):
    """Return the parameters that stand for the real instant: the server's clock in PostgreSQL, ours in SQLite."""
    if connection.vendor == "postgresql":
        return [ahead] if ahead is not None else []
    return [_value("lease_until", clock.real_now() + (ahead or timedelta()))]


def _run(sql, values):
    """Execute one statement; return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def _value(name, value):
    """Return a field's value as this database takes it."""
    return Message._meta.get_field(name).get_db_prep_value(value, connection)
