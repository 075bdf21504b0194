from datetime import date, timedelta

import pytest

from campaigns import publication as campaign_publication
from campaigns.tests.make import NOW, make_campaign, make_invited, reply
from responses import publication
from responses.models import Response

from .make import make_response

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=5)
EMBARGOED = {"publication": "embargoed", "embargo_until": date(2026, 3, 15)}


def respond(**values):
    """A response of a campaign that is public from 10 March on."""
    return make_response(reply(make_invited(make_campaign())), **values)


def as_stored(response):
    return Response.objects.select_related("approach__campaign").get(pk=response.pk)


@pytest.mark.parametrize("values", [{"publication": "published"}, EMBARGOED])
def test_what_readers_saw_is_known_after_the_campaign_was_withdrawn(values):
    response = respond(**values)
    campaign_publication.withdraw(response.approach.campaign, "A court ordered it.", now=NOW)
    assert publication.was_public(as_stored(response), LATER)
    publication.withhold(response, "Names workers.", now=LATER)
    assert publication.was_public(as_stored(response), LATER)


def test_an_embargo_that_ran_out_after_the_withdrawal_showed_nothing():
    response = respond(publication="embargoed", embargo_until=date(2026, 3, 22))
    campaign_publication.withdraw(response.approach.campaign, "A court ordered it.", now=NOW)
    assert not publication.was_public(as_stored(response), LATER)
    publication.withhold(response, "Names workers.", now=LATER)
    assert not publication.was_public(as_stored(response), LATER)


def test_a_campaign_that_was_withdrawn_before_its_day_showed_nothing():
    response = respond()
    campaign_publication.withdraw(response.approach.campaign, "Too early.", now=NOW - timedelta(days=15))
    assert not publication.was_public(as_stored(response), NOW)


def test_publishing_in_a_withdrawn_campaign_shows_nothing_yet():
    response = respond(publication="draft")
    campaign_publication.withdraw(response.approach.campaign, "A court ordered it.", now=NOW)
    assert publication.publish(response, now=LATER).first_public_at is None


def test_publishing_what_an_embargo_showed_keeps_the_day_on_which_it_began():
    response = respond(**EMBARGOED)
    assert publication.publish(response, now=NOW).first_public_at == response.embargo_at


@pytest.mark.parametrize("stands", ["draft", "in_review", "withheld"])
def test_what_was_not_published_was_never_public(stands):
    response = respond(publication=stands, withheld_because="Names workers.", embargo_until=date(2026, 3, 1))
    assert not publication.was_public(as_stored(response), NOW)
