from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import days, roles, status
from campaigns.models import Approach
from campaigns.status import Reply

from .make import NOW, make_campaign, make_invited, reply
from .staff import make_staff, problems, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th_of_march(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def lead():
    return signed_in(make_staff(roles.LEAD))


@pytest.fixture
def campaign():
    """Two silent (one promised an answer), one that nothing reached, one that wrote back, one that answered."""
    campaign = make_campaign()
    make_invited(campaign, listed_as="Silent Ltd")
    make_invited(campaign, listed_as="Promising Ltd", promised_for=date(2026, 4, 9))
    bounced = make_invited(campaign, listed_as="Bounced Ltd")
    status.record(bounced, "returned", now=NOW, on=days.exactly(date(2026, 3, 3)))
    reply(make_invited(campaign, listed_as="Polite Ltd"), Reply.ACKNOWLEDGED)
    reply(make_invited(campaign, listed_as="Answering Ltd"))
    return campaign


def address(campaign):
    return reverse("admin:campaigns_campaign_close", args=[campaign.pk])


def replies(campaign):
    return dict(Approach.objects.filter(campaign=campaign).values_list("listed_as", "reply"))


def test_the_page_names_everybody_and_changes_nothing(lead, campaign):
    page = lead.get(address(campaign))
    assert [one.listed_as for one in page.context["silent"]] == ["Silent Ltd", "Promising Ltd"]
    assert [one.listed_as for one in page.context["doubtful"]] == ["Bounced Ltd"]
    assert [one.listed_as for one in page.context["wrote_back"]] == ["Polite Ltd"]
    assert [one.listed_as for one in page.context["ahead"]] == ["Promising Ltd"]
    text = page.content.decode()
    assert "Show 2 companies as no response" in text
    assert "Invited, 2 March 2026, E-mail" in text
    assert "said it would answer by 9 April 2026" in text
    assert "What was sent came back" in text
    assert "Silent Ltd" in text
    assert replies(campaign)["Silent Ltd"] == "none"


def test_closing_shows_exactly_those_as_no_response(lead, campaign):
    shown = lead.get(address(campaign)).context["shown"]
    page = lead.post(address(campaign), {"shown": shown}, follow=True)
    assert problems(page) == ["Closed. 2 companies are shown as no response."]
    assert replies(campaign) == {
        "Silent Ltd": "silent",
        "Promising Ltd": "silent",
        "Bounced Ltd": "none",
        "Polite Ltd": "acknowledged",
        "Answering Ltd": "responded",
    }
    campaign.refresh_from_db()
    assert (campaign.closed_at, campaign.closes_on) == (NOW, date(2026, 3, 20))
    assert LogEntry.objects.get().get_change_message() == "Closed. 2 companies are shown as no response."


def test_a_set_that_changed_meanwhile_is_shown_again_and_nothing_closes(lead, campaign):
    shown = lead.get(address(campaign)).context["shown"]
    reply(campaign.approaches.get(listed_as="Silent Ltd"))
    page = lead.post(address(campaign), {"shown": shown})
    text = page.content.decode()
    assert "The list has changed" in text
    assert "Show 1 company as no response" in text
    campaign.refresh_from_db()
    assert campaign.closed_at is None
    assert "silent" not in replies(campaign).values()


def test_a_second_click_closes_nothing_more(lead, campaign):
    shown = lead.get(address(campaign)).context["shown"]
    for _click in range(2):
        lead.post(address(campaign), {"shown": shown})
    assert campaign.approaches.get(listed_as="Silent Ltd").events.filter(after="silent").count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="locks rows")
def test_closing_never_waits_crosswise_with_a_reply_that_is_being_filed(lead, campaign):
    shown = lead.get(address(campaign)).context["shown"]
    with CaptureQueriesContext(connection) as queries:
        lead.post(address(campaign), {"shown": shown})
    locks = [
        one["sql"] for one in queries if one["sql"].rstrip().endswith("UPDATE") and "campaigns_campaign" in one["sql"]
    ]
    assert locks and all(lock.endswith("FOR NO KEY UPDATE") for lock in locks if 'FROM "campaigns_campaign"' in lock)


@pytest.mark.parametrize("role", [roles.RESEARCHER, roles.REVIEWER])
def test_only_those_who_may_close_see_the_page(campaign, role):
    client = signed_in(make_staff(role, campaign))
    assert client.get(address(campaign)).status_code == 403
    assert client.post(address(campaign), {"shown": "x"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_often_for_many(lead, rows, django_assert_num_queries):
    campaign = make_campaign()
    for _each in range(rows):
        make_invited(campaign)
        bounced = make_invited(campaign)
        status.record(bounced, "returned", now=NOW)
        reply(make_invited(campaign), Reply.ENGAGED)
    lead.get(address(campaign))
    with django_assert_num_queries(13):
        lead.get(address(campaign))
