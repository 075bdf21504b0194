"""What waits for a person: one list over all their campaigns, grouped where many of one kind wait in one campaign."""

from typing import NamedTuple

from django.db.models import CharField, Count, F, IntegerField, Max, Min, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import overdue
from campaigns.models import Campaign, Daily
from correspondence.models import Control

from .cases import APPROVALS, KINDS, MEND, ORDER, cases

TEAMS = ("approval", "closing_due")  # a matter of the campaign's team, whoever owns the company
LATER = 100  # urgency from which on somebody else has to act
TEXT = CharField()


class Waiting(NamedTuple):
    """One row. `campaign` is None for what concerns all mail; it carries id, title, headline and time zone alone.

    urgency   a number, the smallest first; from LATER on the person may look, and somebody else must act
    sentence  safe HTML, a company's name in <bdi>
    button    a verb with its number; `url` is where it leads, a page that the person may look at
    owner_id  of the person whom all of them are assigned to, or None
    """

    kind: str
    urgency: int
    campaign: object
    sentence: str
    button: str
    url: str
    count: int
    owner_id: int | None


class Row(NamedTuple):
    """What the database says of some things of one kind in one campaign; the names are those of its columns."""

    its_kind: str
    its_detail: str
    its_campaign: int
    its_title: str
    its_headline: str
    its_zone: str
    its_count: int
    its_first: str  # of the companies' names, and the last
    its_last: str
    its_id: str  # of one of them, and its approach's
    its_approach: int
    its_owner: int | None  # the first of the owners, and the last
    its_other_owner: int | None
    its_owned: int


def waiting(user, now, campaigns=None, *, own_only=False):
    """Return [Waiting], most urgent first; a constant number of queries.

    campaigns  the Campaigns to look at; by default all that the person may see, and the mail of the site as well
    own_only   only what is assigned to the person, and what is nobody's in campaigns whose team has them
    """
    seen = Campaign.objects.of(user)
    if campaigns is not None:
        seen = seen.filter(pk__in=[campaign.pk for campaign in campaigns])
    parts = [_grouped(case, seen, own_only and user) for case in cases(now, overdue.zones_of(seen))]
    due = overdue.closing_due(now).filter(pk__in=seen.values("pk"))
    parts.append(_closing(due.filter(memberships__user=user) if own_only else due))
    found = [_said(Row(*row), user) for row in parts[0].union(*parts[1:], all=True)]
    if campaigns is None:
        found += _mail(user) + _differences(user)
    return sorted(found, key=lambda one: (one.urgency, one.campaign.pk if one.campaign else 0))


def each(user, now, kind, campaign, *, own_only=False):
    """Return a queryset of the single things of one kind in one campaign, for said(); None for another kind."""
    case = next((case for case in cases(now, [campaign.time_zone]) if case.kind == kind), None)
    if case is None:
        return None
    rows = case.rows.filter(**{f"{case.way}campaign": campaign})
    if own_only:
        rows = rows.filter(overdue.own(user, case.way, kind not in TEAMS))
    name, owner = F(f"{case.way}listed_as"), F(f"{case.way}assigned")
    one = Value(1, output_field=IntegerField())
    single = [one, name, name, Cast("pk", TEXT), F(f"{case.way}pk"), owner, owner, one]
    columns = dict(zip(Row._fields[6:], single, strict=True))
    return rows.order_by(name, "pk").annotate(**_about(case), **columns).values_list(*Row._fields)


def said(row, user):
    """Return one of the rows of each() as Waiting."""
    return _said(Row(*row), user)


def _about(case):
    """Return the columns that tell what a row is grouped by."""
    way = f"{case.way}campaign"
    columns = [Value(case.kind, output_field=TEXT), case.detail, F(way), F(f"{way}__title"), F(f"{way}__headline")]
    return dict(zip(Row._fields, [*columns, F(f"{way}__time_zone")], strict=False))


def _grouped(case, campaigns, user):
    rows = case.rows.filter(**{f"{case.way}campaign__in": campaigns.values("pk")}).order_by()
    if user:
        rows = rows.filter(overdue.own(user, case.way, case.kind not in TEAMS))
    name, owner = f"{case.way}listed_as", f"{case.way}assigned"
    summed = [Count("pk"), Min(name), Max(name), Min(Cast("pk", TEXT)), Min(f"{case.way}pk")]
    summed += [Min(owner), Max(owner), Count(owner)]
    columns = dict(zip(Row._fields[6:], summed, strict=True))
    return rows.values(**_about(case)).annotate(**columns).values_list(*Row._fields)


def _closing(campaigns):
    """The same columns for campaigns that are to be closed."""
    none, nobody = Value("", output_field=TEXT), Cast(Value(None), IntegerField())
    one = Value(1, output_field=IntegerField())
    columns = [Value("closing_due", output_field=TEXT), none, F("pk"), F("title"), F("headline"), F("time_zone")]
    columns += [one, none, none, none, one, nobody, nobody, Value(0, output_field=IntegerField())]
    return campaigns.order_by().annotate(**dict(zip(Row._fields, columns, strict=True))).values_list(*Row._fields)


def _said(row, user):
    kind, n = KINDS[row.its_kind], row.its_count
    campaign = Campaign(pk=row.its_campaign, title=row.its_title, headline=row.its_headline, time_zone=row.its_zone)
    text = APPROVALS.get(row.its_detail, kind.said) if row.its_kind == "approval" else kind.said
    sentence = format_html(text(n), n=n, who=_names(row))
    may = user.has_perm(kind.may)
    if not may:
        sentence = format_html("{}. {}", sentence, kind.must())
    if kind.many and (n > 1 or not kind.one):
        url = kind.many(row.its_campaign, row.its_detail)
    elif n > 1:
        url = f"{reverse('admin:index')}?kind={row.its_kind}&campaign={row.its_campaign}"
    else:
        url = kind.one(row.its_id, row.its_approach)
    button = format_html(kind.button(n), n=n) if may else _("Look at it")
    urgency = ORDER[row.its_kind] + (0 if may else LATER)
    same = row.its_owned == n and row.its_owner == row.its_other_owner
    return Waiting(row.its_kind, urgency, campaign, sentence, button, url, n, row.its_owner if same else None)


def _names(row):
    first, last = (format_html("<bdi>{}</bdi>", name) for name in (row.its_first, row.its_last))
    if row.its_first == row.its_last:
        return first
    if row.its_count == 2:
        return format_html(_("{first} and {last}"), first=first, last=last)
    return format_html(_("{first} and {number} more"), first=first, number=row.its_count - 1)


def _mail(user):
    """What keeps all mail from leaving, and that a person can end."""
    control = Control.objects.filter(pk=1).first() or Control()
    may, url = user.has_perm("correspondence.change_control"), reverse("mail_control")
    button = _("Look, and release it") if may else _("See why")
    found = []
    for since, text, because in (
        (control.held_at, _("All mail is held: {why}"), control.held_because),
        (control.breaker_opened_at, _("The mail server does not take our mail: {why}"), control.breaker_because),
    ):
        if since:
            sentence = format_html(text, why=because.rstrip("."))
            found.append(Waiting("held", -1 if may else LATER - 1, None, sentence, button, url, 1, None))
    return found


def _differences(user):
    """What the nightly check found, for whoever may mend it."""
    checked = Daily.objects.filter(name=Daily.Name.CHECK).values_list("number", flat=True).first() or 0
    if not checked or not user.has_perm(MEND):
        return []
    text = ngettext("{n} stored status differs from the record", "{n} stored statuses differ from the record", checked)
    button, url = _("Look, and mend it"), reverse("differences")
    return [Waiting("differs", -1, None, format_html(text, n=checked), button, url, checked, None)]
