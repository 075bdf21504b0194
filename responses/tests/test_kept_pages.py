"""A page that was rendered is kept under the tag of what can change it: it is reused, and never stale."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache

from campaigns.models import Question
from campaigns.status import Reply
from campaigns.tests.make import NOW, make_campaign, make_invited, make_question, make_user, reply
from companies.models import Company, Contact

from .make import make_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def read(client, campaign, query=""):
    return client.get(f"/en/campaigns/{campaign.slug}/{query}", secure=True).content.decode()


def test_a_page_is_rendered_once_until_something_changes(client, django_assert_max_num_queries):
    campaign = make_campaign()
    approach = make_invited(campaign)
    first = read(client, campaign)
    with django_assert_max_num_queries(3):
        assert read(client, campaign) == first
    reply(approach, Reply.RESPONDED)
    assert "1 of 1" in read(client, campaign) and "0 of 1" in first


def test_the_page_of_a_question_is_kept_as_well(client, django_assert_max_num_queries):
    question = make_question(make_campaign())
    path = f"/en/campaigns/{question.campaign.slug}/questions/{question.number}/"
    first = client.get(path, secure=True)
    with django_assert_max_num_queries(2):
        assert client.get(path, secure=True).content == first.content
    assert client.get(path.replace("/1/", "/2/"), secure=True).status_code == 404


def test_filtered_views_are_not_kept(client):
    campaign = make_campaign()
    make_invited(campaign)
    read(client, campaign, "?sort=name")
    assert not cache._cache


def test_what_is_private_changes_no_validator(client):
    """Neither another campaign that asks the same company, nor an edit of a contact or of a person of the staff."""
    approach = reply(make_invited(make_campaign()))
    response = make_response(approach)
    paths = [
        approach.campaign.get_absolute_url(),
        response.get_absolute_url(),
        f"/en/companies/{approach.company.slug}/",
    ]
    tags = [client.get(path, secure=True).headers["ETag"] for path in paths]
    hidden = reply(make_invited(make_campaign(published_on=None), company=approach.company))
    make_response(hidden)
    logged = {"user": make_user(), "object_id": "1", "action_flag": 2}
    LogEntry.objects.create(content_type=ContentType.objects.get_for_model(Contact), **logged)
    assert [client.get(path, secure=True).headers["ETag"] for path in paths] == tags


def test_each_change_of_a_round_a_question_or_a_company_is_seen(client):
    old = make_campaign(slug="before")
    campaign = make_campaign(previous_round="before")
    approach = make_invited(old)
    seen = {read_tag(client, campaign)}
    reply(approach)
    seen.add(read_tag(client, campaign))
    old.save()
    seen.add(read_tag(client, campaign))
    for model in (Question, Company):
        content_type = ContentType.objects.get_for_model(model)
        LogEntry.objects.create(user=make_user(), object_id="1", action_flag=2, content_type=content_type)
        seen.add(read_tag(client, campaign))
    assert len(seen) == 5


def test_a_joint_response_that_changes_is_seen_at_every_company(client):
    campaign = make_campaign()
    approach, other = reply(make_invited(campaign)), reply(make_invited(campaign))
    response = make_response(approach)
    response.covers.set([other])
    path = f"/en/companies/{other.company.slug}/"
    before = client.get(path, secure=True).headers["ETag"]
    response.publication = "draft"
    response.save()
    assert client.get(path, secure=True).headers["ETag"] != before


def read_tag(client, campaign):
    return client.get(f"/en/campaigns/{campaign.slug}/", secure=True).headers["ETag"]
