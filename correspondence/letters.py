"""What a campaign's letters are filled in with, read once for any number of letters."""

from collections import defaultdict

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import days, outline
from campaigns.models import Translation
from campaigns.templatetags.frame import partial_date

from . import wording
from .models import LATER_REMINDERS, Attachment, Wording, WordingKind

SINGLE = "batch:"  # begins the step of a single letter, before its id


class Letters:
    """A campaign's wordings, attachments, askers, questions and translations; few queries, however many mails."""

    def __init__(self, campaign):
        self.campaign = campaign
        self.wordings = {(one.kind, one.language): one for one in Wording.objects.filter(campaign=campaign)}
        self.askers = [asker.name for asker in campaign.askers.all()]
        self.steps = {step.key: step for step in campaign.steps.all()}
        self._questions = outline.read(campaign)[0]
        self._translated = {}
        for one in Translation.objects.filter(campaign=campaign, field__in=["text", "reason", "signature"]):
            self._translated[one.question_id, one.approach_id, one.field, one.language] = one.text
        self._rendered, self._single = {}, {}
        self._files = defaultdict(list)
        for one in Attachment.objects.filter(wording__campaign=campaign).defer("content"):
            self._files[one.wording_id].append(one)

    def languages(self, kind):
        """Return the languages in which there is a wording of this kind."""
        return list(dict.fromkeys(language for of, language in self.wordings if of in _also(kind)))

    def wording(self, kind, contact, step=""):
        """Return (Wording, Choice) for a mail to `contact`; Blocked where there is none.

        step  a single letter's key: its one text, in one language, is what is sent
        """
        if kind == WordingKind.LETTER:
            letter = self.single(step)
            return letter, wording.Choice(letter.language, _("The language that it was written in."))
        choice = wording.choose_language(self.languages(kind), contact.language, self.campaign.language)
        return self.text(kind, choice.language), choice

    def text(self, kind, language):
        """Return the Wording that a letter of this kind is made of in one of languages(kind)."""
        return next(filter(None, (self.wordings.get((of, language)) for of in _also(kind))))

    def single(self, step):
        """Return the Letter whose step this is; it is written once and never changes."""
        if step not in self._single:
            self._single[step] = self.campaign.letters.get(pk=step.removeprefix(SINGLE))
        return self._single[step]

    def know(self, letter):
        """Take a Letter that may not be stored yet: a preview."""
        self._single[f"{SINGLE}{letter.pk}"] = letter

    def files(self, text):
        """Return the Attachments of a Wording; their content is read when it is asked for, once. A Letter has none."""
        return self._files[text.pk] if isinstance(text, Wording) else []

    def escalates(self, step):
        """Say whether the mails of a step go to the contacts for escalation as well."""
        return step in self.steps and self.steps[step].escalates

    def values(self, approach, contact, language, *, invited, link):
        """Return {field: text} for wording.merge().

        invited  days.Day of the invitation, or None
        link     the address behind {reply_link}
        """
        campaign = self.campaign
        own = approach.deadline is not None
        with translation.override(language):
            texts = {
                "company": wording.one_line(approach.listed_as),
                "contact_name": wording.one_line(contact.name),
                "asker": wording.one_line(wording.join_names(self.askers)),
                "reason": self.translated("reason", language, approach.reason, approach=approach.pk),
                "questions": self.questions(language),
                "reply_by": _day(approach.deadline_stated if own else campaign.deadline_stated),
                "closes_on": _day(campaign.closes_stated),
                "invited_on": _day(invited.stated if invited else ""),
                "reply_link": link,
                "public_page": self.public_page(language),
                "signature": self.translated("signature", language, campaign.signature),
            }
        return {name: wording.many_lines(text).strip() for name, text in texts.items()}

    def public_page(self, language):
        """Return the public address, or "" where no day of publication is set; whether it has come, see compose."""
        campaign = self.campaign
        if not campaign.published_on or campaign.withdrawn_at:
            return ""
        with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
            return settings.SITE_URL + campaign.get_absolute_url()

    def translated(self, field, language, original, *, question=None, approach=None):
        """Return a text in `language`, else as it was written."""
        return self._translated.get((question, approach, field, language)) or original

    def questions(self, language):
        """Return the tree of questions as plain text: a line each, numbers as written, two spaces a level."""
        if language not in self._rendered:
            self._rendered[language] = "\n".join(self._lines(language))
        return self._rendered[language]

    def _lines(self, language):
        children = defaultdict(list)
        for question in self._questions:
            children[question.parent_id].append(question)

        def walk(parent, depth):
            for number, question in enumerate(children[parent]):
                text = self.translated("text", language, question.text, question=question.pk)
                if depth == 0 and number:
                    yield ""
                yield f"{'  ' * depth}{question.number} {' '.join(text.split())}".rstrip()
                yield from walk(question.pk, depth + 1)

        return walk(None, 0)


def _also(kind):
    """Return the kinds of wording that a letter of this kind is made of: the first that there is in its language."""
    return (kind, WordingKind.REMINDER) if kind in LATER_REMINDERS else (kind,)


def invited_day(approach):
    """Return the days.Day of the invitation that stands, or None."""
    standing = approach.events.standing().filter(kind="invited", field="reach").order_by("-on", "-id").first()
    return days.Day(standing.on, standing.stated) if standing else None


def _day(stated):
    return partial_date(stated) if stated else ""
