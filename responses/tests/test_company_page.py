from datetime import date

import pytest

from campaigns import status
from campaigns.status import Reach
from campaigns.tests.make import NOW, make_approach, make_campaign, make_company, make_invited, reply
from campaigns.tests.read import fetch, text_of
from companies.models import Alias

from .make import make_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def company():
    return make_company("Airbus", slug="airbus", headquarters="FR")


def test_the_record_counts_every_public_campaign(company):
    Alias.objects.create(company=company, name="EADS")
    first = reply(make_invited(make_campaign(title="Borders"), company=company))
    make_invited(make_campaign(title="Rivers", asked_on=date(2026, 3, 4)), company=company)
    make_response(first, text="Our letter.")
    make_invited(make_campaign(title="SECRET", published_on=None), company=company)
    page = text_of("/en/companies/airbus/")
    assert "Asked 2 times, responded once. 1 of 2 requests, 50.0%." in page
    assert "Our letter." in page and "EADS" in page and "France" in page and "SECRET" not in page
    assert page.index("Rivers") < page.index("Borders")


def test_the_big_figure_needs_five_requests(company):
    for number in range(5):
        if number == 4:
            assert "score-figure" not in fetch("/en/companies/airbus/").content.decode()
        make_invited(make_campaign(), company=company)
    assert "score-figure" in fetch("/en/companies/airbus/").content.decode()


def test_a_company_that_nobody_publicly_asked_has_no_page(company):
    text_of("/en/companies/airbus/", 404)
    make_invited(make_campaign(published_on=None), company=company)
    text_of("/en/companies/airbus/", 404)
    left_out = make_approach(make_campaign(), company=company)
    text_of("/en/companies/airbus/", 404)
    assert status.advance(left_out, Reach.NOT_APPROACHED, now=NOW)
    text_of("/en/companies/airbus/", 404)


def test_a_former_address_redirects_for_good(company):
    make_invited(make_campaign(), company=company)
    company.slug = "airbus-se"
    company.save()
    answer = fetch("/en/companies/airbus/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/en/companies/airbus-se/")


def test_a_former_address_of_a_company_without_a_record_tells_nothing(company):
    company.slug = "airbus-se"
    company.save()
    text_of("/en/companies/airbus/", 404)


def test_a_reply_of_another_company_that_covers_it_is_in_its_record(company):
    campaign = make_campaign()
    covered = reply(make_invited(campaign, company=company), status.Reply.ANSWERED_BY_OTHER)
    response = make_response(reply(make_invited(campaign)))
    response.covers.add(covered)
    assert f"/responses/{response.public_id}/" in fetch("/en/companies/airbus/").content.decode()


def test_the_contact_record_tells_attempts_and_replies(company):
    approach = make_invited(make_campaign(), company=company)
    status.record(approach, "reminded", now=NOW, result="accepted", reason="SECRET", remark="By post as well.")
    reply(approach, on=date(2026, 3, 20))
    page = text_of("/en/companies/airbus/")
    assert "Invitation sent." in page and "Reminder sent. By post as well." in page and "Response received." in page
    assert "SECRET" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_queries_for_any_number_of_campaigns(company, rows, django_assert_num_queries):
    for _number in range(rows):
        make_response(reply(make_invited(make_campaign(), company=company)))
    with django_assert_num_queries(12):
        fetch("/en/companies/airbus/")
