"""Mail to members of staff: digests, invitations to the desk, alarms. It is frozen and sent like every other mail."""

import uuid
from email.utils import format_datetime
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from . import compose, wording
from .merged import To, ascii_address
from .models import Message, Recipient, State
from .wording import Blocked

LONGEST_KEY = Message._meta.get_field("step").max_length - len("staff:")


class Sender(NamedTuple):
    """What the mail builder asks a campaign for: the site itself writes to its staff."""

    from_name: str
    from_address: str
    reply_to: str


def compose_staff(user, key, subject, body, *, now):
    """Make and queue one mail to a member of staff; the key again is the same mail.

    key      what the mail is, in at the most LONGEST_KEY characters: "digest:12:2026-03-20"; its step is staff:<key>
    subject  made one line; it and the plain body come in the site's language (in_site_language())
    returns  the Message, new or as it was made before
    raises   Blocked with a sentence where the person cannot be written to
    """
    if not user.email:
        raise Blocked(_("%(person)s has no e-mail address.") % {"person": user})
    if len(key) > LONGEST_KEY:
        raise ValueError(f"{key!r} has more than {LONGEST_KEY} characters")
    same = Message.objects.filter(approach=None, step=f"staff:{key}")
    try:
        with transaction.atomic():
            return same.first() or _store(user, key, wording.one_line(subject), body, now)
    except IntegrityError:  # another process at the same moment
        return same.get()


def in_site_language():
    """Return a context in which texts come in the language that mail to staff is written in."""
    return translation.override(settings.LANGUAGE_CODE)


def _store(user, key, subject, body, now):
    pk = uuid.uuid4()
    message_id = compose.message_id_for(pk, "staff")
    to = [To(None, Recipient.Use.TO, ascii_address(user.email))]
    headers = {
        "Message-ID": message_id,
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
        "Content-Language": settings.LANGUAGE_CODE,
    }
    site = Sender(settings.SITE_NAME, settings.DEFAULT_FROM_EMAIL, settings.DEFAULT_FROM_EMAIL)
    mime = compose._build(site, subject, body, to, headers)
    draft = compose.Draft(subject, settings.LANGUAGE_CODE, "", mime, "", to, "")
    message = Message(id=pk, step=f"staff:{key}", message_id=message_id, state=State.QUEUED, not_before=now)
    return compose._store(message, draft, now)
