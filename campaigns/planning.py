"""What a person plans: for one approach more time, the next reminder, a pause, an owner; for a campaign a pause."""

from django.db import transaction
from django.utils.translation import gettext as _

from . import days, schedule, status, window
from .models import Campaign
from .records import Records
from .status import AWAITED, IllegalMove, Reach, Reply
from .templatetags.frame import partial_date


def give_time(approach, until, *, by, now, promised=False):
    """Give a company more time: a deadline of its own, an event that says so, its reminders computed anew.

    until     a days.Day; after the campaign's close it is refused
    promised  whether the company said itself that it will answer by then; a promise for a day before the one by which
              it is asked to reply leaves that as it is: nobody gets less time for being friendly
    raises    IllegalMove where nothing is awaited, the day is over, the close lies before it, or all have that time
    """
    with transaction.atomic():
        row = _awaited(approach)
        closes_on = row.campaign.closes_on
        if until.on < days.today(now, row.campaign.time_zone):
            raise IllegalMove(_("%(day)s is over.") % {"day": partial_date(until.stated)})
        if closes_on and until.on > closes_on:
            said = {"day": partial_date(closes_on)}
            raise IllegalMove(_("The campaign closes on %(day)s. Move its closing date first.") % said)
        usual = row.campaign.deadline
        if not promised and usual and until.on < usual:
            said = {"day": partial_date(row.campaign.deadline_stated)}
            raise IllegalMove(_("Every company has time until %(day)s.") % said)
        if not promised or not row.effective_deadline or until.on > row.effective_deadline:
            row.deadline, row.deadline_stated = until
        if promised:
            row.promised_for, row.promised_stated = until
        replan(row, by=by, now=now)
    return row


def replan(row, *, by, now):
    """Store a locked approach whose deadline or promise was changed; log it and plan anew where it is awaited."""
    if awaited(row):
        if row.promised_for or row.reply == Reply.NONE:
            row.next_step, row.remind_at = schedule.following(row)
        until = max(filter(None, (row.deadline, row.promised_for)), default=None)
        row.save()
        status.record(row, "extended", now=now, by=by, reason=_("Until %(day)s") % {"day": until} if until else "")
    else:
        row.save()


def remind_on(approach, on, *, now):
    """Set the day of the next reminder (a date), also for a company that wrote back without an answer.

    It leaves in the company's window: on the first working day from then on; today at once, while the window is open.

    raises  IllegalMove where nothing is awaited, no step is left, or the day is over
    """
    with transaction.atomic():
        row = _awaited(approach)
        step, _planned = schedule.following(row)
        if not step:
            raise IllegalMove(_("%(company)s: no reminder step is left.") % {"company": row.listed_as})
        mine = window.of(row)
        if on < mine.day(now):
            raise IllegalMove(_("%(day)s is over.") % {"day": partial_date(on)})
        row.next_step, row.remind_at = step, max(mine.opening(on), mine.next_opening(now))
        row.save()
    return row


def pause(approach, *, now):
    """Hold this company's mail until a person resumes it; None for `now` resumes."""
    with transaction.atomic():
        row = status.lock(approach)
        row.paused_at = now
        row.save()
    return row


def pause_campaign(campaign, *, now):
    """Hold all mail of this campaign until a person resumes it; None for `now` resumes."""
    Campaign.objects.filter(pk=campaign.pk).update(paused_at=now)
    campaign.paused_at = now


def let_reminders_leave(campaign, mode):
    """Set whether reminders wait for approval or leave by themselves, a Campaign.ReminderMode."""
    Campaign.objects.filter(pk=campaign.pk).update(reminders_leave=mode)
    campaign.reminders_leave = mode


def assign(approach, to):
    """Give the approach to a person, or to nobody (None)."""
    with transaction.atomic():
        row = status.lock(approach)
        row.assigned = to
        row.save()
    return row


def awaited(row):
    """Say whether the company is asked, has not answered in substance, and the campaign is open."""
    return row.reach == Reach.INVITED and row.reply in AWAITED and not row.campaign.closed_at


def _awaited(approach):
    row = status.lock(approach)
    if not awaited(row):
        raise IllegalMove(_("Nothing is awaited from %(company)s.") % {"company": row.listed_as})
    return row


def replan_all(campaign):
    """Plan all reminders of a campaign anew after its deadline or its steps were changed; return how many.

    Those without a planned reminder stay without one: nothing is ever scheduled for them unless a person starts it.
    """
    with transaction.atomic():
        rows = campaign.approaches.select_for_update(of=("self",)).filter(reply=Reply.NONE).exclude(remind_at=None)
        records = Records(rows.order_by("pk"))
        for row in records.approaches:
            row.next_step, row.remind_at = records.upcoming(row)
        records.store_plans(records.approaches)
    return len(records.approaches)
