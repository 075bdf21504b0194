"""When the next reminder of an approach is due: one function, from its dates and its campaign's steps."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9)  # in the campaign's zone; steps name days, and a day's mail leaves in the morning


def morning(day, zone):
    """Return the instant at which the mail of a day is due."""
    return datetime.combine(day, MORNING, ZoneInfo(zone))


def step_day(step, invited_on, deadline):
    """Return the date of a reminder step for one approach, or None where it counts from a deadline that is not set."""
    if step.anchor == "after_invitation":
        return invited_on + timedelta(days=step.days)
    if deadline is None:
        return None
    return deadline + timedelta(days=step.days if step.anchor == "after_deadline" else -step.days)


def upcoming(approach, after=None, events=None):
    """Return (step key, instant) of the next reminder, or ("", None).

    Only invited companies that sent nothing, in an open campaign, are reminded. Steps that went out, were skipped, or
    lie on or before the invitation are done with; a promise of the company replaces the step that would come next.

    approach  an Approach with its campaign
    after     the instant of the step that was just dealt with, or None: count from the invitation
    events    its events that stand, where the caller has them
    """
    return following(approach, after, events) if approach.reply == "none" else ("", None)


def following(approach, after=None, events=None):
    """The same also for a company that wrote back without an answer: what a person plans anew (see planning.py).

    events  the approach's events that stand, where the caller has them
    """
    campaign = approach.campaign
    if approach.reach != "invited" or campaign.closed_at:
        return "", None
    events = list(approach.events.standing() if events is None else events)
    invitations = [event for event in events if event.kind == "invited" and event.field == "reach"]
    if not invitations:
        return "", None
    invitation = max(invitations, key=lambda event: (event.on, event.id))
    zone = campaign.time_zone
    dealt = [event.on for event in events if event.kind == "reminded"]
    floor = max([morning(day, zone) for day in (invitation.on, *dealt)] + ([after] if after else []))
    done = set(approach.messages.values_list("step", flat=True))
    done |= {event.step for event in events if event.kind == "skipped"}
    due = []
    for step in campaign.steps.all():
        day = step_day(step, invitation.on, approach.effective_deadline)
        if day and not step.retired_at and step.key not in done and morning(day, zone) > floor:
            due.append((morning(day, zone), step.key))
    promised = approach.promised_for and morning(approach.promised_for + timedelta(days=1), zone)
    if promised and promised > floor:
        own = f"promise:{approach.promised_for}"  # where no step is left to be replaced
        return (min(due)[1], promised) if due else ("", None) if own in done else (own, promised)
    at, key = min(due, default=(None, ""))
    return key, at
