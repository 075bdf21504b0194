import re
from datetime import date

import pytest

from campaigns import days, status
from campaigns.closing import close
from campaigns.figures import figures
from campaigns.models import Finding, Translation
from campaigns.status import NotApproachedBecause, Reach, Reply
from campaigns.tests.make import (
    NOW,
    invite,
    make_approach,
    make_campaign,
    make_company,
    make_invited,
    make_question,
    reply,
)
from campaigns.tests.read import fetch, text_of

from .make import make_answer, make_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def page_of(campaign, query="", language="en"):
    return text_of(f"/{language}/campaigns/{campaign.slug}/{query}")


def closed(campaign):
    campaign.closes_on = date(2026, 3, 10)
    campaign.save()
    close(campaign, None, now=NOW)
    campaign.refresh_from_db()
    return campaign


def test_the_score_is_the_one_of_the_counting_function():
    campaign = make_campaign()
    for _number in range(2):
        make_invited(campaign)
    reply(make_invited(campaign))
    page, counted = page_of(campaign), figures(campaign)
    assert (counted.responded, counted.approached) == (1, 3)
    assert "1 of 3 companies responded" in page and "33.3%" in page


def test_no_response_is_nowhere_before_the_close():
    campaign = make_campaign(closes_on=date(2026, 3, 15))
    for answer in (None, Reply.ACKNOWLEDGED, Reply.ENGAGED):
        approach = make_invited(campaign)
        if answer:
            reply(approach, answer)
    page = page_of(campaign)
    assert "no response" not in page.lower()
    assert "Awaiting response" in page and "closing date passed" in page
    assert "No response" in page_of(closed(campaign))


def test_names_stand_as_they_are_listed_and_lead_to_the_response():
    campaign = make_campaign()
    approach = reply(make_invited(campaign, listed_as="Soverign Global Solutions Ltd"))
    silent = make_invited(campaign)
    response = make_response(approach)
    html = fetch(f"/en/campaigns/{campaign.slug}/").content.decode()
    assert f'<a href="/en/responses/{response.public_id}/"><bdi>Soverign Global Solutions Ltd</bdi>' in html
    assert f'<a href="/en/companies/{silent.company.slug}/"><bdi>{silent.listed_as}</bdi>' in html


def test_those_that_leave_the_rate_stand_apart_with_the_reason():
    campaign = make_campaign()
    reply(make_invited(campaign))
    unreached = make_approach(campaign, remark="Every address failed.")
    assert status.advance(unreached, Reach.UNREACHED, now=NOW)
    court = make_approach(campaign)
    assert status.advance(court, Reach.NOT_APPROACHED, now=NOW, because=NotApproachedBecause.LITIGATION)
    page = page_of(campaign)
    assert "1 of 1 company responded" in page and "not in the rate" in page
    assert f"{unreached.listed_as} Every address failed." in page
    assert f"{court.listed_as} A court case is open" in page


def test_a_late_response_counts_and_is_marked():
    campaign = make_campaign()
    reply(make_invited(campaign))
    late = make_invited(campaign)
    closed(campaign)
    late.refresh_from_db()
    reply(late, on=date(2026, 3, 15))
    page = page_of(campaign)
    assert "2 of 2, 1 by the closing date" in page and "received after the closing date" in page.lower()


def test_a_reply_counts_before_its_text_is_reviewed():
    campaign = make_campaign()
    make_response(reply(make_invited(campaign)), publication="in_review", text="SECRET")
    page = page_of(campaign)
    assert "1 of 1 company responded" in page and "Text follows after review" in page and "SECRET" not in page


def test_what_is_withheld_says_why():
    campaign = make_campaign()
    approach = reply(make_invited(campaign))
    make_response(approach, publication="withheld", withheld_because="Names workers.", text="SECRET")
    page = page_of(campaign)
    assert "Text withheld: Names workers." in page and "SECRET" not in page


def test_a_cell_shows_the_newest_public_answer_and_the_uncoded_is_not_unanswered():
    campaign = make_campaign()
    first, second = make_question(campaign, "1.a"), make_question(campaign, "1.b", position=1)
    approach = reply(make_invited(campaign))
    old = make_response(approach, received_on=date(2026, 3, 8))
    new = make_response(approach, received_on=date(2026, 3, 9), position=1)
    hidden = make_response(approach, received_on=date(2026, 3, 10), position=2, publication="draft")
    make_answer(old, first, agreed="not_answered")
    make_answer(new, first, agreed="answered")
    make_answer(hidden, first, agreed="not_applicable")
    html = fetch(f"/en/campaigns/{campaign.slug}/").content.decode()
    assert f'class="cell c-full" href="/en/responses/{new.public_id}/#q-1.a"' in html
    assert "c-na" not in html and "Unanswered" not in html and "To code" in html
    assert second.text in html


def test_an_answer_to_an_earlier_wording_counts_for_the_question_that_replaced_it():
    campaign = make_campaign()
    old = make_question(campaign, "1", replaced_at=NOW)
    make_question(campaign, "1", text="Corrected?", replaces=old)
    make_answer(make_response(reply(make_invited(campaign))), old)
    page = page_of(campaign)
    assert "Corrected?" in page and "1 answered, 0 partly, of 1" in page


def test_one_reply_that_covers_another_company_is_linked_from_both():
    campaign = make_campaign()
    home = reply(make_invited(campaign))
    other = reply(make_invited(campaign), Reply.ANSWERED_BY_OTHER)
    response = make_response(home)
    response.covers.add(other)
    html = fetch(f"/en/campaigns/{campaign.slug}/").content.decode()
    for approach in (home, other):
        assert f'/responses/{response.public_id}/"><bdi>{approach.listed_as}</bdi>' in html


def test_the_silent_are_one_block_and_can_be_listed_one_by_one():
    campaign = make_campaign()
    for _number in range(3):
        make_invited(campaign)
    odd = make_invited(campaign, remark="Spelled this way.")
    closed(campaign)
    page = page_of(campaign)
    assert "4 companies, all named above. Each was written to once, on 2 March 2026." in page
    assert f"{odd.listed_as} : Spelled this way." in page
    assert page_of(campaign, "?status=silent").count("Written to once, on 2 March 2026.") == 4


def test_a_search_that_finds_nothing_says_so_and_offers_the_way_back():
    campaign = make_campaign()
    make_invited(campaign)
    page = page_of(campaign, "?q=nobody")
    assert "No company matches these filters." in page and "Clear filters" in page


@pytest.mark.parametrize("query", ["?page=99", "?page=x", "?sort=-", "?status=%00", "?country=<b>", "?q=%F0%9F%98%80"])
def test_a_bad_parameter_is_no_error(query):
    campaign = make_campaign()
    make_invited(campaign)
    assert page_of(campaign, query)


def test_fifty_rows_a_page():
    campaign = make_campaign()
    for _number in range(51):
        reply(make_invited(campaign))
    first, second = page_of(campaign), page_of(campaign, "?page=2")
    assert "51 companies, page 1 of 2." in first and "51 companies, page 2 of 2." in second
    assert fetch(f"/en/campaigns/{campaign.slug}/?page=2").content.decode().count("<tr role=") == 2  # head and one row


def test_an_earlier_round_is_linked_and_an_unpublished_one_is_not_named():
    old = make_campaign(slug="round-1", title="First round", asked_on=date(2024, 5, 1))
    new = make_campaign(slug="round-2", previous_round="round-1")
    later = make_campaign(slug="round-3", title="SECRET ROUND", previous_round="round-2", published_on=None)
    company = make_company()
    make_invited(old, company=company)
    closed(old)
    reply(make_invited(new, company=company))
    html = fetch("/en/campaigns/round-2/").content.decode()
    assert "/campaigns/round-1/" in html and later.title not in html and "round-3" not in html
    assert "1 company that was silent in 2024 responded now." in text_of("/en/campaigns/round-2/")
    assert "/campaigns/round-2/" in fetch("/en/campaigns/round-1/").content.decode()
    later.published_on = date(2026, 3, 1)
    later.save()
    assert "/campaigns/round-3/" in fetch("/en/campaigns/round-2/").content.decode()


def test_before_sending_the_page_says_what_comes():
    campaign = make_campaign()
    make_approach(campaign)
    page = page_of(campaign)
    assert "We are about to ask 1 company. Responses will appear here." in page and "%" not in page


def test_an_empty_campaign_has_a_page():
    assert "No company has been asked yet." in page_of(make_campaign())


def test_a_rate_of_its_own_is_said_beside_it():
    campaign = make_campaign(counts_as_response=["responded", "declined_with_statement"])
    reply(make_invited(campaign), Reply.DECLINED_WITH_STATEMENT)
    page = page_of(campaign)
    assert "1 of 1 company responded" in page
    assert "these replies count as a response: Responded, Declined, with a statement." in page


def test_an_assumed_day_is_no_fact():
    campaign = make_campaign()
    assert status.advance(make_invited(campaign), Reply.RESPONDED, now=NOW, on=days.Day(date(2026, 3, 9), ""))
    page = page_of(campaign)
    assert "date not recorded" in page and "9 March 2026" not in page


def test_a_live_campaign_names_its_sender_and_a_closed_one_does_not():
    campaign = make_campaign()
    make_invited(campaign)
    assert "Did you get a mail from us?" in page_of(campaign) and "desk@asker.example" in page_of(campaign)
    assert "Did you get a mail from us?" not in page_of(closed(campaign))


def test_the_texts_of_the_database_are_escaped():
    hostile = "<script>alert(1)</script>"
    campaign = make_campaign(title=hostile, summary=hostile, notice=hostile, context=hostile)
    Finding.objects.create(campaign=campaign, text=hostile)
    make_question(campaign, "1", text=hostile)
    approach = make_approach(campaign, remark=hostile, listed_as=hostile, group=hostile)
    invite(approach)
    html = fetch(f"/en/campaigns/{campaign.slug}/").content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_a_page_in_another_language_says_what_is_shown_instead():
    campaign = make_campaign(title="Rivers", summary="Short.")
    html = fetch(f"/pt/campaigns/{campaign.slug}/").content.decode()
    assert re.search(r'<h1 lang="en" dir="ltr">Rivers</h1>', html)
    assert f'rel="canonical" href="https://outreach.test/en/campaigns/{campaign.slug}/"' in html
    assert 'hreflang="x-default"' not in html
    Translation.objects.create(campaign=campaign, field="title", language="pt", text="Rios")
    campaign.save()  # as the page does on which translations are made
    html = fetch(f"/pt/campaigns/{campaign.slug}/").content.decode()
    assert (
        "<h1 >Rios</h1>" in html
        and f'rel="canonical" href="https://outreach.test/pt/campaigns/{campaign.slug}/"' in html
    )
    assert 'class="lang-notice"' in html  # the summary still falls back


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_queries_for_any_number_of_companies(rows, django_assert_num_queries):
    campaign = make_campaign(slug="one", previous_round="before")
    old = make_campaign(slug="before")
    question = make_question(campaign)
    for _number in range(rows):
        company = make_company(headquarters="FR")
        make_invited(old, company=company)
        make_answer(make_response(reply(make_invited(campaign, company=company))), question)
        make_invited(campaign, remark="Here.")
    with django_assert_num_queries(11):  # campaign and rounds, stamp, texts, lists, questions, events, rows, sectors,
        fetch("/en/campaigns/one/")  # replies, answers, the previous round


def test_an_unpublished_campaign_and_a_withdrawn_one():
    hidden = make_campaign(published_on=None)
    ahead = make_campaign(published_on=date(2026, 4, 1))
    gone = make_campaign(withdrawn_at=NOW, withdrawn_because="A court ordered it.")
    never = make_campaign(published_on=None, withdrawn_at=NOW, withdrawn_because="SECRET")
    for campaign in (hidden, ahead, never):
        text_of(f"/en/campaigns/{campaign.slug}/", 404)
    page = text_of(f"/en/campaigns/{gone.slug}/", 410)
    assert "A court ordered it." in page and gone.title not in page


def test_unchanged_pages_answer_304_and_every_change_is_seen_at_once():
    campaign = make_campaign()
    approach = make_invited(campaign)
    path = f"/en/campaigns/{campaign.slug}/"

    def tag(**headers):
        answer = fetch(path, **headers)
        return answer.status_code, answer.headers["ETag"]

    status_code, first = tag()
    assert status_code == 200
    assert tag(**{"if-none-match": first}) == (304, first)
    reply(approach)
    assert tag(**{"if-none-match": first})[0] == 200
    second = tag()[1]
    response = make_response(approach)
    assert tag(**{"if-none-match": second})[0] == 200
    third = tag()[1]
    response.publication, response.withheld_because = "withheld", "Personal data."
    response.save()
    assert tag(**{"if-none-match": third})[0] == 200
    assert fetch(path).headers["Cache-Control"] == "no-cache" and fetch(path).headers["Vary"] == "Cookie"


def test_an_embargo_that_runs_out_changes_the_validator(monkeypatch):
    campaign = make_campaign()
    approach = reply(make_invited(campaign))
    make_response(approach, publication="embargoed", embargo_until=date(2026, 3, 21), text="Now open.")
    before = fetch(f"/en/campaigns/{campaign.slug}/").headers["ETag"]
    monkeypatch.setattr("campaigns.clock.now", lambda: days.start(date(2026, 3, 21), "UTC"))
    after = fetch(f"/en/campaigns/{campaign.slug}/", **{"if-none-match": before})
    assert after.status_code == 200 and "Read response" in after.content.decode()


def test_closing_early_and_a_custom_zone_show_the_day_of_the_figures():
    campaign = make_campaign(time_zone="Pacific/Auckland")
    make_invited(campaign)
    assert "As of 21 March 2026" in page_of(campaign)  # noon in London is tomorrow there
