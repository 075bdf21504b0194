"""The pages of accounts: who works here, inviting, one person, a campaign's team."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import clock, roles
from campaigns.models import Membership
from correspondence.desk import access
from correspondence.models import Control
from correspondence.wording import Blocked

from . import links, staff
from .forms import InviteForm, LeaveForm, MemberForm

BOTH = require_http_methods(["GET", "HEAD", "POST"])


def _page(request, template, title, **context):
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/staff/{template}.html", context)


def _managed(request, pk):
    """Return the account that a page is about, for those who manage the staff."""
    access.needs(request.user, *staff.MANAGE)
    return get_object_or_404(get_user_model().objects.filter(is_staff=True), pk=pk)


@require_safe
def staff_list(request):
    """Everybody who works here; as many queries for three as for one."""
    access.needs(request.user, *staff.MANAGE)
    found = staff.people()
    here = sum(one.state != "left" for one in found)
    return _page(request, "list", _("Staff"), people=found, here=here)


@BOTH
def invite(request):
    """Invite somebody, by mail; ?campaign=ID ticks a campaign."""
    access.needs(request.user, *staff.MANAGE)
    chosen = [key for key in request.GET.getlist("campaign") if key.isdecimal()]
    initial = {"role": roles.RESEARCHER, "campaigns": chosen}
    form = InviteForm(request.user, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = staff.invite(**data, by=request.user, now=clock.now())
        except (staff.Refused, Blocked) as error:
            form.add_error("email", str(error))
        else:
            access.log(request.user, user, _("Invited as %(role)s") % {"role": data["role"]})
            _said(request, _("%(person)s is invited: a mail with a link is on its way to %(address)s."), user)
            return redirect("staff_person", user.pk)
    return _page(request, "invite", _("Invite a person"), form=form, days=links.DAYS)


@require_safe
def person(request, pk):
    return _person_page(request, _managed(request, pk))


def _person_page(request, user, form=None):
    duties = staff.duties(user)
    context = {
        "link": links.latest(user),
        "person": user, "name": roles.name_of(user), "role": roles.role_of(user), "state": staff.state_of(user),
        "duties": duties, "form": form or LeaveForm(user, duties), "why_not": staff.why_not(user, request.user),
        "companies": sum(duties.values()), "own": user == request.user,
    }  # fmt: skip
    return _page(request, "person", roles.name_of(user), **context)


@require_POST
def send_link(request, pk):
    """Mail a link to set a password: again to whoever is invited, and to whoever is locked out."""
    user, now = _managed(request, pk), clock.now()
    try:
        if staff.state_of(user) == "invited":
            made = links.invite(user, by=request.user, now=now)
        else:
            made = links.remind_of_password(user.email, now=now)
    except Blocked as error:
        messages.error(request, str(error))
        return redirect("staff_person", user.pk)
    if made:
        access.log(request.user, user, _("Mailed a link to set a password"))
        _said(request, _("A mail with a link is on its way to %(address)s."), user)
    else:
        messages.warning(
            request, _("Nothing was sent: a link went there less than 24 hours ago, or nobody can use one.")
        )
    return redirect("staff_person", user.pk)


@require_POST
def leave(request, pk):
    """End an account, or withdraw an invitation, and give its work away."""
    user = _managed(request, pk)
    if user == request.user:
        raise PermissionDenied
    form = LeaveForm(user, staff.duties(user), request.POST)
    if not form.is_valid():
        return _person_page(request, user, form)
    try:
        given = staff.leave(user, form.cleaned_data["heirs"], by=request.user)
    except staff.Refused as error:
        messages.error(request, str(error))
        return redirect("staff_person", user.pk)
    said = _("%(person)s has left; the company was given away.") % {"person": roles.name_of(user)}
    LogEntry.objects.log_actions(request.user.pk, given, CHANGE, said)
    access.log(request.user, user, _("Ended the account"))
    messages.success(request, _("The account of %(person)s has ended.") % {"person": roles.name_of(user)})
    if given:
        text = ngettext("%(n)d company was given away.", "%(n)d companies were given away.", len(given))
        messages.success(request, text % {"n": len(given)})
    return redirect("staff_list")


@require_POST
def take_back(request, pk):
    """Renew an account that had ended."""
    user = _managed(request, pk)
    if staff.state_of(user) != "left":
        messages.error(request, _("This account is in use already."))
        return redirect("staff_person", user.pk)
    try:
        made = staff.take_back(user, by=request.user, now=clock.now())
    except (staff.Refused, Blocked) as error:
        messages.error(request, str(error))
        return redirect("staff_person", user.pk)
    access.log(request.user, user, _("Renewed the account"))
    if made:
        _said(request, _("%(person)s can come back: a mail with a link goes to %(address)s."), user)
    else:
        text = _("The account of %(person)s is renewed. A link went there less than 24 hours ago: mail another later.")
        messages.warning(request, text % {"person": roles.name_of(user)})
    return redirect("staff_person", user.pk)


def _said(request, text, user):
    """Say what was done; and where its mail does not leave yet, say that as well."""
    messages.success(request, text % {"person": roles.name_of(user), "address": user.email})
    if settings.OUTREACH_HOLD or Control.objects.exclude(held_at=None).exists():
        messages.warning(request, _("All mail is held: it leaves after the release."))


@BOTH
def team(request, pk):
    """Who works on a campaign; on POST somebody joins (`person`) or goes (`remove`)."""
    campaign = access.campaign(request.user, pk)
    form = MemberForm(campaign, request.POST if "person" in request.POST else None)
    if request.method == "POST":
        access.needs(request.user, *staff.MANAGE)
        if "remove" in request.POST:
            return _removed(request, campaign)
        if form.is_valid():
            user = form.cleaned_data["person"]
            Membership.objects.get_or_create(campaign=campaign, user=user)
            return _told(
                request, campaign, _("%(person)s works on this campaign now.") % {"person": roles.name_of(user)}
            )
    members = list(campaign.memberships.select_related("user").prefetch_related("user__groups"))
    owned = dict(campaign.approaches.exclude(assigned=None).order_by().values_list("assigned").annotate(Count("pk")))
    for one in members:
        one.name, one.role = roles.name_of(one.user), roles.role_of(one.user)
        one.companies, one.state = owned.get(one.user_id, 0), staff.state_of(one.user)
    members.sort(key=lambda one: one.name.casefold())
    context = {"campaign": campaign, "members": members, "form": form}
    return _page(request, "team", _("Team"), may_manage=request.user.has_perms(staff.MANAGE), **context)


def _removed(request, campaign):
    key = request.POST["remove"]
    member = campaign.memberships.filter(pk=key).select_related("user").first() if key.isdecimal() else None
    if member is None:
        raise Http404
    if number := campaign.approaches.filter(assigned=member.user).count():
        text = ngettext(
            "%(person)s owns %(n)d company here. Give it to somebody else first.",
            "%(person)s owns %(n)d companies here. Give them to somebody else first.",
            number,
        )
        messages.error(request, text % {"person": roles.name_of(member.user), "n": number})
        return redirect("campaign_team", campaign.pk)
    member.delete()
    said = _("%(person)s no longer works on this campaign.") % {"person": roles.name_of(member.user)}
    return _told(request, campaign, said)


def _told(request, campaign, said):
    access.log(request.user, campaign, said)
    messages.success(request, said)
    return redirect("campaign_team", campaign.pk)
