"""The company's door: what its secret link opens. It changes nothing and leaves no cookie."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from campaigns import clock, outline, particulars
from campaigns.models import Campaign
from campaigns.texts import Texts
from correspondence import reply_links


@require_safe
def reply(request, token):
    """What is asked, by whom, until when, and where to answer; unknown, revoked and ended links look the same."""
    now = clock.now()
    link = reply_links.find(token, now)
    context = {
        "unlisted": True,
        "crumbs": [],
        "menu_path": request.path if link else reverse("home"),
        "canonical": reverse("home"),
    }
    if link:
        context |= _asked(link.message.approach, now)
    page = render(request, "responses/reply.html" if link else "responses/no_reply_link.html", context)
    page.status_code = 200 if link else 404
    page.headers["Cache-Control"] = "no-store"
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _asked(approach, now):
    campaign = approach.campaign
    texts = Texts.read(campaign, get_language())
    questions, _current = outline.read(campaign)
    roots, leaves = outline.outline(questions, texts)
    return {
        "approach": approach,
        "campaign": campaign,
        "askers": particulars.read(campaign, texts).askers,
        "title": texts.of("title"),
        "notice_text": texts.of("notice"),
        "trigger_title": texts.of("trigger_title"),
        "reason": texts.of("reason", "approach", approach.pk, approach.reason),
        "roots": roots,
        "leaves": leaves,
        "reply_by": approach.deadline_stated or campaign.deadline_stated,
        "reply_to": campaign.reply_to or campaign.from_address,
        "is_public": Campaign.objects.public(now).filter(pk=campaign.pk).exists(),
        "closed": bool(campaign.closed_at),
    }
