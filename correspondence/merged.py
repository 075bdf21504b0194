"""What a mail says and to whom, without what differs at every merge: its secret link, its id, its date, its thread.

The hash of that is kept with the mail. A proposed mail whose hash is another one today was merged from something that
was edited since: a wording, a question, a reason, a day, the sender, a contact. It is merged again before it leaves.
"""

import hashlib
import json
import re
from collections import defaultdict
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import days
from campaigns.models import Approach, ChosenContact, Event
from companies.models import Health

from . import reply_links, wording
from .models import Recipient
from .wording import Blocked

NO_LINK = "•" * 8  # in place of the token
TOGETHER = 500  # mails in one query


class To(NamedTuple):
    """Somebody to write to. `contact` is None for a member of staff."""

    contact: object
    use: str
    address: str


class Words(NamedTuple):
    subject: str
    body: str
    language: str
    why_language: str


def recipients(chosen):
    """Return [To] of an approach's ChosenContacts that can be written to, the first one as "to"; else Blocked."""
    chosen = [one for one in chosen if one.contact.email]
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


def words(letters, kind, approach, contact, *, token, invited):
    """Return the Words of one mail, or raise Blocked.

    letters  the campaign's Letters
    contact  the first recipient, whose language and name count
    invited  the days.Day of the invitation, or None
    """
    text, choice = letters.wording(kind, contact)
    link = reply_links.address(token, choice.language)
    values = letters.values(approach, contact, choice.language, invited=invited, link=link)
    with translation.override(choice.language):
        subject = wording.one_line(wording.merge(text.subject, values))
        body = wording.merge(wording.many_lines(text.body), values).rstrip() + "\n\n" + stop_sentence() + "\n"
    return Words(subject, body, choice.language, choice.why)


def digest(campaign, said, to):
    """Return the hash of a mail's Words, its sender and its recipients (To tuples)."""
    people = [[str(one.use), one.address, one.contact.name if one.contact else ""] for one in to]
    sender = [campaign.from_name, campaign.from_address, campaign.reply_to]
    texts = [reply_links.mask(said.subject), reply_links.mask(said.body), said.language]
    return hashlib.sha256(json.dumps([texts, sender, people]).encode()).hexdigest()


def outdated(mails, letters):
    """Return the ids of those mails that a merge of today would word or address otherwise, or could not make.

    mails    a queryset of proposed Messages of one campaign, whose Letters these are; three queries for each 500
    """
    rows = list(mails.order_by("approach").values_list("pk", "approach", "kind", "merged_hash"))
    found = set()
    for start in range(0, len(rows), TOGETHER):
        part = rows[start : start + TOGETHER]
        records = _Records([approach for _pk, approach, _kind, _hash in part])
        found |= {pk for pk, key, kind, known in part if records.digest(key, kind, letters) != known}
    return found


class _Records:
    """Approaches by their ids, whom each writes to and when it was invited: whatever their mails do meanwhile."""

    def __init__(self, keys):
        self.approaches = Approach.objects.in_bulk(keys)
        self.chosen, self.invited = defaultdict(list), {}
        for one in ChosenContact.objects.filter(approach__in=keys).select_related("contact"):
            self.chosen[one.approach_id].append(one)
        events = Event.objects.standing().filter(approach__in=keys, kind="invited", field="reach")
        for event in events.order_by("on", "id"):
            self.invited[event.approach_id] = days.Day(event.on, event.stated)

    def digest(self, key, kind, letters):
        """Return the hash of a mail of this kind as it would be merged now, or None where it cannot be made."""
        try:
            to = recipients(self.chosen[key])
            invited = self.invited.get(key)
            said = words(letters, kind, self.approaches[key], to[0].contact, token=NO_LINK, invited=invited)
        except Blocked:
            return None
        return digest(letters.campaign, said, to)
