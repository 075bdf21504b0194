"""Log a reply: the page that every staff page leads to. Which company first, where that is not known; then one form."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Q, When
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns import clock, days
from campaigns.models import Approach
from campaigns.status import AWAITED, Reach, Reply
from campaigns.templatetags.frame import partial_date

from ..entry import Outcome, log_reply
from ..forms import LogForm
from ..models import Publication

FOUND = 60  # companies that the first step lists
NEEDED = ("responses.add_response", "campaigns.change_approach")


def log_page(request):
    """The form for ?approach=ID, else the choice: ?q= words, ?campaign=ID and ?company=ID narrow it."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    own = Approach.objects.of(request.user).select_related("campaign", "company", "assigned")
    if "approach" in request.GET:
        return _form_page(request, _one(own, request.GET["approach"]))
    found = list(_narrowed(own, request.GET)[: FOUND + 1])
    if len(found) == 1 and request.GET:
        return redirect(f"{reverse('log_reply')}?approach={found[0].pk}")
    context = admin.site.each_context(request) | {
        "title": _("Log a reply"),
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "q": request.GET.get("q", ""),
        "campaign": request.GET.get("campaign", ""),
        "company": request.GET.get("company", ""),
    }
    return TemplateResponse(request, "admin/responses/choose.html", context)


def _one(own, key):
    if not key.isdecimal() or not (approach := own.filter(pk=key).first()):
        raise Http404
    return approach


def _narrowed(own, asked):
    """The approaches that a reply may belong to: those that wait for one first."""
    for name in ("campaign", "company"):
        if asked.get(name, "").isdecimal():
            own = own.filter(**{f"{name}_id": asked[name]})
    if words := asked.get("q", "").strip():
        named = Q(listed_as__icontains=words) | Q(company__name__icontains=words)
        matching = Approach.objects.filter(named | Q(company__aliases__name__icontains=words))
        own = own.filter(pk__in=matching.values("pk"))
    waits = Case(When(reach=Reach.INVITED, reply__in=sorted(AWAITED | {Reply.SILENT}), then=0), default=1)
    return own.order_by(waits, "listed_as", "pk")


def _form_page(request, approach):
    now = clock.now()
    if request.method == "POST":
        form = LogForm(approach, request.POST, request.FILES)
        if form.is_valid() and (done := _file(request, form, approach, now)):
            return done
    else:
        today = days.today(now, approach.campaign.time_zone)
        initial = {
            "day": today.isoformat(),
            "channel": "email",
            "language": approach.campaign.language,
            "remark": approach.remark,
        }
        form = LogForm(approach, initial=initial)
    context = admin.site.each_context(request) | {
        "title": _("Log a reply: %(company)s") % {"company": approach.listed_as},
        "approach": approach,
        "form": form,
        "others": Approach.objects.of(request.user).filter(company=approach.company_id).exclude(pk=approach.pk).count(),
    }
    return TemplateResponse(request, "admin/responses/log.html", context)


def _file(request, form, approach, now):
    """File the reply and return where to go on; None where the form was refused after all, and now says why."""
    data, review = form.cleaned_data, request.POST.get("do") == "review"
    names = ("outcome", "day", "text", "link", "author", "channel", "language", "documents", "checked", "covers")
    names += ("answered_by", "more_time", "remark", "note", "further")
    try:
        filed = log_reply(
            approach,
            **{name: data[name] for name in names},
            answers=form.answers(),
            publication=Publication.IN_REVIEW if review else Publication.DRAFT,
            by=request.user,
            now=now,
        )
    except ValidationError as error:
        form.add_error(None, error)
    except OSError:
        form.add_error("documents", _("The files could not be stored. What you typed is kept: try again later"))
    else:
        return _report(request, filed, Outcome(data["outcome"]), data["day"])
    return None


def _report(request, filed, outcome, day):
    approach, response = filed.approach, filed.response
    said = f"Logged a reply: {outcome.value}, {day.stated}"
    LogEntry.objects.log_actions(request.user.pk, [approach], CHANGE, said, single_object=True)
    if response:
        LogEntry.objects.log_actions(request.user.pk, [response], ADDITION, said, single_object=True)
    known = {"company": approach.listed_as, "outcome": outcome.label, "day": partial_date(day.stated)}
    text = _("%(company)s: %(outcome)s, %(day)s. It counts at once.") % known
    if approach.remind_at is None:
        text += " " + _("Reminders are stopped.")
    if response:
        text += " " + _("The text is public after review.")
    again = format_html('<a href="{}?campaign={}">{}</a>', reverse("log_reply"), approach.campaign_id, _("Log another"))
    messages.success(request, format_html("{} {}", text, again))
    if filed.unanchored:
        numbers = ", ".join(question.number for question in filed.unanchored)
        text = _("Not in the text word for word, so not marked in it: the answer to %(numbers)s.")
        messages.warning(request, text % {"numbers": numbers})
    if response:
        return redirect("admin:responses_response_change", response.pk)
    return redirect("admin:campaigns_approach_change", approach.pk)
