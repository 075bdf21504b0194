"""Before the first invitation: what a campaign needs, what is there, and where the rest is made."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import ChosenContact
from campaigns.status import Reach
from campaigns.templatetags.frame import partial_date
from companies.models import Health
from correspondence.models import WordingKind


class Item(NamedTuple):
    done: bool
    said: str
    button: str
    url: str


def checklist(campaign, numbers, score):
    """Return the Items in the order of the work; empty once somebody was invited. Three queries."""
    if score.approached or score.unreached or campaign.closed_at:
        return []
    change = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return [
        _questions(campaign),
        _companies(campaign, numbers),
        _wordings(campaign),
        _dates(campaign, change),
        Item(bool(campaign.from_address and campaign.reply_to), _sender(campaign), _("Set the sender"), change),
    ]


def _questions(campaign):
    number = campaign.questions.asked().count()
    said = ngettext("%(n)d question", "%(n)d questions", number) % {"n": number} if number else _("No question yet")
    allegation = campaign.kind == campaign.Kind.ALLEGATION
    to = reverse("campaign_questions", args=[campaign.pk])
    return Item(bool(number) or allegation, said, _("Add the questions"), to)


def _companies(campaign, numbers):
    usable = ChosenContact.objects.filter(approach=OuterRef("pk"), contact__health=Health.WORKING)
    planned = campaign.approaches.filter(reach=Reach.PLANNED)
    without = planned.exclude(Exists(usable.exclude(contact__email=""))).count()
    number = numbers["planned"]
    said = ngettext("%(n)d company", "%(n)d companies", number) % {"n": number} if number else _("No company yet")
    if without:
        said += ", " + _("%(n)d without a contact to write to") % {"n": without}
    to = reverse("campaign_companies" if number else "spreadsheet_begin", args=[campaign.pk])
    return Item(bool(number) and not without, said, _("Add companies and contacts"), to)


def _wordings(campaign):
    url = reverse("mail_wordings", args=[campaign.pk])
    codes = campaign.wordings.filter(kind=WordingKind.INVITATION).values_list("language", flat=True)
    said = _("Invitation worded in: %(codes)s") % {"codes": ", ".join(sorted(codes))} if codes else ""
    return Item(bool(codes), said or _("No wording of the invitation yet"), _("Write the invitation"), url)


def _dates(campaign, change):
    if campaign.deadline and campaign.closes_on:
        known = {"by": partial_date(campaign.deadline_stated), "close": partial_date(campaign.closes_stated)}
        return Item(True, _("Reply by %(by)s, closes on %(close)s") % known, _("Set the dates"), change)
    return Item(False, _("The day to reply by or the closing date is missing"), _("Set the dates"), change)


def _sender(campaign):
    if campaign.from_address and campaign.reply_to:
        return _("Sent from %(address)s, replies to %(reply)s") % {
            "address": campaign.from_address,
            "reply": campaign.reply_to,
        }
    return _("The sender or the address for replies is missing")
