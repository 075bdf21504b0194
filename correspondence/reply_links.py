"""The secret address in a mail: 130 random bits, stored as a hash, one message each."""

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings

from campaigns.tokens import ALPHABET

from .models import ReplyLink

LENGTH = 26  # characters of 5 bits
LIVES_ON = timedelta(days=90)  # after the close
_LINK = re.compile(rf"(/reply/)[{ALPHABET}]{{{LENGTH}}}(/)")
_PASSWORD = re.compile(r"(/admin/password/[\w-]+/)[0-9a-z]+-[0-9a-f]+(/)")  # in an invitation of staff


def new_token():
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def address(token, language):
    """Return the address of the page, in the mail's language where the site speaks it, else in English."""
    code = language if language in dict(settings.LANGUAGES) else "en"
    return f"{settings.SITE_URL}/{code}/reply/{token}/"


def find(token, now):
    """Return the ReplyLink that opens with `token`, with its message, approach and campaign; else None.

    Unknown, revoked and expired are the same to the caller and cost the same: one hash, one query by the hash.
    """
    related = "message__approach__campaign"
    link = ReplyLink.objects.filter(digest=digest(token)).select_related(related, "message__approach__company").first()
    if link is None or link.revoked_at or link.message.approach is None or expired(link.message.approach.campaign, now):
        return None
    return link


def expired(campaign, now):
    """Say whether the links of a campaign have ended: 90 days after its close; without a close, never."""
    closed = max(filter(None, (campaign.closes_at, campaign.closed_at)), default=None)
    return closed is not None and closed + LIVES_ON <= now


def mask(text):
    """Return `text` as staff may see it: the frozen mail is the one place with the token."""
    hidden = rf"\g<1>{'•' * 8}\g<2>"
    return _PASSWORD.sub(hidden, _LINK.sub(hidden, text))
