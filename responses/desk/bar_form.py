"""What the bar above the list asks before it acts, and what each act does to one company."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import days, planning
from campaigns.admin import moves
from campaigns.forms import DayField, StaffForm
from campaigns.roles import team
from campaigns.status import IllegalMove, Reach
from correspondence import reminders


def assigned(approach, data, *, by, now):
    return moves.assigned(approach, data, by=by, now=now)


def given_time(approach, data, *, by, now):
    return moves.given_time(approach, {**data, "day": data["until"]}, by=by, now=now)


def skipped(approach, data, *, by, now):
    if not approach.remind_at:
        raise IllegalMove(_("%(company)s: nothing is planned that could be skipped.") % {"company": approach.listed_as})
    reminders.skip(approach, by=by, now=now, reason=data["reason"])
    return _("%(company)s: the next step is skipped.") % {"company": approach.listed_as}


def held(approach, data, *, by, now):
    if approach.paused_at:
        raise IllegalMove(_("%(company)s is on hold.") % {"company": approach.listed_as})
    if approach.reach != Reach.PLANNED and not planning.awaited(approach):
        raise IllegalMove(_("Nothing is awaited from %(company)s.") % {"company": approach.listed_as})
    return moves.held(approach, data, by=by, now=now)


def released(approach, data, *, by, now):
    if not approach.paused_at:
        raise IllegalMove(_("%(company)s is not on hold.") % {"company": approach.listed_as})
    return moves.resumed(approach, data, by=by, now=now)


def unreached(approach, data, *, by, now):
    if approach.reach == Reach.UNREACHED:
        raise IllegalMove(_("%(company)s is marked so already.") % {"company": approach.listed_as})
    today = days.exactly(days.today(now, approach.campaign.time_zone))
    return moves.unreached(approach, {**data, "day": today}, by=by, now=now)


class BarForm(StaffForm):
    """The act and what it needs; the fields of other acts are not looked at."""

    do = forms.ChoiceField(
        label=gettext_lazy("Action"),
        choices=[
            ("", gettext_lazy("Choose an action")),
            ("remind", gettext_lazy("Remind now")),
            ("write", gettext_lazy("Write to them")),
            ("time", gettext_lazy("Give more time")),
            ("skip", gettext_lazy("Skip the next step")),
            ("hold", gettext_lazy("Put on hold")),
            ("release", gettext_lazy("Release from hold")),
            ("assign", gettext_lazy("Change the owner")),
            ("unreached", gettext_lazy("Mark as could not be reached")),
        ],
        error_messages={"required": gettext_lazy("Choose an action")},
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=team(), required=False, empty_label=gettext_lazy("Nobody")
    )
    until = DayField(label=gettext_lazy("More time until"), required=False, help_text="")
    promised = forms.BooleanField(label=gettext_lazy("The company said so"), required=False)
    reason = forms.CharField(label=gettext_lazy("Why, or the proof"), required=False, max_length=500)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, one in self.fields.items():
            choice = isinstance(one, forms.ChoiceField)
            style = "form-check-input" if name == "promised" else "form-select" if choice else "form-control"
            one.widget.attrs["class"] = style

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("do") == "time" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Enter the day until which they have time"))
        if cleaned.get("do") == "unreached" and not cleaned.get("reason"):
            self.add_error("reason", _("Enter how you know that they could not be reached"))
        return cleaned


VERBS = {  # what is done to each company, with its own lock and line in the log
    "time": given_time,
    "skip": skipped,
    "hold": held,
    "release": released,
    "assign": assigned,
    "unreached": unreached,
}
