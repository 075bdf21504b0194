"""Closing: the one act that shows companies as silent, and moving the close, which takes that back."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from . import days, status
from .models import Approach, Campaign, Event
from .models.question import LETTER_OUT
from .status import AWAITED, Reach, Reply


def prospects(campaign):
    """Return (silent, doubtful): the approaches that sent nothing and would become silent, or would be left alone.

    Doubtful are those invited whom nothing reached: closing leaves them at "nothing yet". Each has its standing events
    as `record`, in the order of their days.
    """
    events = _events(campaign)
    silent, doubtful = [], []
    waiting = campaign.approaches.filter(reach=Reach.INVITED, reply=Reply.NONE)
    for approach in waiting.select_related("company", "assigned"):
        approach.record = sorted(status.standing(events[approach.pk]), key=lambda event: (event.on, event.id))
        (silent if status.delivered(events[approach.pk]) else doubtful).append(approach)
    return silent, doubtful


def doubtful(campaign):
    """Return the approaches that closing would leave at "nothing yet": invited, silent, and nothing reached them."""
    return prospects(campaign)[1]


def close(campaign, by, *, now):
    """Close a campaign and write `silent` for those who sent nothing although something reached them.

    by      the person who does it; None for an import or a campaign that closes by itself
    now     the instant of the act; closing early, or without a day, first sets the close to today
    returns how many companies became silent
    """
    with transaction.atomic():
        # no_key: a reply being filed refers to the campaign while it holds its approach, for which we wait below.
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if campaign.closed_at:
            return 0
        today = days.today(now, campaign.time_zone)
        if campaign.closes_on is None or campaign.closes_on > today:
            campaign.closes_on, campaign.closes_stated = days.exactly(today)
        campaign.closed_at = now
        campaign.save()
        rows = list(campaign.approaches.select_for_update().order_by("pk").filter(reply__in=AWAITED))
        events = _events(campaign)
        silent = []
        for row in rows:
            nothing = row.reach == Reach.INVITED and row.reply == Reply.NONE
            if nothing and status.may_be_silent(campaign, campaign.closes_on, events[row.pk]):
                silent.append(row)
        Event.objects.bulk_create(
            [
                Event(
                    approach=row, kind=Event.Kind.MOVED, field="reply", before=Reply.NONE, after=Reply.SILENT,
                    on=campaign.closes_on, stated=campaign.closes_stated, at=now, by=by,
                )
                for row in silent
            ],
            batch_size=500,
        )  # fmt: skip
        campaign.approaches.exclude(remind_at=None).update(remind_at=None, next_step="")
        _store_silent(campaign, silent)
        transaction.on_commit(campaign.refresh_count)
    return len(silent)


def move_close(campaign, to, by, *, now, reason):
    """Move a closed campaign's close to a later day (a days.Day), or open it (None); every `silent` of the old day is
    taken back. Return how many. The campaign is open again and closes by a new act.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if to and campaign.closes_on and to.on <= campaign.closes_on:
            raise status.IllegalMove(
                _("The new closing date must be later than %(day)s.") % {"day": campaign.closes_on}
            )
        silent = Event.objects.standing().filter(approach__campaign=campaign, after=Reply.SILENT)
        taken_back = list(silent.select_related("approach__campaign"))
        campaign.closes_on, campaign.closes_stated = to or (None, "")
        campaign.closed_at = None
        campaign.save()
        for event in taken_back:
            status.retract(event, now=now, reason=reason, by=by)
    return len(taken_back)


def close_those_that_close_by_themselves(now):
    """Close the campaigns whose day is over, that are set to close by themselves, and where nothing is doubtful.

    returns the campaigns that were closed; in all others closing is due, and a person decides
    """
    over = Campaign.objects.filter(closed_at=None, closes_by_itself=True, closes_at__lte=now)
    ready = [campaign for campaign in over if not doubtful(campaign) and not _unsettled(campaign)]
    for campaign in ready:
        close(campaign, None, now=now)
    return ready


def _unsettled(campaign):
    """Say whether a silent company promised an answer for after the close, or a mail to one may still arrive."""
    nothing = campaign.approaches.filter(reach=Reach.INVITED, reply=Reply.NONE)
    on_its_way = [state for state in LETTER_OUT if state != "sent"]
    return nothing.filter(Q(promised_for__gt=campaign.closes_on) | Q(messages__state__in=on_its_way)).exists()


def closing_due(campaign, now):
    """Say whether the closing day is over and nobody has closed."""
    return campaign.closed_at is None and campaign.closes_at is not None and campaign.closes_at <= now


def _events(campaign):
    events = defaultdict(list)
    for event in Event.objects.filter(approach__campaign=campaign):
        events[event.approach_id].append(event)
    return events


def _store_silent(campaign, silent):
    for start in range(0, len(silent), 500):
        keys = [row.pk for row in silent[start : start + 500]]
        Approach.objects.filter(pk__in=keys).update(
            reply=Reply.SILENT, reply_on=campaign.closes_on, reply_stated=campaign.closes_stated
        )
