"""What the pages of outgoing mail ask."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms import ReasonForm, StaffForm


class LeaveForm(StaffForm):
    """A day and a time in the campaign's zone; cleans to `not_before`, an instant."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Enter the day on which they leave"),
            "invalid": _("The date must be real, like 2022-08-09"),
        },
    )
    time = forms.TimeField(
        label=_("Time"),
        initial="09:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Enter the time at which they leave")},
    )

    def __init__(self, *args, campaign, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.campaign, self.now = campaign, now
        self.fields["time"].help_text = _("In %(zone)s.") % {"zone": campaign.time_zone.replace("_", " ")}

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            zone = ZoneInfo(self.campaign.time_zone)
            at = cleaned["not_before"] = datetime.combine(cleaned["day"], cleaned["time"], zone)
            if at <= self.now:
                self.add_error("day", _("This time is over. Choose a later one, or let them leave at once"))
            elif self.campaign.closes_at and at >= self.campaign.closes_at:
                self.add_error("day", _("The campaign is closed by then. Choose an earlier day"))
        return cleaned


class HoldForm(ReasonForm):
    """Why all mail of the site is held."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        help_text=_("All staff read this, on every page."),
        error_messages={"required": _("Enter the reason")},
    )


class SettleForm(StaffForm):
    """How a person knows whether a mail in doubt arrived."""

    reason = forms.CharField(
        label=_("How you know"),
        max_length=300,
        help_text=_("Only the team can read this. Name no contacts."),
        error_messages={"required": _("Enter how you know")},
    )


class ResendForm(StaffForm):
    """Why one mail that failed is made again."""

    reason = forms.CharField(
        label=_("Why it is sent again"),
        max_length=300,
        help_text=_("Only the team can read this. Name no contacts."),
        error_messages={"required": _("Say why it is sent again")},
    )


class AgainForm(StaffForm):
    """Why mails that failed are made again."""

    reason = forms.CharField(
        label=_("Why they are sent again"),
        max_length=300,
        help_text=_("Only the team can read this. Name no contacts."),
        error_messages={"required": _("Say why they are sent again")},
    )
