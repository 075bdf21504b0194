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
from django.utils.translation import gettext_lazy

from campaigns import days
from campaigns.models import Approach, ChosenContact, Event
from companies.models import Health

from . import reply_links, wording
from .models import Recipient, WordingKind
from .wording import Blocked

NO_LINK = "•" * 8  # in place of the token
TOGETHER = 500  # mails in one query
NOT_PUBLIC = gettext_lazy("The campaign's page is not public.")


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
    files: list  # of Attachment, without their content
    published: str  # the day of publication that it rests on, where it says that the page is public


def recipients(chosen, escalates=False):
    """Return [To] of an approach's ChosenContacts that can be written to, the first one as "to"; else Blocked.

    escalates  whether the step goes to the contacts for escalation as well, as copies
    """
    order = [ChosenContact.Use.TO, ChosenContact.Use.CC, *([ChosenContact.Use.ESCALATION] if escalates else [])]
    chosen = [one for one in chosen if one.contact.email and one.use in order]
    chosen.sort(key=lambda one: order.index(one.use))
    usable = [one for one in chosen if one.contact.health == Health.WORKING]
    if not usable:
        states = {one.contact.health for one in chosen}
        if Health.OPTED_OUT in states:
            raise Blocked(_("The contact asked not to be written to."))
        if Health.BOUNCED in states:
            raise Blocked(_("Mail to the contact's address came back."))
        raise Blocked(_("There is no contact with an e-mail address to write to."))
    people = [To(one.contact, Recipient.Use.CC, ascii_address(one.contact.email)) for one in usable]
    direct = sum(one.use == ChosenContact.Use.TO for one in usable) or 1
    people[:direct] = [one._replace(use=Recipient.Use.TO) for one in people[:direct]]
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


def words(letters, kind, approach, contact, *, token, invited, step=""):
    """Return the Words of one mail, or raise Blocked.

    letters  the campaign's Letters
    step     its key; a single letter is found by it
    contact  the first recipient, whose language and name count
    invited  the days.Day of the invitation, or None
    """
    text, choice = letters.wording(kind, contact, step)
    link = reply_links.address(token, choice.language)
    values = letters.values(approach, contact, choice.language, invited=invited, link=link)
    if kind == WordingKind.NOW_PUBLIC and not values["public_page"]:
        raise Blocked(NOT_PUBLIC)
    subject = wording.one_line(wording.merge(text.subject, values))  # what blocks it is said in the staff's language
    body = wording.merge(wording.many_lines(text.body), values).rstrip()
    with translation.override(choice.language):
        body += f"\n\n{stop_sentence()}\n"
    published = letters.campaign.published_stated if wording.names(text, "public_page") else ""
    return Words(subject, body, choice.language, choice.why, letters.files(text), published)


def digest(campaign, said, to):
    """Return the hash of a mail's Words, its sender and its recipients (To tuples)."""
    people = [[str(one.use), one.address, one.contact.name if one.contact else ""] for one in to]
    sender = [campaign.from_name, campaign.from_address, campaign.reply_to]
    texts = [reply_links.mask(said.subject), reply_links.mask(said.body), said.language]
    more = [[[one.name, one.sha256] for one in said.files], said.published]
    more = more if any(more) else []  # mails that were merged before there were attachments keep their hash
    return hashlib.sha256(json.dumps([texts, sender, people, *more]).encode()).hexdigest()


def outdated(mails, letters):
    """Return the ids of those mails that a merge of today would word or address otherwise, or could not make.

    mails    a queryset of proposed Messages of one campaign, whose Letters these are; three queries for each 500
    """
    rows = list(mails.order_by("approach").values_list("pk", "approach", "kind", "step", "merged_hash"))
    found = set()
    for start in range(0, len(rows), TOGETHER):
        part = rows[start : start + TOGETHER]
        records = Records(Approach.objects.filter(pk__in=[approach for _pk, approach, *_rest in part]))
        found |= {pk for pk, key, kind, step, known in part if records.digest(key, kind, letters, step) != known}
    return found


def refused(keys, kind, letters):
    """Return {approach id: why its mail of this kind cannot be merged now}, of those that cannot.

    keys  ids of approaches of one campaign, whose Letters these are; three queries for each 500
    """
    found = {}
    for start in range(0, len(keys), TOGETHER):
        part = keys[start : start + TOGETHER]
        records = Records(Approach.objects.filter(pk__in=part))
        for key in part:
            try:
                records.words(key, kind, letters)
            except Blocked as fault:
                found[key] = str(fault)
    return found


class Records:
    """Approaches (a queryset), whom each writes to and when it was invited: whatever their mails do meanwhile."""

    def __init__(self, approaches):
        self.approaches = {approach.pk: approach for approach in approaches}
        self.chosen, self.invited = defaultdict(list), {}
        for one in ChosenContact.objects.filter(approach__in=approaches).select_related("contact"):
            self.chosen[one.approach_id].append(one)
        events = Event.objects.standing().filter(approach__in=approaches, kind="invited", field="reach")
        for event in events.order_by("on", "id"):
            self.invited[event.approach_id] = days.Day(event.on, event.stated)

    def words(self, key, kind, letters, step=""):
        """Return (Words, [To]) of a mail of this kind and step as it would be merged now, or raise Blocked."""
        to, invited = recipients(self.chosen[key], letters.escalates(step)), self.invited.get(key)
        approach = self.approaches[key]
        return words(letters, kind, approach, to[0].contact, token=NO_LINK, invited=invited, step=step), to

    def digest(self, key, kind, letters, step=""):
        """Return the hash of that mail, or None where it cannot be made."""
        try:
            return digest(letters.campaign, *self.words(key, kind, letters, step))
        except Blocked:
            return None
