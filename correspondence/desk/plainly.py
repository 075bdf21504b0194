"""Why a mail failed, in words for a person; the server's own are one click away."""

from django.utils.translation import gettext as _

from correspondence.answers import Meaning, meaning
from correspondence.relay import Answer

FULL = ("2.2", "552")  # enhanced code 5.2.2, or the plain one that says the same


def why(mail):
    """Return one or two sentences for a failed Message; an Answer of its last recipient decided."""
    if not mail.last_code:
        return mail.stop_reason or mail.last_text or _("It could not be delivered.")
    answer = Answer(mail.last_code, mail.last_text)
    if any(code in f"{answer.code} {answer.text[:20]}" for code in FULL):
        return _("The mailbox is full. Try again later, or choose another contact.")
    return {
        Meaning.DEAD: _("The address does not exist. Correct it, or choose another contact."),
        Meaning.REFUSED: _("The company's mail server refuses this mail. Another contact, or another channel, may do."),
        Meaning.OURS: _("The mail server refuses us, not the company. Somebody has to look at our mail server."),
        Meaning.TEMPORARY: _("The company's mail server was asked for days and never took it. Try again later."),
    }.get(meaning(answer), _("It could not be delivered."))
