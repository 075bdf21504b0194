"""The acts on an approach: status moves with their reason, attempts that were made by hand, and what is planned."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import planning, status, window
from campaigns.forms import (
    AttemptForm,
    DayForm,
    MoveForm,
    NotAskedForm,
    OwnerForm,
    ReplyForm,
    ResultForm,
    StaffForm,
    TimeForm,
)
from campaigns.status import Reach, Reply
from campaigns.templatetags.frame import partial_date

from .acts import Act


def _move(approach, to, data, by, now, **facts):
    facts = {"kind": "moved", "reason": data["reason"], **facts}
    if not status.advance(approach, to, now=now, on=data["day"], by=by, **facts):
        raise ValidationError(gettext("%(company)s was moved meanwhile. Look again.") % _name(approach))
    return gettext("%(company)s: %(status)s, %(day)s.") % {
        **_name(approach),
        "status": to.label,
        "day": partial_date(data["day"].stated),
    }


def _name(approach):
    return {"company": approach.listed_as}


def invited_by_hand(approach, data, *, by, now):
    return _move(approach, Reach.INVITED, data, by, now, kind="invited", channel=data["channel"], result="accepted")


def attempted(approach, data, *, by, now):
    facts = {"channel": data["channel"], "result": data["result"], "reason": data["reason"], "by": by}
    status.record(approach, "contacted", now=now, on=data["day"], **facts)
    return gettext("%(company)s: an attempt on %(day)s is recorded.") % {
        **_name(approach),
        "day": partial_date(data["day"].stated),
    }


def came_back(approach, data, *, by, now):
    status.record(approach, "returned", now=now, on=data["day"], reason=data["reason"], by=by)
    return gettext("%(company)s: what was sent came back.") % _name(approach)


def unreached(approach, data, *, by, now):
    return _move(approach, Reach.UNREACHED, data, by, now)


def not_asked(approach, data, *, by, now):
    return _move(approach, Reach.NOT_APPROACHED, data, by, now, because=data["because"])


def planned_again(approach, data, *, by, now):
    return _move(approach, Reach.PLANNED, data, by, now)


def replied(approach, data, *, by, now):
    return _move(approach, Reply(data["reply"]), data, by, now)


def given_time(approach, data, *, by, now):
    planning.give_time(approach, data["day"], by=by, now=now, promised=data["promised"])
    return gettext("%(company)s has time until %(day)s.") % {**_name(approach), "day": partial_date(data["day"].stated)}


def reminder_planned(approach, data, *, by, now):
    row = planning.remind_on(approach, data["day"].on, now=now)
    day = window.of(row).day(row.remind_at)  # a working day of the company
    return gettext("%(company)s is reminded on %(day)s.") % {**_name(approach), "day": partial_date(day)}


def held(approach, data, *, by, now):
    planning.pause(approach, now=now)
    return gettext("%(company)s is on hold.") % _name(approach)


def resumed(approach, data, *, by, now):
    planning.pause(approach, now=None)
    return gettext("%(company)s is no longer on hold.") % _name(approach)


def assigned(approach, data, *, by, now):
    planning.assign(approach, data["owner"])
    return gettext("%(company)s: owner %(person)s.") % {
        **_name(approach),
        "person": data["owner"] or gettext("nobody"),
    }


def _can(to):
    return lambda row: to in status.MOVES[Reach(row.reach)]


def _is(reach):
    return lambda row: row.reach == reach


ACTS = [
    Act(
        "invited",
        _("Record an invitation made by hand"),
        ngettext_lazy("Record %(number)d invitation", "Record %(number)d invitations", "number"),
        invited_by_hand,
        AttemptForm,
        help=_("By post, telephone or web form: it counts as delivered. Mail that this site sends records itself."),
        fits=_can(Reach.INVITED),
    ),
    Act(
        "attempted",
        _("Record another attempt made by hand"),
        ngettext_lazy("Record %(number)d attempt", "Record %(number)d attempts", "number"),
        attempted,
        ResultForm,
        fits=_is(Reach.INVITED),
    ),
    Act(
        "returned",
        _("Record that a letter came back"),
        ngettext_lazy("Record %(number)d letter that came back", "Record %(number)d letters that came back", "number"),
        came_back,
        MoveForm,
        help=_("It takes back the latest attempt that was accepted."),
        fits=_is(Reach.INVITED),
    ),
    Act(
        "unreached",
        _("Mark as could not be reached"),
        ngettext_lazy(
            "Mark %(number)d company as could not be reached",
            "Mark %(number)d companies as could not be reached",
            "number",
        ),
        unreached,
        MoveForm,
        help=_("It leaves the denominator of the rate, and the page says so."),
        fits=_can(Reach.UNREACHED),
    ),
    Act(
        "not-asked",
        _("Mark as not asked"),
        ngettext_lazy("Mark %(number)d company as not asked", "Mark %(number)d companies as not asked", "number"),
        not_asked,
        NotAskedForm,
        fits=_can(Reach.NOT_APPROACHED),
    ),
    Act(
        "planned",
        _("Plan to ask after all"),
        ngettext_lazy("Plan to ask %(number)d company", "Plan to ask %(number)d companies", "number"),
        planned_again,
        MoveForm,
        fits=_can(Reach.PLANNED),
    ),
    Act(
        "reply",
        _("Correct the reply"),
        ngettext_lazy("Correct the reply of %(number)d company", "Correct the reply of %(number)d companies", "number"),
        replied,
        ReplyForm,
        help=_("For a correction. What came in writing is filed with “Log a reply”."),
    ),
    Act(
        "time",
        _("Give more time"),
        ngettext_lazy("Give %(number)d company more time", "Give %(number)d companies more time", "number"),
        given_time,
        TimeForm,
        fits=planning.awaited,
    ),
    Act(
        "remind",
        _("Set the day of the next reminder"),
        ngettext_lazy("Set the day for %(number)d company", "Set the day for %(number)d companies", "number"),
        reminder_planned,
        DayForm,
        fits=planning.awaited,
    ),
    Act(
        "hold",
        _("Put on hold"),
        ngettext_lazy("Put %(number)d company on hold", "Put %(number)d companies on hold", "number"),
        held,
        fits=lambda row: not row.paused_at,
    ),
    Act(
        "resume",
        _("Take off hold"),
        ngettext_lazy("Take %(number)d company off hold", "Take %(number)d companies off hold", "number"),
        resumed,
        StaffForm,
        fits=lambda row: row.paused_at,
    ),
    Act(
        "assign",
        _("Change the owner"),
        ngettext_lazy("Change the owner of %(number)d company", "Change the owner of %(number)d companies", "number"),
        assigned,
        OwnerForm,
    ),
]
