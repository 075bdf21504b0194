"""What may stand in a wording, and how it is filled in: our own substitution, never a template language.

A wording is text with `{field}` or `{field|fallback}` in it. Values are put in once and never read again, so a value
that looks like a field arrives as it is. What cannot be filled in blocks the mail: see Blocked.
"""

import difflib
import re
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_FIELD = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # all but tab and line feed
_BIDI_OVERRIDE = re.compile(r"[\u202a-\u202e]")


class Blocked(Exception):
    """This mail cannot be made; str() says why in a sentence for a person, without a contact's name or address.

    field  the name of the field that is empty, where that is why
    """

    def __init__(self, sentence, field=""):
        super().__init__(sentence)
        self.field = field


class Field(NamedTuple):
    description: str
    example: str


FIELDS = {
    "company": Field(gettext_lazy("The company, as it stands on this campaign's list"), "Bluevale Dyeing Group"),
    "contact_name": Field(gettext_lazy("The name of the contact who is written to"), "Priya Holloway"),
    "asker": Field(gettext_lazy("The organisations that ask"), "Open Questions Desk and Lowland Water Watch"),
    "reason": Field(gettext_lazy("Why this company is asked"), "Two of the outlets lie below its main plant."),
    "questions": Field(gettext_lazy("All questions with their numbers"), "1.a Which substances do you release?"),
    "reply_by": Field(gettext_lazy("The day by which this company is asked to reply"), "28 November 2026"),
    "closes_on": Field(gettext_lazy("The day on which the campaign closes"), "8 December 2026"),
    "invited_on": Field(gettext_lazy("The day of the invitation"), "3 November 2026"),
    "reply_link": Field(gettext_lazy("The private page for this company"), "https://example.org/en/reply/.../"),
    "public_page": Field(
        gettext_lazy("The campaign's public page, once it is public"), "https://example.org/en/campaigns/dyes/"
    ),
    "signature": Field(gettext_lazy("The sender's signature"), "Open Questions Desk, telephone +44 20 7946 0000"),
}


class Choice(NamedTuple):
    """The language of a mail, and why it is that one."""

    language: str
    why: str


def unknown_fields(text):
    """Return what stands in braces in `text` and is no field, in order, each once; a stray brace comes as itself."""
    wrong = [match[0] for match in _FIELD.finditer(text) if match[1] not in FIELDS]
    stray = re.findall(r"[{}]", _FIELD.sub("", text))
    return list(dict.fromkeys(wrong + stray))


def faults(text):
    """Return a sentence for everything in braces in `text` that is no field, with its line where there are several."""
    said, many = [], "\n" in text
    for number, line in enumerate(text.splitlines(), 1):
        for wrong in unknown_fields(line):
            name = wrong.strip("{}").split("|")[0].strip()
            near = difflib.get_close_matches(name, FIELDS, 1)
            if wrong in ("{", "}"):
                sentence = _("There is a brace %(field)s that belongs to no field.")
            elif near:
                sentence = _("The field %(field)s does not exist; did you mean {%(near)s}?")
            else:
                sentence = _("The field %(field)s does not exist.")
            sentence %= {"field": wrong, "near": near[0] if near else ""}
            said.append(_("Line %(number)d: %(fault)s") % {"number": number, "fault": sentence} if many else sentence)
    return said


def names(text, field):
    """Say whether the subject or the body of a Wording or Letter has this field."""
    return any(match[1] == field for match in _FIELD.finditer(f"{text.subject}\n{text.body}"))


def needed(text):
    """Return the fields of a Wording or Letter that have no fallback somewhere in it, in order."""
    found = (match for match in _FIELD.finditer(f"{text.subject}\n{text.body}") if not match[2])
    return list(dict.fromkeys(match[1] for match in found if match[1] in FIELDS))


def merge(text, values):
    """Return `text` with its fields filled in.

    values  {field: str}; a field that is left out counts as empty
    raises  Blocked naming a field that is unknown, or that is empty and has no fallback
    """
    if wrong := unknown_fields(text):
        raise Blocked(_("The wording has %(field)s, which is not a field.") % {"field": wrong[0]})

    def fill(match):
        if value := values.get(match[1]) or match[2]:
            return value
        raise Blocked(_("The field {%(field)s} is empty and has no fallback.") % {"field": match[1]}, match[1])

    return _FIELD.sub(fill, text)


def one_line(text):
    """Return `text` as a name or a subject may stand in a header: one line, no control characters, nothing encoded.

    "=?" is taken out because Python's mail classes may decode it, line breaks and all, into another header.
    """
    plain = _BIDI_OVERRIDE.sub("", _CONTROL.sub(" ", text.replace("\n", " ").replace("\t", " ")))
    while "=?" in plain:
        plain = plain.replace("=?", "")
    return " ".join(plain.split())


def many_lines(text):
    """Return `text` as it may stand in a mail's body: line feeds only, no control characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def choose_language(available, contact, campaign):
    """Return the Choice for one mail: the contact's language, else the campaign's, else English, else Blocked.

    available  the languages in which the wording exists
    contact    the contact's language code, may be empty
    campaign   the campaign's language code
    """
    available = set(available)
    wishes = (
        (contact, _("The contact's language.")),
        (contact.split("-")[0], _("The contact's language.")),
        (campaign, _("The campaign's language: there is no wording in the contact's.")),
        ("en", _("English: there is no wording in the contact's language or the campaign's.")),
    )
    if not contact:
        wishes = ((campaign, _("The campaign's language: the contact's is not known.")), *wishes[3:])
    for code, why in wishes:
        if code in available:
            return Choice(code, why)
    raise Blocked(_("There is no wording in the contact's language, the campaign's or English."))


def join_names(names):
    """Return "A", "A and B" or "A, B and C" in the active language."""
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
