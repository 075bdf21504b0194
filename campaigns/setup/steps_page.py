"""The set-up of a campaign as a list of steps, each with its state and the page where it is done."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, ChosenContact
from campaigns.models.question import locked
from campaigns.status import Reach
from campaigns.templatetags.frame import language_name

from . import access


@dataclass
class Step:
    """One step: its name, whether nothing is missing, what there is in words, and (verb, address) of what to do."""

    name: str
    done: bool
    state: str
    acts: list


@require_safe
def setup(request, pk):
    """A constant number of queries."""
    campaign = access.campaign(request.user, pk)
    steps = [make(campaign) for make in (_texts, _questions, _companies, _wording, _reminders, _team, _launch)]
    for step in steps:
        step.acts = [(verb, to) for verb, to in step.acts if to]
    left = [step for step in steps if not step.done]
    return access.page(
        request, "setup/steps", _("Set up the campaign"), campaign=campaign, steps=steps, left=len(left), is_setup=True
    )


def _texts(campaign):
    missing = [
        said
        for value, said in (
            (campaign.askers.exists(), _("who asks")),
            (campaign.deadline, _("the day to reply by")),
            (campaign.from_name and campaign.from_address, _("the sender")),
            (campaign.reply_to, _("where replies go")),
        )
        if not value
    ]
    state = _("Missing: %(list)s.") % {"list": ", ".join(missing)} if missing else _("Title, days and sender are set.")
    to = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return Step(_("Texts, days and sender"), not missing, state, [(_("Edit the texts"), to)])


def _questions(campaign):
    count = campaign.questions.asked().count()
    needed = campaign.kind == Campaign.Kind.SURVEY
    state = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
    if not count:
        state = _("None yet.") if needed else _("None: a response to an allegation needs none.")
    verb = _("See the questions") if locked(campaign.pk) else _("Edit the questions") if count else _("Paste questions")
    acts = [(verb, _own("campaign_questions", campaign)), *([] if count else _taken(campaign, "questions"))]
    return Step(_("Questions"), bool(count) or not needed, state, acts)


def _taken(campaign, part):
    """The way to take a part from another campaign; the correspondence knows how."""
    to = _own("campaign_copy_from", campaign)
    return [(_("Take from another campaign"), f"{to}?part={part}")] if to else []


def _companies(campaign):
    chosen = ChosenContact.objects.filter(approach=OuterRef("pk"), use="to").exclude(contact__email="")
    meant = Q(reach__in=[Reach.PLANNED, Reach.INVITED])
    found = campaign.approaches.aggregate(
        all=Count("pk", filter=meant), without=Count("pk", filter=meant & ~Q(Exists(chosen)))
    )
    state = ngettext("%(count)d company", "%(count)d companies", found["all"]) % {"count": found["all"]}
    if found["without"]:
        state += ", " + _("%(count)d without contact") % {"count": found["without"]}
    acts = [
        (_("Import from a spreadsheet"), _own("spreadsheet_begin", campaign)),
        (_("Add or take out companies"), _own("campaign_companies", campaign)),
        *([] if found["all"] else _taken(campaign, "companies")),
    ]
    return Step(_("Companies"), bool(found["all"]) and not found["without"], state, acts)


def _wording(campaign):
    rows = campaign.wordings.values_list("kind", "language")
    kinds, languages = {kind for kind, _code in rows}, {code for _kind, code in rows}
    state = ngettext("%(count)d wording", "%(count)d wordings", len(rows)) % {"count": len(rows)}
    if languages:
        state += ": " + ", ".join(sorted(map(language_name, languages)))
    if "invitation" not in kinds:
        state = _("The invitation is not written yet.")
    to = _own("mail_wordings", campaign) or access.address("admin:correspondence_wording_changelist")
    acts = [(_("Write the wording"), to), *([] if kinds else _taken(campaign, "wordings"))]
    return Step(_("Wording"), "invitation" in kinds, state, acts)


def _reminders(campaign):
    count = campaign.steps.filter(retired_at=None).count()
    state = ngettext("%(count)d reminder step", "%(count)d reminder steps", count) % {"count": count}
    if not count:
        state = _("No reminders are planned.")
    to = _own("mail_steps", campaign) or reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    acts = [(_("Plan the reminders"), to), *([] if count else _taken(campaign, "steps"))]
    return Step(_("Reminder steps"), bool(count), state, acts)


def _team(campaign):
    names = [row.user.get_full_name() or row.user.get_username() for row in campaign.memberships.select_related("user")]
    to = _own("campaign_team", campaign) or reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return Step(_("Team"), bool(names), ", ".join(names) or _("Nobody yet."), [(_("Choose the team"), to)])


def _launch(campaign):
    sent = campaign.asked_on is not None
    to = _own("campaign_launch", campaign) or access.address("mail_send", campaign.pk, "invitation")
    state = _("Asked.") if sent else _("Nothing has been sent.")
    return Step(_("Check and launch"), sent, state, [(_("Check and launch"), to)])


def _own(name, campaign):
    return access.address(name, campaign.pk)
