"""One mail, merged and frozen: these bytes are what travels, and their hash is what a person approves."""

import base64
import hashlib
import uuid
from email.charset import QP, Charset
from email.utils import format_datetime, formataddr
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Campaign

from . import attachments, html_part, relay_url, reply_links, wording
from .doubts import WAS_SENT
from .letters import Letters, invited_day
from .merged import NOT_PUBLIC, To, ascii_address, digest, recipients, words
from .mime import to_bytes
from .models import Message, Recipient, ReplyLink, State, WordingKind
from .wording import Blocked

QUOTED = Charset("utf-8")
QUOTED.body_encoding = QP


class Draft(NamedTuple):
    subject: str
    language: str
    why_language: str
    mime: bytes
    merged_hash: str
    to: list
    token: str
    letter: object = None  # a Letter, where it was written for this mail


class Known(NamedTuple):
    """What a mail asks of its approach's records."""

    chosen: list  # of ChosenContact, with their contacts
    invited: object  # days.Day of the invitation, or None
    earlier: list  # Message-IDs of its mails that were sent, or may have been, oldest first


class Made(NamedTuple):
    """One mail before it is stored."""

    message: Message
    recipients: list  # of Recipient
    links: list  # of ReplyLink: one, or none


def compose(approach, step, kind, **values):
    """Make and store one mail of an approach; the rest as in make(). Return the Message."""
    return _save(make(approach, step, kind, **values))


def make(
    approach, step, kind, *, now, state, not_before=None, batch=None, resend_no=0, resend_reason="", letters=None,
    known=None,
):  # fmt: skip
    """Make one mail of an approach; nothing is stored.

    step     its key, see decisions.md 10; the database takes one message per approach, step and resend_no
    kind     a WordingKind
    state    PROPOSED, or QUEUED where it may leave without approval (then `not_before` is `now` by default)
    letters  the campaign's Letters, where many mails are made
    known    what is Known of the approach, where the caller has read it
    returns  what is Made; the message's `mime` is the exact bytes
    raises   Blocked with a sentence
    """
    key = uuid.uuid4()
    message_id = message_id_for(key, approach.reply_token)
    letters = letters or Letters(approach.campaign)
    draft = render(approach, kind, step=step, message_id=message_id, now=now, letters=letters, known=known)
    message = Message(
        id=key, approach=approach, batch=batch, step=step, kind=kind, state=state, message_id=message_id,
        resend_no=resend_no, resend_reason=resend_reason, letter=draft.letter,
    )  # fmt: skip
    message.not_before = (not_before or now) if state == State.QUEUED else not_before
    return _made(message, draft, now)


def recompose(message, now, letters=None):
    """Merge a proposed mail again in place, with a new reply link; return it. Blocked leaves it as it was."""
    approach = message.approach
    letters = letters or Letters(approach.campaign)
    known = {"step": message.step, "message_id": message.message_id}
    draft = render(approach, message.kind, now=now, letters=letters, **known)
    message.recipients.all().delete()
    ReplyLink.objects.filter(message=message).delete()
    return _store(message, draft, now)


def compose_test(approach, kind, user, *, now, step="", letters=None):
    """Make a test of this mail for a member of staff; its reply link leads nowhere. Blocked as compose().

    step  of the mail that is tried out
    """
    if not user.email:
        raise Blocked(_("Your account has no e-mail address."))
    key = uuid.uuid4()
    message_id = message_id_for(key, "test")
    to = [To(None, Recipient.Use.TO, ascii_address(user.email))]
    letters = letters or Letters(approach.campaign)
    draft = render(approach, kind, step=step, message_id=message_id, now=now, letters=letters, test_to=to)
    message = Message(id=key, step=f"test:{key}", kind=kind, message_id=message_id, letter=draft.letter)
    message.state, message.not_before = State.QUEUED, now
    return _store(message, draft._replace(token=""), now)


def render(approach, kind, *, message_id, now, letters, step="", test_to=None, known=None):
    """Return the Draft of one mail; nothing is stored. Blocked with a sentence where it cannot be made."""
    campaign = letters.campaign
    known = known or _known(approach, message_id)
    chosen, token = recipients(known.chosen, letters.escalates(step)), reply_links.new_token()
    said = words(letters, kind, approach, chosen[0].contact, token=token, invited=known.invited, step=step)
    if said.published and not Campaign.objects.public(now).filter(pk=campaign.pk).exists():
        raise Blocked(NOT_PUBLIC)
    merged_hash, to = digest(campaign, said, chosen), test_to or chosen
    if test_to:
        with translation.override(said.language):
            said = said._replace(subject=_("[Test] %(subject)s") % {"subject": said.subject})
    headers = {
        "Message-ID": message_id,
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
        "Content-Language": said.language,
        **({} if test_to else thread(known.earlier)),
    }
    text, _choice = letters.wording(kind, chosen[0].contact, step)
    page = html_part.html(said.body, said.language, written=html_part.addresses(text.body))
    mime = _build(campaign, said.subject, said.body, to, headers, page=page, attached=said.files)
    letter = text if kind == WordingKind.LETTER else None
    return Draft(said.subject, said.language, said.why_language, mime, merged_hash, to, token, letter)


def message_id_for(key, token):
    """Return the Message-ID that a mail keeps at every attempt; replies carry the approach's token back in it."""
    name = base64.b32encode(key.bytes).decode().rstrip("=").lower()
    return f"<o.{name}.{token}@{settings.MAIL_DOMAIN}>"


def _known(approach, message_id):
    earlier = (
        approach.messages.filter(state__in=WAS_SENT).exclude(message_id=message_id).order_by("data_at", "created_at")
    )
    chosen = approach.chosen.select_related("contact")
    return Known(chosen, invited_day(approach), list(earlier.values_list("message_id", flat=True)))


def thread(ids):
    """Return the headers that put a mail under the earlier ones of these Message-IDs; none for the first."""
    # The first one too, however many came since: mail programs hang a thread on it.
    return {"In-Reply-To": ids[-1], "References": " ".join([*ids[:1], *ids[1:][-9:]])} if ids else {}


def _build(campaign, subject, body, to, headers, page="", attached=()):
    """Return the bytes: a text, the same as an HTML page where there is one, and the Attachments."""
    files = relay_url.parse(settings.EMAIL_URL).kind == "file"
    sender = campaign.from_address or (settings.DEFAULT_FROM_EMAIL if files else "")
    if not sender:
        raise Blocked(_("The campaign has no sender's address."))
    if not campaign.reply_to and not files:
        raise Blocked(_("The campaign does not say where replies go."))
    try:
        mail = EmailMultiAlternatives(
            subject=subject,
            body=body,
            from_email=formataddr((wording.one_line(campaign.from_name), sender)),
            to=[_mailbox(one) for one in to if one.use == Recipient.Use.TO],
            cc=[_mailbox(one) for one in to if one.use == Recipient.Use.CC],
            reply_to=[campaign.reply_to] if campaign.reply_to else [],
            headers=headers,
            alternatives=[(page, "text/html")] if page else [],
            attachments=[attachments.part(one) for one in attached],
        )
        if not (body + page).isascii():  # lines that every mail server takes, and no signature breaks at
            mail.encoding = QUOTED
        return to_bytes(mail.message())
    except (BadHeaderError, ValueError) as fault:
        raise Blocked(_("The mail's head cannot be written: %(fault)s") % {"fault": fault}) from None


def _mailbox(one):
    return formataddr((wording.one_line(one.contact.name) if one.contact else "", one.address))


def _made(message, draft, now):
    message.subject, message.language, message.mime = draft.subject[:500], draft.language, draft.mime
    message.sha256 = hashlib.sha256(draft.mime).hexdigest()
    message.merged_hash = draft.merged_hash
    message.domain = draft.to[0].address.rpartition("@")[2].lower()
    message.created_at = now
    people = [Recipient(message=message, contact=one.contact, use=one.use, address=one.address) for one in draft.to]
    links = [ReplyLink(message=message, digest=reply_links.digest(draft.token))] if draft.token else []
    return Made(message, people, links)


def _store(message, draft, now):
    return _save(_made(message, draft, now))


def _save(made):
    made.message.save()
    Recipient.objects.bulk_create(made.recipients)
    ReplyLink.objects.bulk_create(made.links)
    return made.message
