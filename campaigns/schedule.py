"""When the next reminder of an approach is due: one function, from its dates, its campaign's steps and its window."""

from datetime import timedelta

from . import window


def step_day(step, invited_on, deadline):
    """Return the date that a reminder step names for one approach, or None where it counts from a deadline not set."""
    if step.anchor == "after_invitation":
        return invited_on + timedelta(days=step.days)
    if deadline is None:
        return None
    return deadline + timedelta(days=step.days if step.anchor == "after_deadline" else -step.days)


def upcoming(approach, after=None, events=None, mailed=None):
    """Return (step key, instant) of the next reminder, or ("", None).

    Only invited companies that sent nothing, in an open campaign, are reminded. Steps that went out, were skipped, or
    lie on or before the invitation are done with; a promise of the company replaces the step that would come next.

    approach  an Approach with its campaign
    after     the instant of the step that was just dealt with, or None: count from the invitation
    events    its events that stand, where the caller has them
    mailed    the keys of the steps that a message was made for, where the caller has them
    """
    return following(approach, after, events, mailed) if approach.reply == "none" else ("", None)


def following(approach, after=None, events=None, mailed=None):
    """The same also for a company that wrote back without an answer: what a person plans anew (see planning.py)."""
    if approach.reach != "invited" or approach.campaign.closed_at:
        return "", None
    events = list(approach.events.standing() if events is None else events)
    invitations = [event for event in events if event.kind == "invited" and event.field == "reach"]
    if not invitations or not (approach.promised_for or approach.campaign.steps.all()):
        return "", None
    invited_on = max(invitations, key=lambda event: (event.on, event.id)).on
    mine = window.of(approach)
    dealt = [mine.day(event.at) if event.attempt else event.on for event in events if event.kind == "reminded"]
    floor = max([invited_on, *dealt] + ([mine.day(after)] if after else []))
    done = set(approach.messages.values_list("step", flat=True) if mailed is None else mailed)
    done |= {event.step for event in events if event.kind == "skipped"}
    due = [
        (mine.opening(day), key)
        for day, key in step_days(approach, mine, invited_on, done)
        if day > floor and key not in done
    ]
    promised = approach.promised_for and mine.opening(approach.promised_for + window.ONE_DAY)
    if promised and mine.day(promised) > floor:
        own = f"promise:{approach.promised_for}"  # where no step is left to be replaced
        return (min(due)[1], promised) if due else ("", None) if own in done else (own, promised)
    at, key = min(due, default=(None, ""))
    return key, at


def step_days(approach, mine, invited_on, done=()):
    """Return [(date, step key)] of the steps after the invitation, each on a working day of its own, in their order.

    A weekend or a holiday moves a step on, and one before the day to reply by back: that day would be over. A step
    pushes those behind it, so that no company gets two on one day.

    mine  the approach's Window
    done  keys of steps that keep their day although they were retired since
    """
    named = []
    for place, step in enumerate(approach.campaign.steps.all()):
        day = step_day(step, invited_on, approach.effective_deadline)
        if day and step.anchor == "before_deadline":
            day = max(mine.working_day_before(day), min(day, invited_on + window.ONE_DAY))
        if day and day > invited_on and (not step.retired_at or step.key in done):
            named.append((day, place, step.key))
    found, free = [], invited_on
    for day, _place, key in sorted(named):
        free = mine.working_day(max(day, free + window.ONE_DAY))
        found.append((free, key))
    return found
