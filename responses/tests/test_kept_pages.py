"""A page that was rendered is kept under the tag of what can change it: it is reused, and never stale."""

import pytest
from django.core.cache import cache

from campaigns.status import Reply
from campaigns.tests.make import make_campaign, make_invited, reply

pytestmark = pytest.mark.django_db


def read(client, campaign, query=""):
    return client.get(f"/en/campaigns/{campaign.slug}/{query}", secure=True).content.decode()


def test_a_page_is_rendered_once_until_something_changes(client, django_assert_max_num_queries):
    campaign = make_campaign()
    approach = make_invited(campaign)
    first = read(client, campaign)
    with django_assert_max_num_queries(2):
        assert read(client, campaign) == first
    reply(approach, Reply.RESPONDED)
    assert "1 of 1" in read(client, campaign) and "0 of 1" in first


def test_filtered_views_are_not_kept(client):
    campaign = make_campaign()
    make_invited(campaign)
    read(client, campaign, "?sort=name")
    assert not cache._cache
