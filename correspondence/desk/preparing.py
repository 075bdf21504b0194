"""Merging many mails in parts: each request works for a few seconds, and the page says how far it came."""

from time import monotonic

from correspondence import batches
from correspondence.letters import Letters
from correspondence.models import Message, State

SECONDS = 6  # a request's work: below every proxy's patience
PART = 50  # mails in one transaction, and between two looks at the watch


def merge(campaign, kind, keys, *, now, again=False):
    """Merge the mails of these approaches until the time is up.

    keys     ids of approaches, in the campaign's order
    again    merge those once more that are proposed already; otherwise those that are not
    returns  (how many of `keys` were dealt with, how many of these could not be merged)
    """
    done, refused, ends = 0, 0, monotonic() + SECONDS
    for start in range(0, len(keys), PART):
        part = keys[start : start + PART]
        refused += _again(campaign, kind, part, now) if again else _once(campaign, kind, part, now)
        done += len(part)
        if monotonic() > ends:
            break
    return done, refused


def _once(campaign, kind, keys, now):
    proposal = batches.propose(campaign, kind, now=now, approaches=campaign.approaches.filter(pk__in=keys))
    return len(proposal.blocked)


def _again(campaign, kind, keys, now):
    mails = Message.objects.filter(approach__in=keys, kind=kind, state=State.PROPOSED)
    return len(batches.merge_anew(mails, Letters(campaign), now))
