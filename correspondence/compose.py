"""One mail, merged and frozen: these bytes are what travels, and their hash is what a person approves."""

import base64
import hashlib
import re
import uuid
from email.utils import format_datetime, formataddr
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError
from django.utils import translation
from django.utils.translation import gettext as _

from companies.models import Health

from . import relay_url, reply_links, wording
from .doubts import WAS_SENT
from .letters import Letters, invited_day
from .models import Message, Recipient, ReplyLink, State
from .wording import Blocked


class To(NamedTuple):
    """Somebody to write to. `contact` is None for a member of staff."""

    contact: object
    use: str
    address: str


class Draft(NamedTuple):
    subject: str
    language: str
    why_language: str
    mime: bytes
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
    chosen = recipients(approach)
    text, choice = letters.wording(kind, chosen[0].contact)
    token = reply_links.new_token()
    link = reply_links.address(token, choice.language)
    invited = invited_day(approach)
    values = letters.values(approach, chosen[0].contact, choice.language, invited=invited, link=link)
    with translation.override(choice.language):
        subject = wording.one_line(wording.merge(text.subject, values))
        body = wording.merge(wording.many_lines(text.body), values).rstrip() + "\n\n" + stop_sentence() + "\n"
        if test_to:
            subject = _("[Test] %(subject)s") % {"subject": subject}
    to = test_to or chosen
    headers = {
        "Message-ID": message_id,
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
        "Content-Language": choice.language,
        **({} if test_to else thread(approach, message_id)),
    }
    mime = _build(campaign, subject, body, to, headers)
    return Draft(subject, choice.language, choice.why, mime, to, token)


def recipients(approach):
    """Return [To] of the approach's chosen contacts that can be written to, the first one as "to"; else Blocked."""
    chosen = [one for one in approach.chosen.select_related("contact") if one.contact.email]
    usable = [one for one in chosen if one.contact.health == Health.WORKING]
    if not usable:
        states = {one.contact.health for one in chosen}
        if Health.OPTED_OUT in states:
            raise Blocked(_("The contact asked not to be written to."))
        if Health.BOUNCED in states:
            raise Blocked(_("Mail to the contact's address came back."))
        raise Blocked(_("There is no contact with an e-mail address to write to."))
    people = [To(one.contact, one.use, ascii_address(one.contact.email)) for one in usable]
    if all(one.use == Recipient.Use.CC for one in people):
        people[0] = people[0]._replace(use=Recipient.Use.TO)
    return people


def ascii_address(address):
    """Return an address as every mail server takes it: the domain in ASCII; Blocked where that cannot be."""
    local, _at, domain = address.strip().rpartition("@")
    try:
        local.encode("ascii")
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not local or not domain or not re.fullmatch(r"[^\s\x00-\x1f\x7f<>(),;:\\\"]+", plain):
        raise Blocked(_("A contact's address has characters that mail servers do not take."))
    return plain


def stop_sentence():
    """Return the last lines of every letter, in the active language."""
    return _("If you do not want to be written to about this, reply and say so: we will not write again.")


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
    message.domain = draft.to[0].address.rpartition("@")[2].lower()
    message.created_at = now
    message.save()
    Recipient.objects.bulk_create(
        [Recipient(message=message, contact=one.contact, use=one.use, address=one.address) for one in draft.to]
    )
    if draft.token:
        ReplyLink.objects.create(message=message, digest=reply_links.digest(draft.token))
    return message
