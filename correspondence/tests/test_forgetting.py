import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from campaigns import roles
from campaigns.tests.make import NOW, make_approach, make_company, make_contact
from campaigns.tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th_of_march(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def log(thing, message):
    [entry] = LogEntry.objects.log_actions(make_staff().pk, [thing], CHANGE, message)
    return entry


def said(entry):
    entry.refresh_from_db()
    return entry.object_repr, entry.change_message, entry.get_change_message()


def test_the_log_forgets_an_erased_contact_by_whole_words_and_where_it_is_about_it():
    contact = make_contact(make_company("Li Works"), name="Li", email="li@works.example")
    approach, elsewhere = make_approach(company=contact.company, contact=False), make_approach()
    added = [{"added": {"name": "contact", "object": "Li"}}, {"added": {"name": "alias", "object": "Lidl, Lié"}}]
    own, company = log(contact, "Li moved"), log(contact.company, added)
    asked, other = log(approach, "Wrote to LI@works.example and Lidl"), log(elsewhere, "Li called")
    address = reverse("admin:companies_contact_act", args=["erase"])
    signed_in(make_staff(roles.LEAD)).post(address, {"_selected_action": contact.pk})
    contact.refresh_from_db()
    assert contact.erased_at
    assert said(own)[:2] == ("–", "– moved")
    assert said(company)[0] == "Li Works"
    assert said(company)[2] == "Added contact “–”. Added alias “Lidl, Lié”."
    assert said(asked)[1] == "Wrote to – and Lidl"
    assert said(other)[1] == "Li called"


def test_the_log_forgets_a_name_beyond_ascii():
    contact = make_contact(make_company(), name="Zoë Ünal")
    changed = {"name": "contact", "object": "Zoë Ünal", "fields": ["Role", "Language"]}
    entry = log(contact.company, [{"changed": changed}])
    address = reverse("admin:companies_contact_act", args=["erase"])
    signed_in(make_staff(roles.LEAD)).post(address, {"_selected_action": contact.pk})
    assert said(entry)[2] == "Changed Role and Language for contact “–”."
