from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from campaigns.models import CampaignTopic, Count, Topic, Translation
from companies.models import Alias, Contact

from .make import NOW, make_campaign, make_company, make_contact, make_invited, make_user, reply
from .read import fetch, text_of

pytestmark = pytest.mark.django_db
LISTS = ["/en/", "/en/campaigns/", "/en/companies/", "/en/search/?q=a"]


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def answered(**values):
    campaign = make_campaign(**values)
    reply(make_invited(campaign))
    make_invited(campaign)
    campaign.refresh_count()
    return campaign


def test_home_shows_the_newest_and_what_all_come_to():
    answered(title="Rivers")
    make_campaign(title="SECRET", published_on=None)
    page = text_of("/en/")
    assert "Rivers" in page and "1 of 2" in page and "50.0%" in page and "1 campaign since 2026" in page
    assert "SECRET" not in page


def test_an_empty_site_has_a_first_page():
    for path in ("/en/", "/en/campaigns/", "/en/companies/", "/en/search/?q=x"):
        text_of(path)


def test_the_list_is_filtered_by_topic_year_and_stage():
    rivers = answered(title="Rivers", asked_on=date(2025, 3, 1))
    borders = answered(title="Borders")
    CampaignTopic.objects.create(campaign=rivers, topic=Topic.objects.create(kind="issue", name="Water", slug="water"))
    for query, shown in [("issue=water", "Rivers"), ("year=2025", "Rivers"), ("year=2026", "Borders")]:
        page = text_of(f"/en/campaigns/?{query}")
        assert shown in page and "1 campaign." in page
    assert "2 campaigns." in text_of("/en/campaigns/?stage=open")
    assert "0 campaigns." in text_of("/en/campaigns/?stage=closed")
    assert "2 campaigns." in text_of("/en/campaigns/?issue=x&year=1&stage=y&page=x")
    assert borders.title in text_of("/en/campaigns/")


def test_topics_of_unpublished_campaigns_are_not_offered():
    hidden = make_campaign(published_on=None)
    CampaignTopic.objects.create(campaign=hidden, topic=Topic.objects.create(kind="issue", name="SECRET", slug="s"))
    assert "SECRET" not in fetch("/en/campaigns/").content.decode()


def test_companies_are_found_by_any_name_and_never_by_a_contact():
    campaign = make_campaign()
    company = make_company("Grünbach Färberei")
    Alias.objects.create(company=company, name="Gruenbach Dye")
    make_contact(company, name="Priya Holloway")
    make_invited(campaign, company=company)
    for q in ("grunbach", "FÄRB", "dye"):
        assert "Grünbach Färberei" in text_of(f"/en/companies/?q={q}")
        assert "Grünbach Färberei" in text_of(f"/en/search/?q={q}")
    assert "asked 1, responded 0" in text_of("/en/companies/?letter=G")
    assert Contact.objects.filter(name="Priya Holloway").exists()
    assert "Nothing found" in text_of("/en/search/?q=Priya") and "Nothing found" in text_of("/en/companies/?q=Priya")


def test_a_company_that_was_only_asked_in_private_is_not_listed():
    make_invited(make_campaign(published_on=None), company=make_company("SECRET"))
    assert "SECRET" not in fetch("/en/companies/").content.decode()
    assert "Nothing found" in text_of("/en/search/?q=secret")


def test_a_campaign_is_found_by_its_title_in_any_language():
    campaign = answered(title="Rivers")
    Translation.objects.create(campaign=campaign, field="title", language="pt", text="Rios limpos")
    assert "1 result." in text_of("/en/search/?q=rios") and "1 result." in text_of("/en/search/?q=RIVERS")


@pytest.mark.parametrize(("path", "queries"), [("/en/", 6), ("/en/campaigns/", 7), ("/en/companies/", 6)])
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_queries_for_any_length(rows, path, queries, django_assert_num_queries):
    for _number in range(rows):
        answered()
    with django_assert_num_queries(queries):
        fetch(path)


@pytest.mark.parametrize("path", LISTS)
def test_unchanged_lists_answer_304(path):
    answered()
    tag = fetch(path).headers["ETag"]
    assert fetch(path, **{"if-none-match": tag}).status_code == 304
    answered()
    assert fetch(path, **{"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_figures_that_are_counted_later_are_seen(path):
    campaign = answered()
    tag = fetch(path).headers["ETag"]
    Count.objects.filter(campaign=campaign).update(responded=2)
    assert fetch(path, **{"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_what_happens_in_private_changes_no_validator(path):
    answered()
    tag = fetch(path).headers["ETag"]
    hidden = answered(published_on=None)
    hidden.save()
    LogEntry.objects.create(
        user=make_user(), content_type=ContentType.objects.get_for_model(Contact), object_id="1", action_flag=2
    )
    assert fetch(path, **{"if-none-match": tag}).status_code == 304


def test_an_edit_of_a_company_is_seen_at_once():
    company = answered().approaches.last().company
    tag = fetch("/en/companies/").headers["ETag"]
    LogEntry.objects.create(
        user=make_user(), content_type=ContentType.objects.get_for_model(company), object_id="1", action_flag=2
    )
    assert fetch("/en/companies/", **{"if-none-match": tag}).status_code == 200


def test_a_reply_is_seen_on_the_lists_at_once():
    campaign = answered()
    tag = fetch("/en/").headers["ETag"]
    reply(campaign.approaches.last())
    assert fetch("/en/", **{"if-none-match": tag}).status_code == 200
