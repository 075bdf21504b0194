"""One mail as a person looks at it: its head, its text with the merged words marked, the same as HTML, its files, and
its source; the secret is in none of them.
"""

import re
from email import message_from_bytes, policy
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _

from correspondence import reply_links, wording
from correspondence.letters import Letters, invited_day
from correspondence.merged import stop_sentence
from correspondence.wording import Blocked

HEADS = ("From", "To", "Cc", "Reply-To", "Subject", "Date")
_FIELD = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_SOFT_BREAK = "(?:=\r?\n)?"  # quoted-printable may cut a line anywhere


class Shown(NamedTuple):
    heads: list  # of (name, text)
    subject: list  # of (text, whether it was merged)
    body: list  # of (text, whether it was merged)
    html: str  # the other part, for a frame that runs nothing; "" where there is none
    files: list  # of (name, bytes)
    agrees: bool  # with today's wording and records; else nothing is marked
    source: str
    why_language: str


def show(message):
    """Return the Shown of a stored mail; the reply link's token is in none of it.

    message  a Message with its approach, company and campaign
    """
    mail = message_from_bytes(bytes(message.mime), policy=policy.default)
    body = reply_links.mask(_text(mail))
    subject = reply_links.mask(str(mail["Subject"] or ""))
    words, why = _words(message, body, subject)
    heads = [(name, reply_links.mask(str(mail[name]))) for name in HEADS if mail[name]]
    unmarked = ([(subject, False)], [(body, False)])
    page = mail.get_body(("html",))
    html = reply_links.mask(page.get_content()) if page else ""
    files = [(part.get_filename(""), len(part.get_payload(decode=True) or b"")) for part in mail.iter_attachments()]
    return Shown(heads, *(words or unmarked), html, files, words is not None, source(bytes(message.mime)), why)


def source(mime):
    """Return a mail's bytes as text, as they travel but for the token; a body that hides it is left out."""
    mail = message_from_bytes(mime, policy=policy.default)
    text = mime.decode("utf-8", "replace").replace("\r\n", "\n")
    head, _blank, body = text.partition("\n\n")
    head = _masked_head(head, mail)
    plain = _text(mail)
    for token in set(re.findall(r"/reply/([^/\s]+)/", plain)):
        body = re.sub(_SOFT_BREAK.join(map(re.escape, token)), "•" * 8, body)
    for part in mail.walk():
        if str(part["Content-Transfer-Encoding"] or "").lower() == "base64":
            body = body.replace(str(part.get_payload()).replace("\r\n", "\n").strip(), _encoded(part))
    return f"{head}\n\n{reply_links.mask(body)}"


def marked(text, template, values):
    """Return `text` as [(part, whether it was merged)], or None where it is not `template` filled in with `values`."""
    parts, place, after = [], 0, 0
    for match in _FIELD.finditer(template):
        literal = template[after : match.start()]
        value = values.get(match[1]) or match[2] or ""
        if not text.startswith(literal + value, place):
            return None
        parts += [(literal, False), (value, True)]
        place += len(literal) + len(value)
        after = match.end()
    if text[place:] != template[after:]:
        return None
    return [part for part in [*parts, (text[place:], False)] if part[0]]


def _words(message, body, subject):
    """Return ((subject, body) marked or None, why this language)."""
    first = message.recipients.select_related("contact").first()
    if message.approach is None or first is None or first.contact is None or not message.kind:
        return None, ""
    letters = Letters(message.approach.campaign)
    try:
        text, choice = letters.wording(message.kind, first.contact, message.step)
    except Blocked:
        return None, ""
    if choice.language != message.language:
        return None, ""
    invited = invited_day(message.approach)
    link = reply_links.address("•" * 8, choice.language)
    values = letters.values(message.approach, first.contact, choice.language, invited=invited, link=link)
    with translation.override(choice.language):
        ending = stop_sentence()
    of_body = marked(body.rstrip(), f"{wording.many_lines(text.body).rstrip()}\n\n{ending}", values)
    lines = {name: wording.one_line(value) for name, value in values.items()}
    of_subject = marked(subject, wording.one_line(text.subject), lines)
    return (of_subject, of_body) if of_subject and of_body else None, choice.why


def _encoded(part):
    """What stands in a source instead of a part in base64: nobody reads it, and no mask finds a token in it."""
    if part.is_attachment():
        return _("[The file %(name)s is encoded here.]") % {"name": part.get_filename("")}
    return _("[The text is encoded here; it is shown above.]")


def _text(mail):
    part = mail.get_body(("plain",))
    return part.get_content().replace("\r\n", "\n") if part else ""


def _masked_head(head, mail):
    """A head whose text has the secret is written out decoded: encoded words would hide it from the mask."""
    for name, value in mail.items():
        if reply_links.mask(str(value)) != str(value):
            folded = rf"(?im)^{re.escape(name)}:.*(?:\n[ \t].*)*"
            head = re.sub(folded, lambda _m, n=name, v=value: f"{n}: {reply_links.mask(str(v))}", head)
    return head
