"""Whom a company's letters go to: its contacts with what they are used for, an address mended, a contact added."""

import hashlib

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import status
from campaigns.forms import StaffForm, VersionedForm
from campaigns.models import ChosenContact
from companies.languages import LanguageField
from companies.models import Company, Contact, Health

from . import access

CHOOSE = ("campaigns.change_approach", "campaigns.add_chosencontact", "campaigns.delete_chosencontact")
ADD, MEND = "companies.add_contact", "companies.change_contact"
NOT_USED = ("", gettext_lazy("Not written to"))


class UseForm(StaffForm):
    """What each contact is used for. `seen` stands for what the page showed: nothing is written over unseen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, contacts, used, **kwargs):
        self.current = hashlib.sha256(repr(sorted(used.items())).encode()).hexdigest()[:16]
        super().__init__(*args, initial={"seen": self.current}, **kwargs)
        self.contacts = {f"use-{one.pk}": one for one in contacts}
        for name, one in self.contacts.items():
            self.fields[name] = forms.ChoiceField(
                label=str(one), choices=[NOT_USED, *ChosenContact.Use.choices], required=False,
                initial=used.get(one.pk, ""), widget=forms.Select(attrs={"class": "form-select"}),
            )  # fmt: skip

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("seen") != self.current:
            self.data = {**self.data.dict(), "seen": self.current}
            raise forms.ValidationError(_("Somebody changed this meanwhile. Look at your choice and save it again."))
        return cleaned

    @property
    def uses(self):
        """Yield (Contact, use) as chosen."""
        return [(one, self.cleaned_data[name]) for name, one in self.contacts.items()]


class ContactForm(StaffForm, VersionedForm):
    """One contact of a company, new or known. An address that is replaced is taken to work until mail comes back."""

    language = LanguageField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("Letters are sent in it where there is a wording."),
    )

    class Meta:
        model = Contact
        fields = ["name", "role", "email", "language", "health"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in (("name", _("Name")), ("role", _("Role")), ("email", _("E-mail"))):
            self.fields[name].label = label
        if self.instance.pk:
            self.fields["health"].label = _("State of the address")
        else:
            del self.fields["health"], self.fields["version"]
        self.fields["email"].error_messages["invalid"] = _("Enter an address like press@company.com")
        for name in ("name", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self):
        cleaned = super().clean()
        email = cleaned.get("email", "")
        if not self.errors and not (email or cleaned.get("name")):
            self.add_error("email", _("Enter an e-mail address, or at least a name"))
        same = self.instance.company.contacts.exclude(pk=self.instance.pk).annotate(low=Lower("email"))
        if email and same.filter(low=email.lower()).exists():
            self.add_error("email", _("This company has a contact with this address already."))
        if "email" in self.changed_data and cleaned.get("health") == Health.BOUNCED:
            cleaned["health"] = Health.WORKING
        return cleaned


class NewContactForm(ContactForm):
    use = forms.ChoiceField(label=gettext_lazy("Letters of this campaign"), choices=[*ChosenContact.Use.choices])
    field_order = ["name", "role", "email", "language", "use"]


def contacts(request, pk):
    """Show a company's contacts in one campaign; POST saves one of the three forms. A constant number of queries."""
    access.needs(request.user, "companies.view_contact")
    with transaction.atomic():
        approach = access.approach(request.user, pk)
        if request.method == "POST":
            status.lock(approach)
            Company.objects.select_for_update(of=("self",), no_key=True).get(pk=approach.company_id)
        desk = _Desk(request, approach)
        if request.method == "POST" and (said := desk.post()):
            messages.success(request, said)
            return redirect("approach_contacts", approach.pk)
    return desk.page()


class _Desk:
    """One request: the company's contacts, and the forms; the one that was sent is bound."""

    def __init__(self, request, approach):
        self.request, self.approach = request, approach
        self.contacts = list(approach.company.contacts.filter(erased_at=None))
        self.used = dict(approach.chosen.values_list("contact", "use"))
        do = request.POST.get("do", "")
        wanted = request.POST.get("contact") or request.GET.get("contact")
        self.chosen = self._contact(wanted) if wanted else None
        self.uses = UseForm(request.POST if do == "use" else None, contacts=self.contacts, used=self.used)
        form, it = (ContactForm, self.chosen) if self.chosen else (NewContactForm, Contact(company=approach.company))
        self.form = form(request.POST if do in ("mend", "add") else None, instance=it, initial=self._begin())
        self.save = {"use": self._use, "mend": self._mend, "add": self._add}.get(do)

    def _contact(self, text):
        rows = Contact.objects.select_for_update(of=("self",)) if self.request.method == "POST" else Contact.objects
        return get_object_or_404(rows, pk=_number(text), company=self.approach.company, erased_at=None)

    def _begin(self):
        return {} if self.chosen else {"use": ChosenContact.Use.CC if self.used else ChosenContact.Use.TO}

    def post(self):
        """Return what was done, or "" where the form has to be shown again."""
        if self.save is None:
            messages.error(self.request, _("This page cannot do that."))
            return ""
        said = self.save()
        if said:
            access.log(self.request.user, self.approach, said)
        return said

    def _use(self):
        access.needs(self.request.user, *CHOOSE)
        if not self.uses.is_valid():
            return ""
        for contact, use in self.uses.uses:
            if not use:
                self.approach.chosen.filter(contact=contact).delete()
            elif use != self.used.get(contact.pk):
                self.approach.chosen.update_or_create(contact=contact, defaults={"use": use})
        return _("Saved: whom we write to at %(company)s.") % {"company": self.approach.listed_as}

    def _mend(self):
        access.needs(self.request.user, MEND)
        if not (self.chosen and self.form.is_valid()):
            return ""
        self.form.save()
        return _("Saved: a contact of %(company)s.") % {"company": self.approach.listed_as}

    def _add(self):
        access.needs(self.request.user, ADD, *CHOOSE)
        if self.chosen or not self.form.is_valid():
            return ""
        made = self.form.save()
        self.approach.chosen.create(contact=made, use=self.form.cleaned_data["use"])
        return _("A contact of %(company)s is added.") % {"company": self.approach.listed_as}

    def page(self):
        user, approach = self.request.user, self.approach
        return access.page(
            self.request, "setup/contacts", _("Whom we write to"), campaign=approach.campaign, approach=approach,
            uses=self.uses, form=self.form, chosen=self.chosen, can_choose=user.has_perms(CHOOSE),
            rows=[(one, self.uses[f"use-{one.pk}"], self._said(one)) for one in self.contacts],
            can_mend=user.has_perm(MEND if self.chosen else ADD),
        )  # fmt: skip

    def _said(self, contact):
        """Return what a contact is used for, in words: for who may look only."""
        use = self.used.get(contact.pk)
        return ChosenContact.Use(use).label if use else NOT_USED[1]


def _number(text):
    return int(text) if text.isdecimal() and len(text) < 12 else 0
