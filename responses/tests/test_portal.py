from datetime import date, timedelta

import pytest

from campaigns.tests.make import NOW, make_approach, make_campaign, make_question
from campaigns.tests.read import fetch, words
from companies.models import Contact
from correspondence import reply_links
from correspondence.models import Message, ReplyLink

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def make_link(approach, **values):
    token = reply_links.new_token()
    message = Message.objects.create(
        approach=approach, step=f"log:{token}", mime=b"", message_id=f"<{token}@x>", created_at=NOW
    )
    ReplyLink.objects.create(message=message, digest=reply_links.digest(token), **values)
    return token


@pytest.fixture
def approach():
    campaign = make_campaign(published_on=None, title="Rivers")
    make_question(campaign, "1.a", text="What do you release?")
    campaign.askers.create(name="Water Watch")
    return make_approach(campaign, listed_as="Airbus", reason="Named in the report.", note="SECRET")


def test_the_link_shows_who_asks_what_and_until_when_also_before_publication(approach):
    page = words(fetch(f"/en/reply/{make_link(approach)}/"))
    for said in ("Questions to Airbus", "Water Watch", "Rivers", "1.a", "What do you release?", "Named in the report.",
                 "Reply by 30 March 2026", "Closes on 30 April 2026", "replies@asker.example"):  # fmt: skip
        assert said in page
    assert "SECRET" not in page
    assert not any(contact.email in page for contact in Contact.objects.all())


def test_the_companys_own_deadline_is_shown(approach):
    approach.deadline = date(2026, 4, 15)
    approach.save()
    assert "Reply by 15 April 2026" in words(fetch(f"/en/reply/{make_link(approach)}/"))


def test_nothing_keeps_the_page_or_learns_its_address(approach):
    for token in (make_link(approach), "unknown"):
        headers = fetch(f"/en/reply/{token}/").headers
        assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex" and "ETag" not in headers


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"published_on": date(2026, 3, 20)}, True),
        ({"published_on": date(2026, 3, 21)}, False),
        ({"published_on": None}, False),
        ({"published_on": date(2026, 3, 10), "withdrawn_at": NOW}, False),
    ],
)
def test_the_link_leads_to_the_public_page_where_there_is_one(values, shown):
    campaign = make_campaign(**values)
    page = fetch(f"/en/reply/{make_link(make_approach(campaign))}/").content.decode()
    assert (f'href="/en/campaigns/{campaign.slug}/"' in page) is shown


def test_links_that_do_not_open_give_the_same_bytes(approach):
    revoked = make_link(approach, revoked_at=NOW)
    ended = make_approach(make_campaign(closes_on=NOW.date() - timedelta(days=100)))
    answers = [fetch(f"/en/reply/{token}/") for token in (revoked, make_link(ended), "unknown", "x" * 200)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_opening_changes_nothing(approach):
    token = make_link(approach)
    before = list(approach.events.all()), Message.objects.count()
    fetch(f"/en/reply/{token}/")
    assert (list(approach.events.all()), Message.objects.count()) == before
