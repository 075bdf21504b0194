"""Companies of a campaign one by one, also after its launch: who is on the list, adding one, taking one out."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.deletion import ProtectedError
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from django_countries import countries

from campaigns import clock, days
from campaigns.forms import StaffForm
from campaigns.models import Approach, ChosenContact
from campaigns.spreadsheet.known import known_companies
from campaigns.status import ATTEMPTS, Reach, Reply, lock
from companies.languages import LanguageField
from companies.models import Company, Contact, FormerSlug
from companies.names import fold, slug_for

from . import access

PER_PAGE = 50
FOUND = 20  # companies that a search shows
ADDRESS = _("Enter an address like press@company.com")


class CompanyForm(StaffForm):
    """A company that nobody has asked yet, with whom to write to."""

    name = forms.CharField(
        label=_("Name"), max_length=200, error_messages={"required": _("Enter the company’s name")}
    )  # fmt: skip
    headquarters = forms.ChoiceField(
        label=_("Headquarters"), required=False, choices=lambda: [("", _("Not known")), *countries]
    )
    contact = forms.CharField(label=_("Contact"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, error_messages={"invalid": ADDRESS})
    language = LanguageField(label=_("Language"), required=False)
    reason = forms.CharField(
        label=_("Why it is asked"), required=False, help_text=_("Public."), widget=forms.Textarea(attrs={"rows": 2})
    )

    alike = ()  # known companies that the name may mean; a person says whether it is another one

    def clean_name(self):
        """Refuse a name that a company or an alias has, or one like it: it is found by searching."""
        name = self.cleaned_data["name"]
        try:
            Company(name=name).clean()
        except ValidationError as error:
            raise forms.ValidationError(error.messages[0]) from None
        if not fold(name):
            raise forms.ValidationError(gettext("This is not a name."))
        names, known = known_companies()
        self.alike = [known[key]["name"] for key in names.alike(name)]
        if self.alike and not self.data.get("another"):
            said = gettext(
                "Looks like %(companies)s, already listed. Search for it, or say that it is another company."
            )
            raise forms.ValidationError(said % {"companies": ", ".join(self.alike)})
        return name


@require_http_methods(["GET", "HEAD", "POST"])
def companies(request, pk):
    """The list with ?q=; known companies that could be added; the form for a new one. Constant number of queries."""
    campaign = access.campaign(request.user, pk, *access.COMPANIES)
    words = " ".join(request.GET.get("q", "").split())
    form = CompanyForm(request.POST if request.POST.get("do") == "new" else None, initial={"name": words})
    if request.method == "POST":
        try:
            approach = _added(request, campaign, form)
        except ValidationError as error:
            approach = None
            messages.error(request, error.messages[0])
        if approach:
            said = gettext("Added %(company)s. It is planned, and nothing was sent.") % {"company": approach.listed_as}
            access.log(request.user, campaign, said)
            messages.success(request, said)
            return redirect("campaign_companies", campaign.pk)
        if not form.is_bound:
            return redirect("campaign_companies", campaign.pk)
    listed = campaign.approaches.select_related("company").order_by("position", "pk")
    listed = listed.annotate(addresses=Count("chosen", filter=~Q(chosen__contact__email="")))
    found = []
    if words:
        found = _known(campaign, words) or _known(campaign, words.split()[0])  # "Airbus SE" is known as Airbus
        listed = listed.filter(Q(listed_as__icontains=words) | Q(company__folded__contains=fold(words)))
    context = {
        "campaign": campaign, "q": words, "found": found, "form": form,
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "can_take_out": request.user.has_perm(access.TAKE_OUT), "launched": campaign.stage != "draft",
    }  # fmt: skip
    return access.page(request, "setup/companies", gettext("Companies"), **context)


def _known(campaign, words):
    """Return the first companies that have the words in a name or an alias and are not on the list."""
    matching = Q(name__icontains=words) | Q(folded__contains=fold(words)) | Q(aliases__folded__contains=fold(words))
    rows = Company.objects.filter(matching).exclude(pk__in=campaign.approaches.values("company"))
    return list(rows.distinct()[:FOUND])


def _added(request, campaign, form):
    """Add the company that was chosen, or the new one; None where it was refused, and now says why."""
    if form.is_bound:
        return _add_new(campaign, form.cleaned_data) if form.is_valid() else None
    chosen = request.POST.get("company", "")
    company = Company.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
    if company is None:
        raise ValidationError(gettext("Choose a company first."))
    if campaign.approaches.filter(company=company).exists():
        messages.info(request, gettext("%(company)s is on the list already.") % {"company": company})
        return None
    return _approach(campaign, company, company.contacts.usable().filter(erased_at=None).first())


def _add_new(campaign, data):
    with transaction.atomic():
        slug = slug_for(data["name"], _is_taken)
        company = Company.objects.create(name=data["name"], slug=slug, headquarters=data["headquarters"])
        contact = None
        if data["contact"] or data["email"]:
            facts = {"name": data["contact"], "email": data["email"], "language": data["language"]}
            contact = Contact.objects.create(company=company, **facts)
        return _approach(campaign, company, contact if data["email"] else None, reason=data["reason"])


def _is_taken(slug):
    return any(model.objects.filter(slug=slug).exists() for model in (Company, FormerSlug))


def _approach(campaign, company, contact, **facts):
    """Plan to ask a company, at the end of the list, by the contact if there is one."""
    with transaction.atomic():
        last = campaign.approaches.aggregate(last=Max("position"))["last"] or 0
        listed = {"listed_as": company.name}
        if campaign.approaches.filter(**listed).exists():
            raise ValidationError(gettext("Another company is on the list under this name."))
        approach = Approach.objects.create(campaign=campaign, company=company, position=last + 1, **listed, **facts)
        if contact:
            ChosenContact.objects.create(approach=approach, contact=contact)
        transaction.on_commit(campaign.refresh_count)
    return approach


@require_http_methods(["GET", "HEAD", "POST"])
def take_out(request, pk):
    """Take a planned company off the list; for one that was asked, say what can be done instead."""
    approach = access.approach(request.user, pk, access.TAKE_OUT)
    if request.method == "POST":
        company, campaign = approach.listed_as, approach.campaign
        if _taken_out(approach):
            said = gettext("Took out %(company)s: it was planned, and nobody had written to it.") % {"company": company}
            access.log(request.user, campaign, said)
            messages.success(request, said)
            return redirect("campaign_companies", campaign.pk)
        messages.error(
            request, gettext("%(company)s was asked or written to meanwhile. It stays.") % {"company": company}
        )
        return redirect("campaign_take_out", approach.pk)
    context = {
        "campaign": approach.campaign, "approach": approach, "free": _is_free(approach),
        "planned": approach.reach == Reach.PLANNED, "invited": approach.reach == Reach.INVITED,
        "answered": approach.reply not in (Reply.NONE, Reply.SILENT),
        "today": days.today(clock.now(), approach.campaign.time_zone),
    }  # fmt: skip
    return access.page(request, "setup/take_out", gettext("Take out a company"), **context)


def _is_free(approach):
    """Say whether nobody has contacted the company for this campaign, and no mail to it was ever made."""
    tried = approach.events.filter(Q(kind__in=ATTEMPTS) | Q(field="reach")).exists()
    return approach.reach == Reach.PLANNED and not tried and not approach.messages.exists()


def _taken_out(approach):
    """Delete a planned approach that nobody contacted; False where it is in use."""
    try:
        with transaction.atomic():
            row = lock(approach)
            if not _is_free(row):
                return False
            row.delete()
            transaction.on_commit(row.campaign.refresh_count)
    except ProtectedError:
        return False
    return True
