import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import roles

from .make import make_approach, make_contact
from .staff import make_staff, signed_in

pytestmark = pytest.mark.django_db


def form_of(page):
    """Return what a browser would send back from the company's page."""
    values = {}
    forms = [page.context["adminform"].form, *(f for s in page.context["inline_admin_formsets"] for f in s.formset)]
    forms += [inline.formset.management_form for inline in page.context["inline_admin_formsets"]]
    for form in forms:
        values.update({form.add_prefix(name): form[name].value() for name in form.fields})
    return {name: value for name, value in values.items() if value not in (None, [])}


def test_the_history_of_a_company_names_no_contact():
    approach = make_approach(contact=False)
    company = approach.company
    contact = make_contact(company, name="Priya Holloway")
    client = signed_in(make_staff(roles.RESEARCHER, approach.campaign))
    address = reverse("admin:companies_company_change", args=[company.pk])
    form = form_of(client.get(address))
    new = {"contacts-TOTAL_FORMS": 2, "contacts-1-name": "Tomas Ferrante", "contacts-1-email": "tomas@company.example"}
    new |= {"contacts-1-health": "working", "contacts-0-role": "Press officer"}
    new |= {"aliases-TOTAL_FORMS": 1, "aliases-0-name": "Another name"}
    assert client.post(address, {**form, **new}).status_code == 302
    assert company.contacts.get(pk=contact.pk).role == "Press officer" and company.contacts.count() == 2
    history = signed_in(make_staff(roles.RESEARCHER)).get(reverse("admin:companies_company_history", args=[company.pk]))
    html = history.content.decode()
    assert "Added contact “–”." in html and "for contact “–”" in html and "Another name" in html
    assert "Priya" not in html and "Tomas" not in html
    assert not LogEntry.objects.filter(change_message__contains="Holloway").exists()
