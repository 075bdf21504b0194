"""The breaker: a mail server that cannot be reached, or puts most mail off, is left alone but for one probe a minute.

Each answer is a mark in the control row, newest last. Sweeps keep good ones to themselves and write them with the next
bad one or at their end, so that a server that works costs no query a mail.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from .models import Control

log = logging.getLogger(__name__)
GOOD, BUSY, CUT = ".", "4", "c"  # it answered; it said "later" (4xx); it could not be reached, or did not let us in
LAST = 50  # answers that are remembered
MOST_BUSY = 25  # of these
MOST_CUT = 5  # in a row
PROBE_EVERY = timedelta(minutes=1)


def heard(marks, because, now, *, probe=False):
    """Add marks, the newest last; return whether the server is given up (now, or still).

    because  what the server said last, for people; probe  whether this was the one mail that tries it out
    """
    with transaction.atomic():
        row = Control.objects.select_for_update().get(pk=1)
        if row.breaker_opened_at:
            if not (probe and marks.endswith(GOOD)):
                return True
            row.breaker_opened_at, row.breaker_because, row.answers = None, "", ""
            log.warning("The mail server takes mail again.")
        else:
            row.answers = (row.answers + marks)[-LAST:]
            if row.answers.endswith(CUT * MOST_CUT) or row.answers.count(BUSY) > MOST_BUSY:
                row.breaker_opened_at = row.probed_at = now
                row.breaker_because = because[:300]
                log.error("The mail server is given up for now: %s", because)
        row.save(update_fields=["breaker_opened_at", "breaker_because", "probed_at", "answers"])
        return bool(row.breaker_opened_at)


def may_try(now):
    """Return (whether this sweep may send, whether it sends one mail first as the probe of this minute)."""
    row = Control.objects.filter(pk=1, breaker_opened_at__isnull=False)
    if not row.exists():
        return True, False
    last = Q(probed_at=None) | Q(probed_at__lte=now - PROBE_EVERY) | Q(probed_at__gt=now)  # a clock may go back
    won = bool(row.filter(last).update(probed_at=now))
    return won, won


def try_now():
    """Let the next sweep try the mail server, however short ago the last probe was: a person's act."""
    Control.objects.filter(pk=1).update(probed_at=None)


def sentence(control):
    """Return what people are told of an open breaker, or ""."""
    if not control.breaker_opened_at:
        return ""
    return _("The mail server takes no mail for now: %(because)s") % {"because": control.breaker_because}
