"""The public's door to campaigns and companies as lists. It asks only for what is public."""

from django.views.decorators.http import require_safe

from . import clock, directory, freshness, lists


@require_safe
def home(request):
    now = clock.now()
    return freshness.answer(request, "campaigns/home.html", freshness.stamp_of_lists(now), lambda: lists.home(now))


@require_safe
def campaign_list(request):
    now = clock.now()
    return freshness.answer(
        request, "campaigns/list.html", freshness.stamp_of_lists(now), lambda: lists.campaigns(request.GET, now)
    )


@require_safe
def company_list(request):
    now = clock.now()
    return freshness.answer(
        request, "companies/list.html", freshness.stamp_of_lists(now), lambda: directory.companies(request.GET, now)
    )


@require_safe
def search(request):
    now = clock.now()
    return freshness.answer(
        request, "campaigns/search.html", freshness.stamp_of_lists(now), lambda: directory.search(request.GET, now)
    )
