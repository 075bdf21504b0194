"""The public's door to campaigns, companies and responses in full. It asks only for what is public."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from campaigns import clock, freshness, withdrawn

from . import campaign_page, company_page, files, question_page, response_page
from .campaign_file.public import public_export


@require_safe
def campaign(request, slug):
    now = clock.now()
    found, rounds = campaign_page.find(slug, now)
    if found is None:
        return _gone(request, withdrawn.find(slug))
    return freshness.answer(
        request,
        "campaigns/campaign.html",
        campaign_page.stamp(found, rounds, now),
        lambda: campaign_page.build(found, rounds, request.GET, now),
    )


@require_safe
def campaign_file(request, slug):
    """The campaign as a file that another site can import: what is public, and nothing else."""
    now = clock.now()
    found, _rounds = campaign_page.find(slug, now)
    if found is None:
        raise Http404
    page = HttpResponse(public_export(found, now), content_type="application/yaml; charset=utf-8")
    page.headers["Content-Disposition"] = f'attachment; filename="{found.slug}.yaml"'
    page.headers["Cache-Control"] = "no-cache"
    return page


def _gone(request, campaign):
    """410 with the reason for what was public once, else 404."""
    if campaign is None:
        raise Http404
    context = {"reason": campaign.withdrawn_because, "reason_lang": campaign.language, "when": campaign.withdrawn_at}
    return _withdrawn(request, context)


def _withdrawn(request, context):
    page = render(request, "410.html", context, status=410)
    page.headers["Cache-Control"] = "no-cache"
    return page


@require_safe
def question(request, slug, number):
    now = clock.now()
    found, rounds = campaign_page.find(slug, now)
    if found is None:
        raise Http404

    def build():
        if context := question_page.build(found, number, now):
            return context
        raise Http404

    return freshness.answer(request, "campaigns/question.html", campaign_page.stamp(found, rounds, now), build)


@require_safe
def company(request, slug):
    now = clock.now()
    found, moved = company_page.find(slug, now)
    if found is None:
        raise Http404
    if moved:
        return redirect("company", found.slug, permanent=True)
    return freshness.answer(
        request, "companies/company.html", company_page.stamp(found, now), lambda: company_page.build(found, now)
    )


@require_safe
def response(request, public_id):
    now = clock.now()
    if found := response_page.find(public_id, now):
        return freshness.answer(
            request, "responses/response.html", response_page.stamp(found, now), lambda: response_page.build(found, now)
        )
    if gone := response_page.withdrawn(public_id, get_language(), now):
        return _withdrawn(request, {"reason": gone.reason, "reason_lang": gone.language, "when": gone.when})
    raise Http404


@require_safe
def document(request, public_id, pk):
    """A file that a person has checked, as a download that no browser runs."""
    found = files.find(public_id, pk, clock.now())
    if found is None:
        raise Http404
    page = FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)
    page.headers["Content-Type"] = "application/octet-stream"
    page.headers["X-Content-Type-Options"] = "nosniff"
    page.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    page.headers["Cache-Control"] = "no-cache"
    return page
