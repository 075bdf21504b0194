"""What one company was sent by all our campaigns, and will be: a calendar by month, for who plans to ask it again."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from campaigns import clock, days
from companies.models import Company, Contact
from correspondence import over_asking

from . import access


@require_safe
def asked(request, pk):
    """Show the calendar; `?contact=` narrows it to one address, also where another company shares it."""
    access.needs(request.user, *access.SEE)
    company = get_object_or_404(Company, pk=pk)
    contacts = list(Contact.objects.of(request.user).filter(company=company).exclude(email="").distinct())
    chosen = next((one for one in contacts if str(one.pk) == request.GET.get("contact")), None)
    now = clock.now()
    context = {
        "company": company, "contacts": contacts, "chosen": chosen,
        "months": over_asking.calendar(company, request.user, chosen),
        "within": over_asking.WITHIN.days, "since": days.today(now - over_asking.WITHIN, "UTC"),
    }  # fmt: skip
    return access.page(request, "asked", company.name, **context)
