"""What the pages of accounts ask."""

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns import roles
from campaigns.forms import StaffForm
from campaigns.models import Campaign

from . import staff

NOBODY = "nobody"
LIKE = _("Enter an address like ana@desk.org")
WHO = _("Choose who takes over, or nobody for now")


class SignInForm(AdminAuthenticationForm, StaffForm):
    """The admin's form; an e-mail address is as good as the user name that it belongs to."""

    error_messages = {
        "invalid_login": _("The name or the password is not right, or this account has no access."),
        "inactive": _("The name or the password is not right, or this account has no access."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address or user name")
        self.fields["username"].widget.attrs["dir"] = "auto"

    def clean_username(self):
        """Tries are counted by user name, so both spellings of an account share one count."""
        typed = self.cleaned_data["username"]
        if "@" not in typed:
            return typed
        names = get_user_model().objects.filter(email__iexact=typed.strip()).values_list("username", flat=True)[:2]
        return names[0] if len(names) == 1 else typed


class ForgottenForm(StaffForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={"required": _("Enter your e-mail address"), "invalid": LIKE},
    )


class NewPasswordForm(SetPasswordForm, StaffForm):
    """Twice the same password, by Django's rules."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].error_messages["required"] = _("Choose a password")
        self.fields["new_password2"].error_messages["required"] = _("Enter the new password again")


class OwnPasswordForm(PasswordChangeForm, NewPasswordForm):
    """A new password of one's own, which asks for the present one first."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].error_messages["required"] = _("Enter your present password")


class InviteForm(StaffForm):
    """Somebody to invite; offers the roles and campaigns that `by` may give."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        error_messages={"required": _("Enter the person’s name")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        error_messages={"required": _("Enter the address to invite"), "invalid": LIKE},
    )
    role = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Choose what the person may do")}
    )
    campaigns = forms.ModelMultipleChoiceField(
        label=_("Campaigns"),
        help_text=_("Researchers see and change these only."),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, by, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(name, roles.EXPLAINED[name]) for name in staff.roles_to_give(by)]
        self.fields["campaigns"].queryset = Campaign.objects.of(by).order_by("closed_at", "-pk")


class LeaveForm(StaffForm):
    """Who takes over what a person leaves behind: one choice for all, or one for each campaign.

    Cleans to `heirs`, as staff.leave() takes them.
    """

    heir = forms.ChoiceField(label=_("Who takes over"), required=False)

    def __init__(self, user, duties, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.duties = duties
        self.people = {str(one.pk): one for one in roles.team().filter(is_active=True).exclude(pk=user.pk)}
        names = [(key, roles.name_of(one)) for key, one in self.people.items()]
        if not duties:
            del self.fields["heir"]
            return
        names.append((NOBODY, _("Nobody for now")))
        one_for_all = self.fields["heir"]
        one_for_all.choices = [("", _("Choose")), *names]
        if not any(duties.values()):  # a team without companies is easily left
            one_for_all.initial = NOBODY
        if len(duties) == 1:
            one_for_all.required = True
            one_for_all.error_messages["required"] = WHO
        else:
            one_for_all.help_text = _("Everything for which nobody is chosen below.")
            for campaign, number in duties.items():
                self.fields[f"heir_{campaign.pk}"] = forms.ChoiceField(
                    label=str(campaign),
                    help_text=ngettext("%(n)d company", "%(n)d companies", number) % {"n": number},
                    choices=[("", _("As above")), *names],
                    required=False,
                )

    def clean(self):
        cleaned = super().clean()
        chosen = {one.pk: cleaned.get(f"heir_{one.pk}") or cleaned.get("heir") for one in self.duties}
        if not self.errors and not all(chosen.values()):
            self.add_error("heir", WHO)
        cleaned["heirs"] = {pk: self.people.get(key) for pk, key in chosen.items()}
        return cleaned


class MemberForm(StaffForm):
    """Somebody to put on a campaign's team."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=None, empty_label=_("Choose"), error_messages={"required": _("Choose a person")}
    )

    def __init__(self, campaign, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = roles.team().filter(is_active=True).exclude(memberships__campaign=campaign)
        self.fields["person"].queryset = rows.prefetch_related("groups")
        self.fields["person"].label_from_instance = roles.introduced
