"""A new round: a campaign made from an earlier one, or an empty campaign filled up from another.

What is taken is chosen; what happened is never taken: no event, no mail, no reply, no note, nothing about who answered.
"""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import days
from campaigns.models import (
    Approach,
    Asker,
    Campaign,
    CampaignTopic,
    ChosenContact,
    Membership,
    Question,
    ReminderStep,
    Translation,
)
from campaigns.models.question import locked
from campaigns.status import Reach

from .models import Attachment, Wording


class Part(TextChoices):
    """What can be taken from another campaign."""

    QUESTIONS = "questions", gettext_lazy("Questions, linked to the earlier ones")
    COMPANIES = "companies", gettext_lazy("Companies with their chosen contacts; not those that were not asked")
    WORDINGS = "wordings", gettext_lazy("Wordings with their files")
    STEPS = "steps", gettext_lazy("Reminder steps")
    TEXTS = "texts", gettext_lazy("Context, and the report that companies are asked about")
    ASKERS = "askers", gettext_lazy("Organisations that ask")
    TEAM = "team", gettext_lazy("Team")
    TOPICS = "topics", gettext_lazy("Topics")


class CannotBeTaken(Exception):
    """str() says why a part cannot be added to a campaign."""


class Taken(NamedTuple):
    """How many of one part were added, and how many stayed out because the campaign has them."""

    part: Part
    added: int
    there: int


SENDER = ("from_name", "from_address", "reply_to", "signature", "window_from", "window_until", "daily_cap")
ALWAYS = ("language", "time_zone", "kind", "counts_as_response", *SENDER)  # how it works, rather than what it says
REPORT = ("trigger_kind", "trigger_title", "trigger_author", "trigger_on", "trigger_stated", "trigger_link")
TEXTS = ("context", "source_url", *REPORT)  # headline, summary and notice say what came out of the earlier round


def new_round(source, parts, *, by, now, **values):
    """Make a campaign from `source`, with `by` on its team; return (Campaign, [Taken]).

    parts   Parts to take
    values  title, slug, `deadline` and `closes_on` as days.Day or None, and what is not to be as in `source`
    now     the instant from which its companies count as planned
    """
    fields = {name: getattr(source, name) for name in ALWAYS}
    for name, stated in (("deadline", "deadline_stated"), ("closes_on", "closes_stated")):
        if day := values.pop(name, None):
            values |= {name: day.on, stated: day.stated}
    with transaction.atomic():
        campaign = Campaign.objects.create(**fields | values, previous_round=source.slug)
        Membership.objects.create(campaign=campaign, user=by)
        _translations(source, campaign, ["signature"])
        return campaign, take(source, campaign, parts, now=now)


def take(source, campaign, parts, *, now):
    """Add parts of `source` to a campaign; what it has already stays as it is. Return [Taken]; raise CannotBeTaken."""
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # two of these at once add nothing twice
        return [Taken(part, *_TAKE[part](source, campaign, now)) for part in Part if part in parts]


def _same_language(source, campaign):
    if source.language != campaign.language:
        raise CannotBeTaken(_("The two campaigns are written in different languages: take no questions or texts."))


def _questions(source, campaign, now):
    _same_language(source, campaign)
    if locked(campaign.pk):
        raise CannotBeTaken(_("A letter of this campaign is out: its questions stay as they are."))
    last = campaign.questions.aggregate(last=Max("position"))["last"] or 0
    own = {one.number: one for one in campaign.questions.current()}
    earlier = list(source.questions.order_by("position", "id"))
    follows = {one.replaces_id: one.pk for one in earlier if one.replaces_id}
    current = [one for one in earlier if one.replaced_at is None]
    new, made = {}, {}
    for one in current:
        if one.number in own:
            new[one.pk] = own[one.number]
            continue
        new[one.pk] = made[one.pk] = Question.objects.create(
            campaign=campaign, number=one.number, text=one.text, label=one.label, position=last + len(made) + 1,
            continues=one, continuity=Question.Continuity.SAME_WORDING,
        )  # fmt: skip
    for one in current:
        parent = one.parent_id
        while parent in follows:
            parent = follows[parent]
        if one.pk in made and parent in new:
            Question.objects.filter(pk=made[one.pk].pk).update(parent=new[parent])
    _translations_of("question", made, campaign, ["text", "label"])
    return len(made), len(current) - len(made)


def _companies(source, campaign, now):
    there = dict(campaign.approaches.values_list("company", "listed_as"))
    last = campaign.approaches.aggregate(last=Max("position"))["last"] or 0
    rows, names = list(source.approaches.exclude(reach=Reach.NOT_APPROACHED)), set(there.values())
    wanted = [one for one in rows if one.company_id not in there and one.listed_as not in names]
    today = days.today(now, campaign.time_zone)
    made = Approach.objects.bulk_create(
        Approach(
            campaign=campaign, company_id=one.company_id, listed_as=one.listed_as, position=last + place,
            group=one.group, reason=one.reason, added_on=today, added_at=now,
        )
        for place, one in enumerate(wanted, start=1)
    )  # fmt: skip
    new = {one.pk: copy for one, copy in zip(wanted, made, strict=True)}
    chosen = ChosenContact.objects.filter(approach__in=source.approaches.all(), contact__erased_at=None)
    ChosenContact.objects.bulk_create(
        ChosenContact(approach=new[one.approach_id], contact_id=one.contact_id, use=one.use)
        for one in chosen
        if one.approach_id in new
    )
    _translations_of("approach", new, campaign, ["group", "reason"])
    return len(made), len(rows) - len(made)


def _wordings(source, campaign, now):
    there = set(campaign.wordings.values_list("kind", "language"))
    rows, added = list(source.wordings.order_by("pk")), 0
    for one in rows:
        if (one.kind, one.language) in there:
            continue
        files = list(one.attachments.order_by("pk"))
        values = {"kind": one.kind, "language": one.language, "subject": one.subject, "body": one.body}
        copy = Wording.objects.create(campaign=campaign, **values)
        for file in files:
            file.pk, file.wording = None, copy
        Attachment.objects.bulk_create(files)
        added += 1
    return added, len(rows) - added


def _steps(source, campaign, now):
    there = set(campaign.steps.filter(retired_at=None).values_list("anchor", "days"))
    rows = list(source.steps.filter(retired_at=None))
    made = [
        ReminderStep(
            campaign=campaign, anchor=one.anchor, days=one.days, wording=one.wording, escalates=one.escalates,
            position=one.position,
        )
        for one in rows
        if (one.anchor, one.days) not in there
    ]  # fmt: skip
    ReminderStep.objects.bulk_create(made)
    return len(made), len(rows) - len(made)


def _texts(source, campaign, now):
    _same_language(source, campaign)
    full = [name for name in TEXTS if getattr(source, name)]
    empty = [name for name in full if not getattr(campaign, name)]
    for name in empty:
        setattr(campaign, name, getattr(source, name))
    if empty:
        campaign.save(update_fields=empty)
        _translations(source, campaign, empty)
    return len(empty), len(full) - len(empty)


def _askers(source, campaign, now):
    return _named(Asker, "name", source.askers.all(), campaign)


def _team(source, campaign, now):
    return _named(Membership, "user_id", source.memberships.filter(user__is_active=True), campaign)


def _topics(source, campaign, now):
    return _named(CampaignTopic, "topic_id", CampaignTopic.objects.filter(campaign=source), campaign)


def _named(model, name, rows, campaign):
    """Copy rows that are a name and perhaps a position; return (added, there already)."""
    there = set(model.objects.filter(campaign=campaign).values_list(name, flat=True))
    rows = list(rows)
    new = [one for one in rows if getattr(one, name) not in there]
    place = {"position"} & {field.name for field in model._meta.fields}
    for one in new:
        values = {field: getattr(one, field) for field in (name, *place)}
        model.objects.create(campaign=campaign, **values)
    return len(new), len(rows) - len(new)


def _translations(source, campaign, fields):
    """Copy the translations of these texts of the campaign itself, but for those that are there."""
    itself = {"question": None, "approach": None, "finding": None, "timeline_entry": None, "event": None}
    there = set(campaign.translations.filter(**itself).values_list("field", "language"))
    Translation.objects.bulk_create(
        Translation(campaign=campaign, field=one.field, language=one.language, text=one.text)
        for one in source.translations.filter(field__in=fields, **itself)
        if (one.field, one.language) not in there
    )


def _translations_of(noun, copies, campaign, fields):
    """Copy the translations of rows that were copied: {old id: new row}."""
    Translation.objects.bulk_create(
        Translation(
            campaign=campaign, field=one.field, language=one.language, text=one.text,
            **{noun: copies[getattr(one, f"{noun}_id")]},
        )
        for one in Translation.objects.filter(**{f"{noun}__in": list(copies)}, field__in=fields)
    )  # fmt: skip


_TAKE = {
    Part.QUESTIONS: _questions,
    Part.COMPANIES: _companies,
    Part.WORDINGS: _wordings,
    Part.STEPS: _steps,
    Part.TEXTS: _texts,
    Part.ASKERS: _askers,
    Part.TEAM: _team,
    Part.TOPICS: _topics,
}
