"""One mail, merged and frozen: these bytes are what travels, and their hash is what a person approves."""

import base64
import hashlib
import uuid
from email.utils import format_datetime, formataddr
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError
from django.utils import translation
from django.utils.translation import gettext as _

from . import relay_url, reply_links, wording
from .doubts import WAS_SENT
from .letters import Letters, invited_day
from .merged import To, ascii_address, digest, recipients, words
from .models import Message, Recipient, ReplyLink, State
from .wording import Blocked


class Draft(NamedTuple):
    subject: str
    language: str
    why_language: str
    mime: bytes
    merged_hash: str
    to: list
    token: str


def compose(
    approach, step, kind, *, now, state, not_before=None, batch=None, resend_no=0, resend_reason="", letters=None
):
    """Make and store one mail of an approach.

    step     its key, see decisions.md 10; the database takes one message per approach, step and resend_no
    kind     a WordingKind
    state    PROPOSED, or QUEUED where it may leave without approval (then `not_before` is `now` by default)
    letters  the campaign's Letters, where many mails are made
    returns  the Message; its `mime` is the exact bytes
    raises   Blocked with a sentence, and nothing was stored
    """
    key = uuid.uuid4()
    message_id = message_id_for(key, approach.reply_token)
    draft = render(approach, kind, message_id=message_id, now=now, letters=letters or Letters(approach.campaign))
    message = Message(
        id=key, approach=approach, batch=batch, step=step, kind=kind, state=state, message_id=message_id,
        resend_no=resend_no, resend_reason=resend_reason,
    )  # fmt: skip
    message.not_before = (not_before or now) if state == State.QUEUED else not_before
    return _store(message, draft, now)


def recompose(message, now, letters=None):
    """Merge a proposed mail again in place, with a new reply link; return it. Blocked leaves it as it was."""
    approach = message.approach
    letters = letters or Letters(approach.campaign)
    draft = render(approach, message.kind, message_id=message.message_id, now=now, letters=letters)
    message.recipients.all().delete()
    ReplyLink.objects.filter(message=message).delete()
    return _store(message, draft, now)


def compose_test(approach, kind, user, *, now, letters=None):
    """Make a test of this mail for a member of staff; its reply link leads nowhere. Blocked as compose()."""
    if not user.email:
        raise Blocked(_("Your account has no e-mail address."))
    key = uuid.uuid4()
    message_id = message_id_for(key, "test")
    to = [To(None, Recipient.Use.TO, ascii_address(user.email))]
    letters = letters or Letters(approach.campaign)
    draft = render(approach, kind, message_id=message_id, now=now, letters=letters, test_to=to)
    message = Message(id=key, step=f"test:{key}", kind=kind, message_id=message_id)
    message.state, message.not_before = State.QUEUED, now
    return _store(message, draft._replace(token=""), now)


def render(approach, kind, *, message_id, now, letters, test_to=None):
    """Return the Draft of one mail; nothing is stored. Blocked with a sentence where it cannot be made."""
    campaign = letters.campaign
    chosen = recipients(approach.chosen.select_related("contact"))
    token = reply_links.new_token()
    said = words(letters, kind, approach, chosen[0].contact, token=token, invited=invited_day(approach))
    merged_hash, to = digest(campaign, said, chosen), test_to or chosen
    if test_to:
        with translation.override(said.language):
            said = said._replace(subject=_("[Test] %(subject)s") % {"subject": said.subject})
    headers = {
        "Message-ID": message_id,
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
        "Content-Language": said.language,
        **({} if test_to else thread(approach, message_id)),
    }
    mime = _build(campaign, said.subject, said.body, to, headers)
    return Draft(said.subject, said.language, said.why_language, mime, merged_hash, to, token)


def message_id_for(key, token):
    """Return the Message-ID that a mail keeps at every attempt; replies carry the approach's token back in it."""
    name = base64.b32encode(key.bytes).decode().rstrip("=").lower()
    return f"<o.{name}.{token}@{settings.MAIL_DOMAIN}>"


def thread(approach, message_id):
    """Return the headers that put a mail under the approach's earlier ones; none for the first."""
    earlier = approach.messages.filter(state__in=WAS_SENT).exclude(message_id=message_id).order_by("data_at")
    ids = list(earlier.values_list("message_id", flat=True))
    return {"In-Reply-To": ids[-1], "References": " ".join(ids[-10:])} if ids else {}


def _build(campaign, subject, body, to, headers):
    files = relay_url.parse(settings.EMAIL_URL).kind == "file"
    sender = campaign.from_address or (settings.DEFAULT_FROM_EMAIL if files else "")
    if not sender:
        raise Blocked(_("The campaign has no sender's address."))
    if not campaign.reply_to and not files:
        raise Blocked(_("The campaign does not say where replies go."))
    try:
        mail = EmailMessage(
            subject=subject,
            body=body,
            from_email=formataddr((wording.one_line(campaign.from_name), sender)),
            to=[_mailbox(one) for one in to if one.use == Recipient.Use.TO],
            cc=[_mailbox(one) for one in to if one.use == Recipient.Use.CC],
            reply_to=[campaign.reply_to] if campaign.reply_to else [],
            headers=headers,
        )
        return mail.message().as_bytes(linesep="\r\n")
    except (BadHeaderError, ValueError) as fault:
        raise Blocked(_("The mail's head cannot be written: %(fault)s") % {"fault": fault}) from None


def _mailbox(one):
    return formataddr((wording.one_line(one.contact.name) if one.contact else "", one.address))


def _store(message, draft, now):
    message.subject, message.language, message.mime = draft.subject[:500], draft.language, draft.mime
    message.sha256 = hashlib.sha256(draft.mime).hexdigest()
    message.merged_hash = draft.merged_hash
    message.domain = draft.to[0].address.rpartition("@")[2].lower()
    message.created_at = now
    message.save()
    Recipient.objects.bulk_create(
        [Recipient(message=message, contact=one.contact, use=one.use, address=one.address) for one in draft.to]
    )
    if draft.token:
        ReplyLink.objects.create(message=message, digest=reply_links.digest(draft.token))
    return message
