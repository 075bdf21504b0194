"""Whom a company's letters go to: found from what is missing, mended on one page, without a script."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import roles
from campaigns.models import Membership
from campaigns.tests.make import make_approach, make_campaign, make_company
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """An approach without anybody to write to, its page, and a researcher's client."""
    campaign = make_campaign()
    approach = make_approach(campaign, make_company())
    approach.chosen.all().delete()
    approach.company.contacts.all().delete()
    client = signed_in(make_staff(roles.RESEARCHER, campaign))
    return approach, reverse("approach_contacts", args=[approach.pk]), client


def add(approach, **values):
    return Contact.objects.create(company=approach.company, **{"email": "press@mill.org", **values})


def form(page):
    return {"do": "use", "seen": page.context["uses"].current}


def uses(approach):
    return dict(approach.chosen.values_list("contact__email", "use"))


def test_a_company_without_contact_gets_one(desk):
    approach, address, client = desk
    assert "No contact is known" in client.get(address).content.decode()
    page = client.post(address, {"do": "add", "name": "Ms Rao", "email": "press@mill.org", "use": "to"}, follow=True)
    assert "is added" in problems(page)[0] and "Rao" not in problems(page)[0]
    assert uses(approach) == {"press@mill.org": "to"}


def test_what_was_typed_stays_where_the_address_is_wrong(desk):
    approach, address, client = desk
    add(approach)
    for email, said in (("press@", "Enter an address like"), ("PRESS@mill.org", "has a contact with this address")):
        page = client.post(address, {"do": "add", "name": "Ms Rao", "email": email, "use": "to"})
        text = page.content.decode()
        assert said in text and 'value="Ms Rao"' in text and email in text and text.count("<title>Error") == 1
    assert approach.company.contacts.count() == 1
    assert "at least a name" in client.post(address, {"do": "add", "use": "to"}).content.decode()


def test_known_contacts_are_used_or_not(desk):
    approach, address, client = desk
    one, two = add(approach), add(approach, email="legal@mill.org")
    page = client.get(address)
    client.post(address, {**form(page), f"use-{one.pk}": "to", f"use-{two.pk}": "cc"})
    assert uses(approach) == {"press@mill.org": "to", "legal@mill.org": "cc"}
    page = client.post(address, {**form(page), f"use-{one.pk}": "", f"use-{two.pk}": "to"})
    assert "Somebody changed this meanwhile" in page.content.decode() and len(uses(approach)) == 2
    client.post(address, {**form(page), f"use-{one.pk}": "", f"use-{two.pk}": "to"})
    assert uses(approach) == {"legal@mill.org": "to"}


def test_a_new_address_of_a_contact_whose_mail_came_back_is_taken_to_work(desk):
    approach, address, client = desk
    one = add(approach, health="bounced")
    mend = client.get(f"{address}?contact={one.pk}").context["form"]
    sent = {"do": "mend", "contact": one.pk, "health": "bounced", "version": mend.current}
    client.post(address, {**sent, "email": "new@mill.org"})
    one.refresh_from_db()
    assert (one.email, one.health) == ("new@mill.org", "working")
    assert "changed this" in client.post(address, {**sent, "email": "other@mill.org"}).content.decode()


def test_contacts_of_other_companies_and_erased_ones_are_out_of_reach(desk):
    approach, address, client = desk
    other = make_approach(approach.campaign, make_company()).company.contacts.first()
    assert client.get(f"{address}?contact={other.pk}").status_code == 404
    assert client.get(f"{address}?contact=x").status_code == 404
    assert client.post(address, {"do": "x"}).status_code == 200
    Membership.objects.all().delete()
    assert client.get(address).status_code == 404


def test_the_page_costs_the_same_for_one_contact_and_for_three(desk):
    approach, address, client = desk
    client.get(address)
    counts = []
    for number in (1, 2, 3):
        add(approach, email=f"{number}@mill.org")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[2]
