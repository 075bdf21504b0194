"""A campaign on one page: what needs a person, where the companies stand, what leaves next."""

from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import clock, days, figures, roles
from campaigns.models import Membership
from campaigns.templatetags.frame import partial_date
from correspondence.desk import access
from correspondence.explaining import step_names

from . import checklist, coming, lately, progress, waiting
from .bar_form import BarForm
from .companies import lines
from .conditions import STANDINGS, conditions, counted
from .funnel import funnel
from .sifting import MINE, NOBODY, Sift
from .steps import steps

PER_PAGE = 50
TILES = ("overdue", "time", "bounced", "silent", "approval")
DAYS_SHOWN = 12  # of what leaves in the coming 30
ICONS = {  # of what waits; the others are about a mail
    "unknown": "warn", "failed": "warn", "closing_due": "silent", "bounced": "unreached", "no_contact": "unreached",
    "closing_soon": "unreached", "not_reached": "unreached", "promise": "awaiting", "wrote_back": "info",
    "review": "eye", "draft": "partial",
}  # fmt: skip


@require_safe
def dashboard(request, pk):
    """The page as its address says."""
    return shown(request, access.campaign(request.user, pk), clock.now(), request.GET)


def ticked(post):
    """Return the ids of the companies that are ticked, as far as they are ids."""
    return {int(key) for key in post.getlist("c") if key.isdecimal() and len(key) < 19}


def shown(request, campaign, now, query, form=None):
    """The whole page; a constant number of queries, whatever the number of companies.

    query  the filters, sorting and page of the list, as a QueryDict
    form   the bar with its faults, where an act could not be done: it keeps what was ticked and typed
    """
    user, today, post = request.user, days.today(now, campaign.time_zone), request.POST
    asked = form.data if form else query
    found = conditions(campaign, now)
    numbers, score = counted(campaign, found), figures.figures(campaign)
    sift = Sift.read(query, campaign)
    rows = sift.apply(campaign, found, user, user.has_perm("companies.view_contact"))
    page = Paginator(rows.select_related("company", "assigned"), PER_PAGE).get_page(query.get("page"))
    names = step_names(campaign.steps.all(), campaign)
    leaving = coming.coming(campaign, names, now)
    over_time = progress.progress(campaign, score, now)
    context = {
        "campaign": campaign, "now": now, "today": today, "said": _today(campaign, today),
        "lead": _lead(campaign), "city": _city(campaign), "steps": steps(campaign, names, now), "score": score,
        "tiles": [_tile(name, numbers[name], campaign, today, sift) for name in TILES],
        "waiting": [(one, ICONS.get(one.kind, "mail")) for one in waiting.waiting(user, now, [campaign])],
        "checklist": checklist.checklist(campaign, numbers, score),
        "funnel": funnel(score), "progress": over_time,
        "drawings": progress.drawings(over_time, today) if over_time else [],
        "coming": leaving[:DAYS_SHOWN], "more_days": len(leaving) - DAYS_SHOWN, "lately": lately.lately(campaign),
        "sift": sift, "page": page, "lines": lines(list(page.object_list), campaign, now),
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "kept": f"{kept}&" if (kept := sift.query()) else "", "query": kept,
        "all": numbers["all"], "heads": sift.heads(), "views": _views(numbers), "owners": _owners(sift),
        "follow_up": _follow_up(campaign, numbers, now),
        "form": form or BarForm(initial={"do": query.get("do", "")}), "every": "every" in asked, "ticked": ticked(post),
        "can_plan": user.has_perm(access.PLAN), "can_log": user.has_perm("responses.add_response"),
        "can_publish": user.has_perm("campaigns.publish_campaign"),
    }  # fmt: skip
    context = {**access.admin.site.each_context(request), "title": str(campaign), **context}
    return TemplateResponse(request, "admin/responses/desk/dashboard.html", context)


def _today(campaign, today):
    """Return "Friday, 5 August 2022, day 25 of 39." """
    day = _("%(weekday)s, %(day)s") % {"weekday": date_format(today, "l"), "day": partial_date(today)}
    if not campaign.asked_on or campaign.closed_at or today < campaign.asked_on:
        return day
    number = (today - campaign.asked_on).days
    if campaign.closes_on and today <= campaign.closes_on:
        return _("%(day)s, day %(number)d of %(of)d") % {
            "day": day,
            "number": number,
            "of": (campaign.closes_on - campaign.asked_on).days,
        }
    return _("%(day)s, day %(number)d") % {"day": day, "number": number}


def _follow_up(campaign, numbers, now):
    """Return which companies a follow-up is for, or ""; once the closing date is past, nobody is reminded any more."""
    if not numbers["awaiting"] or (campaign.closes_at and campaign.closes_at <= now):
        return ""
    return "overdue" if numbers["overdue"] else "silent" if numbers["silent"] else ""


def _city(campaign):
    """Return the place that its zone is named for: "Beirut" of Asia/Beirut."""
    return campaign.time_zone.rpartition("/")[2].replace("_", " ")


def _lead(campaign):
    """Return the names of the campaign leads on its team."""
    leads = Membership.objects.filter(campaign=campaign, user__groups__name=roles.LEAD).select_related("user")
    return [member.user.get_short_name() or member.user.get_username() for member in leads.order_by("pk")]


def _tile(name, number, campaign, today, sift):
    word = STANDINGS[name].word
    if name == "overdue" and campaign.deadline and campaign.deadline < today:
        word = _("Overdue since %(day)s") % {"day": partial_date(campaign.deadline_stated)}
    elif name == "silent":
        word = _("Nothing heard at all")
    return {"name": name, "number": number, "word": word, "icon": STANDINGS[name].icon, "current": sift.show == name}


def _views(numbers):
    return [(name, one.word, numbers[name]) for name, one in STANDINGS.items() if numbers[name]]


def _owners(sift):
    return [(MINE, _("Mine")), (NOBODY, _("Nobody")), *sift.options["owner"]]
