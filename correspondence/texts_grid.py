"""All texts of a campaign in all languages: one row for each text, one cell for each language; writing one of them.

Originals stay on their own rows, translations are Translation rows, letters are Wordings. What was asked is locked as
ever: its translations are not.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import outline
from campaigns.admin.translations import OF
from campaigns.models import Approach, ChosenContact, Finding, Question, TimelineEntry, Translation
from campaigns.models.question import locked
from campaigns.models.translation import NOUNS

from . import wording
from .models import WORDED, Wording, WordingKind

MODELS = {"question": Question, "approach": Approach, "finding": Finding, "timeline_entry": TimelineEntry}
LETTERS = ("subject", "body")


@dataclass
class Row:
    """One text. `texts` is {language: text}, the original among them, without empty ones."""

    key: str  # "title", "question-12-text", "wording-invitation-subject"
    part: str  # what the page groups it under
    name: str  # which text it is
    language: str  # of the original
    locked: bool = False  # the original cannot be changed any more
    long: bool = False  # more than a line
    texts: dict = field(default_factory=dict)

    @property
    def original(self):
        return self.texts.get(self.language, "")

    @property
    def is_letter(self):
        return self.key.startswith("wording-")

    def lacks(self, language):
        """Say whether there is a text to translate, and none in this language."""
        return bool(self.texts) and language not in self.texts


def read(campaign):
    """Return the Rows of a campaign in the order of its page, its letters last; seven queries, whatever its size."""
    translated = defaultdict(dict)
    columns = ["field", "language", "text", *(f"{noun}_id" for noun in NOUNS)]
    for name, language, text, *owners in Translation.objects.filter(campaign=campaign).values_list(*columns):
        noun, pk = next(((noun, pk) for noun, pk in zip(NOUNS, owners, strict=True) if pk), ("", None))
        translated[noun, pk, name][language] = text
    rows = []
    for noun, part, things in _things(campaign):
        asked = noun == "question" and locked(campaign.pk)
        for thing in things:
            for name in OF[noun]:
                row = _row(campaign, noun, part, thing, name)
                row.locked = asked and name == "text"
                row.texts = {campaign.language: getattr(thing, name)} | translated[
                    noun, thing.pk if noun else None, name
                ]
                row.texts = {language: text for language, text in row.texts.items() if text}
                rows.append(row)
    always = ("title", "headline", "summary", "question-")
    return [row for row in rows if row.texts or row.key.startswith(always)] + _letters(campaign)


def _things(campaign):
    """Yield (noun, what the page calls them, rows)."""
    yield "", _("Campaign"), [campaign]
    yield "question", _("Questions"), outline.read(campaign)[0]
    yield "finding", _("Findings"), campaign.findings.all()
    yield "timeline_entry", _("Timeline"), campaign.timeline.all()
    yield "approach", _("Companies"), campaign.approaches.all()


def _row(campaign, noun, part, thing, name):
    label = Translation.Field(name).label
    if noun:
        called = {"question": "number", "approach": "listed_as", "timeline_entry": "stated"}.get(noun)
        label = f"{getattr(thing, called)}: {label}" if called else str(label)
    key = f"{noun}-{thing.pk}-{name}" if noun else name
    long = name in ("summary", "context", "notice", "signature", "text", "reason", "remark")
    return Row(key, part, str(label), campaign.language, long=long)


def _letters(campaign):
    has = defaultdict(dict)
    for one in campaign.wordings.all():
        has[one.kind][one.language] = one
    rows = []
    for kind in WORDED:
        for name in LETTERS if has[kind] else ():
            texts = {language: getattr(one, name) for language, one in has[kind].items()}
            own = campaign.language if campaign.language in texts else "en" if "en" in texts else min(texts)
            label = f"{kind.label}: " + (_("Subject") if name == "subject" else _("Text"))
            rows.append(Row(f"wording-{kind}-{name}", _("Letters"), label, own, long=name == "body", texts=texts))
    return rows


def languages(campaign, used, site):
    """Return the codes of the columns: the campaign's own, the site's, any other that has a text or a reader.

    used  the codes in which there is a text
    """
    columns = dict.fromkeys([campaign.language, *site, *sorted(used)])
    read = ChosenContact.objects.filter(approach__campaign=campaign).values_list("contact__language", flat=True)
    for code in sorted(set(read) - {""}):
        if not {code, code.split("-")[0]} & set(columns):  # who reads pt-br reads a letter in pt
            columns[code] = None
    return list(columns)


def fault(row, language, text):
    """Return why this text cannot stand in this cell, or ""."""
    if language == row.language and row.locked:
        return _("It was asked in these words: the original is locked. Its translations are not.")
    if row.key == "title" and language == row.language and not text:
        return _("A campaign has a title.")
    if len(text) > longest(row):
        return _("It is longer than %(most)d characters.") % {"most": longest(row)}
    if row.is_letter:
        if not text:
            return _("A letter has a subject and a text.")
        return " ".join(wording.faults(text))
    return ""


def longest(row):
    """Return how many characters a text of this row may have in any language."""
    noun, _pk, name = _parts(row.key)
    if noun == "wording":
        return 300 if name == "subject" else 20_000
    model = MODELS.get(noun)
    limit = model._meta.get_field(name).max_length if model else None
    return limit or {"title": 500, "headline": 300, "trigger_title": 500}.get(name, 20_000)


def write(campaign, row, language, text):
    """Store one text; empty takes a translation away. ValidationError where it cannot stand."""
    if said := fault(row, language, text):
        raise ValidationError(said)
    noun, pk, name = _parts(row.key)
    with transaction.atomic():
        if noun == "wording":
            Wording.objects.filter(campaign=campaign, kind=pk, language=language).update(**{name: text})
        elif language == campaign.language:
            thing = MODELS[noun].objects.get(pk=pk, campaign=campaign) if noun else campaign
            setattr(thing, name, text)
            thing.save(update_fields=[name])
        else:
            owner = {f"{one}_id": pk if one == noun else None for one in NOUNS}
            mine = {"campaign": campaign, "field": name, "language": language, **owner}
            if text:
                Translation.objects.update_or_create(**mine, defaults={"text": text})
            else:
                Translation.objects.filter(**mine).delete()


def write_letter(campaign, kind, language, subject, body):
    """Store a whole letter, new or not; both are known to be right (fault())."""
    values = {"subject": subject, "body": body}
    Wording.objects.update_or_create(campaign=campaign, kind=kind, language=language, defaults=values)


def _parts(key):
    """Return (noun, id or kind, field) of a row's key."""
    noun, _dash, rest = key.partition("-")
    if not rest:
        return "", None, key
    pk, _dash, name = rest.rpartition("-")
    return noun, WordingKind(pk) if noun == "wording" else int(pk), name
