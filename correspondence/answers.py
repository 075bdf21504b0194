"""What a mail server's answer means: for the mail, for the contact, or for us."""

import re
from enum import StrEnum
from typing import NamedTuple

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_MAILBOX = (550, 551, 553)


class Meaning(StrEnum):
    ACCEPTED = "accepted"
    TEMPORARY = "temporary"  # try again later
    DEAD = "dead"  # the address does not exist: the contact is marked
    REFUSED = "refused"  # this mail or mailbox, for good; the address may be fine
    OURS = "ours"  # we are refused (policy, login, reputation): mail is held, no contact is blamed


def meaning(answer):
    """Return what an Answer to RCPT means. The enhanced code (RFC 3463) is heard before the plain one."""
    if 200 <= answer.code < 300:
        return Meaning.ACCEPTED
    if not 500 <= answer.code < 600:
        return Meaning.TEMPORARY
    if found := _ENHANCED.search(answer.text):
        subject = found[2]
        return Meaning.DEAD if subject == "1" else Meaning.OURS if subject == "7" else Meaning.REFUSED
    if answer.code in NO_SUCH_MAILBOX:
        return Meaning.DEAD
    return Meaning.REFUSED if answer.code == 552 else Meaning.OURS


class Envelope(NamedTuple):
    """What the server said of one mail's sender and recipients.

    goes_to  {address: Recipient's id} that it takes, empty where the mail does not go now
    refused  [(Recipient's id, Answer, Meaning)] for good
    waiting  [(Recipient's id, Answer)] not now; they hold the mail back, or it goes without them
    first    the Answer to MAIL
    """

    goes_to: dict
    refused: list
    waiting: list
    first: object

    @classmethod
    def read(cls, first, answers, recipients, out_of_patience):
        """Sort the answers.

        answers          {address: Answer}; recipients {address: Recipient's id}
        out_of_patience  ids of recipients that have been waited for long enough, if another one is accepted
        """
        goes_to, refused, waiting = {}, [], []
        for address, answer in answers.items():
            said, pk = meaning(answer), recipients[address]
            if said == Meaning.ACCEPTED:
                goes_to[address] = pk
            elif said == Meaning.TEMPORARY:
                waiting.append((pk, answer))
            else:
                refused.append((pk, answer, said))
        if any(said == Meaning.OURS for _pk, _answer, said in refused):
            goes_to = {}
        if any(pk not in out_of_patience for pk, _answer in waiting):
            goes_to = {}
        return cls(goes_to, refused, waiting, first)

    @property
    def ours(self):
        """The Answer that refuses us rather than a recipient, or None."""
        if 500 <= self.first.code < 600:
            return self.first
        return next((answer for _pk, answer, said in self.refused if said == Meaning.OURS), None)

    @property
    def not_now(self):
        """Whether the server puts the mail off: it asks to try again later (4xx)."""
        return not self.ours and bool(self.waiting or not self.refused)

    @property
    def last(self):
        """The Answer that decided, for the mail's row."""
        said = [answer for _pk, answer, _said in self.refused] + [answer for _pk, answer in self.waiting]
        return self.first if not 200 <= self.first.code < 300 or not said else said[-1]
