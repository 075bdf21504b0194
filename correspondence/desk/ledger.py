"""The page of the ledger: who got what, when, with which result; the mail itself and its remedy one click away."""

from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from campaigns import clock
from campaigns.forms import StaffForm
from campaigns.models import Campaign
from campaigns.roles import team
from companies.languages import LanguageField
from correspondence import ledger as book
from correspondence.by_hand import RESULTS
from correspondence.control import row as control_row
from correspondence.models import State, WordingKind

from . import access, ledger_files

PER_PAGE = 50
EXPORT = "campaigns.export_contacts"


class LedgerForm(StaffForm):
    """What the ledger is narrowed to. Everything is optional, and only the person's own campaigns are offered."""

    words = forms.CharField(label=gettext_lazy("Company, contact or address"), max_length=200)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=gettext_lazy("Campaign"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    result = forms.ChoiceField(label=gettext_lazy("Result"))
    language = LanguageField(label=gettext_lazy("Language"))
    since = forms.DateField(label=gettext_lazy("From day"))
    until = forms.DateField(label=gettext_lazy("To day"))
    owner = forms.ModelChoiceField(get_user_model().objects.none(), label=gettext_lazy("Owner"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.form_method = "get"
        every = [("", _("All"))]
        self.fields["campaign"].queryset, self.fields["owner"].queryset = Campaign.objects.of(user), team()
        self.fields["kind"].choices = every + WordingKind.choices
        self.fields["result"].choices = every + book.RESULTS
        self.fields["language"].choices = every + list(self.fields["language"].choices)[1:]
        for name, field in self.fields.items():
            field.required = False
            if name in ("campaign", "owner"):
                field.empty_label = _("All")
            if name in ("since", "until"):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                field.error_messages["invalid"] = _("The date must be real, like 2022-08-09")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("This day lies before the first one"))
        return cleaned


@require_safe
def ledger(request):
    """Fifty entries; ?before= goes on where the last page ended."""
    user = request.user
    access.needs(user, "correspondence.view_message")
    form, rows = _asked(request)
    place = _place(request.GET.get("before", ""))
    found = book.with_results(book.with_followers(book.after(rows, place) if place else rows))
    page = list(found[: PER_PAGE + 1])
    more, page = len(page) > PER_PAGE, page[:PER_PAGE]
    kept = {name: value for name, value in request.GET.items() if value and name in form.fields}
    for mail in page:
        mail.what, mail.remedy = ledger_files.kind_of(mail), _remedy(mail, user)
        mail.page, mail.became = _page_of(mail), RESULTS.get(mail.hand_result, "")
    context = {
        "form": form, "mails": page, "later": place is not None, "kept": urlencode(kept), "filtered": bool(kept),
        "older": urlencode({**kept, "before": f"{page[-1].created_at.isoformat()}~{page[-1].pk}"}) if more else "",
        "may_export": user.has_perm(EXPORT), "site_zone": settings.TIME_ZONE,
    }  # fmt: skip
    return access.page(request, "ledger", _("Ledger"), **context)


def _asked(request):
    """Return (the form as the address fills it, the entries that it narrows the ledger to)."""
    form = LedgerForm(request.GET, user=request.user)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = book.entries(request.user, asked, zone=settings.TIME_ZONE)
    return form, rows.none() if form.errors else rows


@require_POST
def export(request, ending):
    """Send all entries that were asked for as a file, and log how many it held, also where the reader hung up."""
    access.needs(request.user, "correspondence.view_message", EXPORT)
    if ending not in ledger_files.KINDS:
        raise Http404
    _form, rows = _asked(request)

    def log(number):
        said = _("Exported %(number)d entries of the ledger as %(kind)s") % {"number": number, "kind": ending.upper()}
        access.log(request.user, control_row(), said)

    return ledger_files.answer(rows, ending, name=f"ledger-{clock.now():%Y-%m-%d}", done=log)


def _page_of(mail):
    """Return where an entry is read whole: a mail on its page, a contact by hand in its thread."""
    if mail.state == State.LOGGED:
        return reverse("mail_company", args=[mail.approach_id])
    return reverse("mail_message" if mail.approach_id else "admin:correspondence_message_change", args=[mail.pk])


def _place(text):
    """Read the end of the page before; what is no such place is the beginning."""
    at, _tilde, key = text.partition("~")
    try:
        return book.Place(parse_datetime(at), UUID(key)) if parse_datetime(at) else None
    except ValueError:
        return None


def _remedy(mail, user):
    """Return what the button of a failed or doubtful entry says, or ""."""
    if mail.approach_id is None or not user.has_perm(access.SEND):
        return ""
    if mail.state == State.UNKNOWN:
        return _("It arrived, or send again")
    if mail.state == State.FAILED and not mail.followed:
        return _("Try again")
    return ""
