"""One response in full: as it came first, question by question second, with its translations, files and rejoinders."""

from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import freshness, outline, roll
from campaigns.models import Approach, Event
from campaigns.texts import Text, Texts

from .campaign_page import edits
from .matrix import ICONS, IN_FULL, STYLES
from .models import Publication, Response
from .publication import was_public
from .redacting import cuts_of, pieces, pieces_of_answer, pieces_of_copy


@dataclass
class Withdrawn:
    """What a withheld response may still say, once it was public."""

    reason: str
    language: str
    when: object


@dataclass
class Answered:
    """One question with what the response says about it; `pieces` is empty where no words were filed under it."""

    question: outline.Branch
    text: Text
    pieces: list
    code: str

    @property
    def word(self):
        return IN_FULL[self.code]

    @property
    def style(self):
        return {"full": "responded", "part": "partial", "none": "silent"}.get(STYLES[self.code], "plain")

    @property
    def icon(self):
        return ICONS[STYLES[self.code]]


def find(public_id, now):
    """Return the public response with this id, with its approach, campaign and company; None where there is none."""
    related = ("approach__campaign", "approach__company")
    return Response.objects.public(now).filter(public_id=public_id).select_related(*related).first()


def withdrawn(public_id, language, now):
    """Return the Withdrawn of a response that was public and is withheld; None where it was never public.

    Its campaign has to be public, or even the reason would tell of it.
    """
    rows = Response.objects.filter(public_id=public_id, publication=Publication.WITHHELD)
    row = rows.filter(approach__in=Approach.objects.public(now)).select_related("approach__campaign").first()
    if row is None or not was_public(row, now):
        return None
    translated = row.translations.filter(language=language).exclude(withheld_because="").first()
    reason = translated.withheld_because if translated else row.withheld_because
    return Withdrawn(reason, language if translated else row.approach.campaign.language, row.withheld_at)


def stamp(response, now):
    campaign = response.approach.campaign
    made = freshness.stamp(
        ("approach", Approach.objects.filter(pk=response.approach_id), Max("edited_at")),
        ("responses", Response.objects.filter(approach=response.approach_id), *edits(now)),
    )
    return f"{campaign.edited_at}|{campaign.closes_at and campaign.closes_at <= now}|{made}"


def build(response, now):
    """Return the template's context."""
    campaign = response.approach.campaign
    texts = Texts.read(campaign, get_language())
    around = _around(response, now)
    removed = around["removed"]
    answers = _answers(response, campaign, texts, removed)
    row = roll.row_of(response.approach_id, campaign, texts, now)
    title = texts.first("headline", "title")
    return {
        "response": response,
        "campaign": campaign,
        "campaign_title": title,
        "notice_text": texts.of("notice"),
        "row": row,
        "channel": dict(Event.Channel.choices).get(response.channel, ""),
        "letter": pieces(response.text, removed),
        "removed": len(removed),
        "translations": _translations(response, removed),
        "documents": _documents(response, removed),
        "answers": [one for one in answers if one.code or one.pieces],
        "uncoded": [one.question for one in answers if not (one.code or one.pieces)],
        "rejoinders": around["rejoinders"],
        "answers_to": around["reply"],
        "covers": list(response.covers.public(now)),
        "page_title": _title(response),
        "page_description": str(title),
        "page_type": "article",
        "crumbs": crumbs(campaign, title),
    }


def crumbs(campaign, title):
    """The way from the list of campaigns to a page of one."""
    its = {"url": reverse("campaign", args=[campaign.slug]), "label": str(title)}
    if title.fallback:
        its["lang"] = title.language
    return [{"url": reverse("campaigns"), "label": _("Campaigns")}, its]


def _title(response):
    names = {"company": response.approach.listed_as, "author": response.author or response.approach.listed_as}
    if response.kind == Response.Kind.REJOINDER:
        return _("Rejoinder by %(author)s to %(company)s") % names
    return _("Response of %(author)s") % names


def _around(response, now):
    """What was removed from it; the rejoinders that stand under it, or the reply that it stands under itself."""
    siblings = Response.objects.public(now).filter(approach=response.approach_id).order_by("position", "id")
    reply, found = None, {"removed": [], "rejoinders": [], "reply": None}
    for one in siblings.prefetch_related("redactions"):
        cuts = cuts_of(one)
        if one.pk == response.pk:
            found["removed"] = cuts
        if one.kind == Response.Kind.REPLY:
            reply = one
        elif one.pk == response.pk:
            found["reply"] = reply
        elif reply and reply.pk == response.pk:
            one.approach, one.letter = response.approach, pieces(one.text, cuts)
            found["rejoinders"].append(one)
    return found


def _translations(response, removed):
    translations = list(response.translations.exclude(text=""))
    for one in translations:
        one.pieces = pieces_of_copy(one.text, response.text, removed)
    return translations


def _documents(response, removed):
    """The files that a person has checked, each with its text version without what was removed from the letter."""
    documents = list(response.documents.filter(checked_at__isnull=False))
    for document in documents:
        document.pieces = pieces_of_copy(document.text, response.text, removed)
    return documents


def _answers(response, campaign, texts, removed):
    """[Answered] in the order of the questions; empty where nothing was filed under any of them."""
    given = list(response.answers.select_related("question").prefetch_related("passages"))
    if not given:
        return []
    questions, current = outline.read(campaign)
    _roots, leaves = outline.outline(questions, texts)
    by_question = {current.get(answer.question_id, answer.question_id): answer for answer in given}
    found = []
    for leaf in leaves:
        if answer := by_question.get(leaf.pk):
            asked = answer.question  # an earlier wording stays with the answer that it got
            text = texts.of("text", "question", asked.pk, asked.text)
            found.append(Answered(leaf, text, pieces_of_answer(answer, response.text, removed), answer.agreed))
        else:
            found.append(Answered(leaf, leaf.text, [], ""))
    return found
