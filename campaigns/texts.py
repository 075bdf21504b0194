"""Reading a campaign's texts in a language: what exists, what is shown instead, and whether that is a fallback."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from .models import Translation
from .models.translation import NOUNS
from .templatetags.frame import lang_attrs, language_name


@dataclass(frozen=True)
class Text:
    """A text with the language that it is in; `fallback` when that is not the reader's. Empty texts are false."""

    text: str = ""
    language: str = ""
    fallback: bool = False

    def __bool__(self):
        return bool(self.text)

    def __str__(self):
        return self.text

    @property
    def attrs(self):
        """lang= and dir= for its element; nothing where the page's own hold."""
        return lang_attrs(self.language) if self.fallback else ""


NOTHING = Text()


def read_titles(campaigns, language):
    """Return {campaign pk: Texts that know its titles, headlines and notices}, one query for all of them."""
    fields = (Translation.Field.TITLE, Translation.Field.HEADLINE, Translation.Field.NOTICE)
    rows = defaultdict(lambda: defaultdict(dict))
    found = Translation.objects.filter(campaign__in=[campaign.pk for campaign in campaigns], field__in=fields)
    for pk, code, field, text in found.values_list("campaign", "language", "field", "text"):
        rows[pk][code]["", None, field] = text
    return {campaign.pk: Texts(campaign, language, rows[campaign.pk]) for campaign in campaigns}


class Texts:
    """All texts of one campaign for one reader; it remembers which of its sections fell back.

    >>> texts = Texts.read(campaign, "ar")      # one query
    >>> texts.of("headline")                    # a text of the campaign itself
    >>> texts.of("text", "question", question.pk, question.text)
    """

    def __init__(self, campaign, language, rows):
        self.campaign, self.language = campaign, language
        self.rows = rows  # {language: {(noun, pk, field): text}}
        self.fell_back = set()  # of (noun, field)

    @classmethod
    def read(cls, campaign, language):
        """Read with one query: the reader's language whole, of the others what tells how complete they are."""
        wanted = Q(language=language) | Q(approach=None, event=None)
        columns = ["language", "field", "text", *(f"{noun}_id" for noun in NOUNS)]
        rows = defaultdict(dict)
        for code, field, text, *owners in Translation.objects.filter(wanted, campaign=campaign).values_list(*columns):
            noun, pk = next(((noun, pk) for noun, pk in zip(NOUNS, owners, strict=True) if pk), ("", None))
            rows[code][noun, pk, field] = text
        return cls(campaign, language, rows)

    def of(self, field, noun="", pk=None, original=None):
        """Return the Text of a field: in the reader's language, else the original, else whatever exists."""
        if original is None:
            original = getattr(self.campaign, field)
        if self.language == self.campaign.language and original:
            return Text(original, self.language)
        if text := self.rows[self.language].get((noun, pk, field)):
            return Text(text, self.language)
        found = {self.campaign.language: original} | {
            code: text for code, rows in self.rows.items() if (text := rows.get((noun, pk, field)))
        }
        language = next((code for code in (self.campaign.language, "en", *found) if found.get(code)), "")
        if not language:
            return NOTHING
        self.fell_back.add((noun, field))
        return Text(found[language], language, fallback=True)

    def first(self, *fields):
        """Return the Text of the first of the campaign's own fields that the reader can read, else of the first that
        exists in its original language: a headline in another language does not win over a title in the reader's."""
        readable = [field for field in fields if self._has(self.language, "", None, field)]
        return self.of(next(iter([*readable, *(field for field in fields if getattr(self.campaign, field))])))

    def languages(self, questions):
        """Return the codes in which the page is a translation: title or headline, context and every question exist."""
        return [code for code, _name in settings.LANGUAGES if self._is_whole(code, questions)]

    def missing(self):
        """Return the names of the sections that fell back, in the order of the page."""
        return [name for name, parts in self._sections() if any(part in self.fell_back for part in parts)]

    def notice(self):
        """Return the sentence that names the sections that fell back, or "" where none did."""
        if not (missing := self.missing()):
            return ""
        language = language_name(self.campaign.language)
        return _("Not translated into your language yet: %(parts)s. Shown in %(language)s instead.") % {
            "parts": ", ".join(missing),
            "language": language,
        }

    def _has(self, code, noun, pk, field):
        if code == self.campaign.language and not noun:
            return bool(getattr(self.campaign, field))
        return (noun, pk, field) in self.rows[code]

    def _is_whole(self, code, questions):
        if code == self.campaign.language:
            return True
        named = self._has(code, "", None, "title") or self._has(code, "", None, "headline")
        context = not self.campaign.context or self._has(code, "", None, "context")
        return named and context and all(self._has(code, "question", q.pk, "text") for q in questions if q.text)

    @staticmethod
    def _sections():
        return [
            (_("notice"), [("", "notice")]),
            (_("headline"), [("", "headline"), ("", "title")]),
            (_("summary"), [("", "summary")]),
            (_("findings"), [("finding", "text")]),
            (_("remarks on companies"), [("approach", "remark"), ("approach", "reason"), ("approach", "group")]),
            (_("report"), [("", "trigger_title")]),
            (_("questions"), [("question", "text")]),
            (_("short names of questions"), [("question", "label")]),
            (_("context"), [("", "context")]),
            (_("timeline"), [("timeline_entry", "title"), ("timeline_entry", "text"), ("event", "remark")]),
        ]
