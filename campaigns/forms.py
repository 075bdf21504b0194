"""What the forms of the staff pages share: days as exact as they are known, and forms that do not overwrite."""

import hashlib

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from . import days
from .models import Event
from .roles import team
from .status import NotApproachedBecause, Reply


class DayField(forms.CharField):
    """A day known to the year, the month or the day, as "2022-08". Cleans to a days.Day, or None where it is empty."""

    default_error_messages = {"real": _("The date must be real, like 2022-08-09, 2022-08 or 2022")}

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("Like 2022-08-09, 2022-08 or 2022, as exactly as it is known."))
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "size": 12}))
        super().__init__(**kwargs)

    def to_python(self, value):
        if not (text := super().to_python(value)):
            return None
        try:
            return days.read(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["real"], code="real") from None


class VersionedForm(forms.ModelForm):
    """A form that knows what it showed: where that has changed since, it is refused, and both versions are shown.

    `version` is a digest of the fields as they were read, not a time: a reminder that left meanwhile touches the row,
    but nothing that this form shows. The caller holds the row's lock (see admin/versions.py).

    stated  {day field: field that says how exactly it is known}; such a day is edited as a DayField
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    stated = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, exact in self.stated.items():
            if name in self.fields:
                self.initial[name] = getattr(self.instance, exact)
        if "version" in self.fields:
            self.initial["version"] = self.current = self._version()

    def clean(self):
        cleaned = super().clean()
        for name, exact in self.stated.items():
            if name in self.changed_data and name in cleaned:
                day = cleaned[name] or days.Day(None, "")
                cleaned[name] = day.on
                setattr(self.instance, exact, day.stated)
            elif name in self.fields:
                cleaned[name] = getattr(self.instance, name)
        if self.instance.pk and not self.instance._state.adding and "version" in self.fields:
            self._check_version(cleaned)
        return cleaned

    def _version(self):
        seen = hashlib.sha256()
        for name in sorted(set(self.fields) & set(self.initial) - {"version"}):
            seen.update(f"{name}={_plain(self.initial[name])}\0".encode())
        return seen.hexdigest()[:16]

    def _check_version(self, cleaned):
        if cleaned.get("version") == self.current:
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = self.current  # saving again is then a decision, not an accident
        stored = [
            (self.fields[name].label or name, _plain(self.initial.get(name)))
            for name in self.changed_data
            if name != "version"
        ]
        raise forms.ValidationError(
            format_html(
                "{} {}<ul>{}</ul>",
                _who_changed(self.instance),
                _("Your text is below; copy what you need and save again. Stored now:"),
                format_html_join("", "<li>{}: {}</li>", stored),
            ),
            code="conflict",
        )


def _plain(value):
    if isinstance(value, list | tuple):
        return ", ".join(sorted(str(one.pk if isinstance(one, Model) else one) for one in value))
    return "" if value is None else str(value)


def _who_changed(thing):
    """Return "Omar changed this at 14:20." from the staff's log, or that somebody did."""
    kind = ContentType.objects.get_for_model(thing)
    last = LogEntry.objects.filter(content_type=kind, object_id=str(thing.pk)).select_related("user").first()
    if last is None:
        return _("Somebody changed this.")
    at = date_format(timezone.localtime(last.action_time), "DATETIME_FORMAT")
    return _("%(person)s changed this at %(time)s.") % {"person": last.user, "time": at}


class StaffForm(forms.Form):
    """A form on a page of our own, drawn by crispy forms inside a form tag that the page writes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class ReasonForm(StaffForm):
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Only the team can read this. Name no contacts."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Enter the reason")},
    )


class DayForm(StaffForm):
    day = DayField(label=_("Day"), error_messages={"required": _("Enter the day")})


class MoveForm(DayForm, ReasonForm):
    field_order = ["day", "reason"]


class AttemptForm(MoveForm):
    """An invitation or another attempt that a person made by hand."""

    channel = forms.ChoiceField(label=_("Channel"), choices=Event.Channel.choices)
    field_order = ["channel", "day", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = _("What happened")


class ResultForm(AttemptForm):
    result = forms.ChoiceField(
        label=_("Did it reach the company?"),
        choices=[
            (Event.Result.ACCEPTED, _("Yes")),
            (Event.Result.UNKNOWN, _("Not known")),
            (Event.Result.REFUSED, _("No")),
        ],
    )
    field_order = ["channel", "result", "day", "reason"]


class NotAskedForm(MoveForm):
    because = forms.ChoiceField(
        label=_("Not asked because"), help_text=_("Readers see this."), choices=NotApproachedBecause.choices
    )
    field_order = ["because", "day", "reason"]


class ReplyForm(MoveForm):
    reply = forms.ChoiceField(
        label=_("Reply"),
        choices=[(one.value, one.label) for one in Reply if one not in (Reply.NONE, Reply.SILENT)],
    )
    field_order = ["reply", "day", "reason"]


class TimeForm(DayForm):
    day = DayField(label=_("Until"), error_messages={"required": _("Enter the day")})
    promised = forms.BooleanField(label=_("The company said that it will answer by then"), required=False)

    def __init__(self, *args, initial=None, **kwargs):
        super().__init__(*args, **kwargs)  # today, which other acts begin with, is no more time


class OwnerForm(StaffForm):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=team(), required=False, empty_label=_("Nobody"))


class PublishForm(StaffForm):
    day = DayField(label=_("Published on"), error_messages={"required": _("Enter the day")})


class WithdrawForm(StaffForm):
    because = forms.CharField(
        label=_("Why it is withdrawn"),
        help_text=_("Everybody who opens its address reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason; readers see it")},
    )


class MoveCloseForm(ReasonForm):
    closes_on = DayField(
        label=_("New closing date"), required=False, help_text=_("Like 2022-09-30. Empty: no closing date for now.")
    )
    field_order = ["closes_on", "reason"]
