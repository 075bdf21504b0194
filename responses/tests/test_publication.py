from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from campaigns import publication as campaign_publication
from campaigns.tests.make import NOW, make_campaign, make_invited, reply
from responses import publication
from responses.models import Response

from .make import make_response

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=5)
MUCH_LATER = datetime(2026, 4, 2, tzinfo=UTC)
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


def make(publication="draft", campaign=None):
    return make_response(reply(make_invited(campaign)), publication=publication)


def stands(response):
    return Response.objects.get(pk=response.pk).publication


def is_public(now=NOW):
    return Response.objects.public(now).exists()


def test_publishing_shows_it_and_remembers_when_it_was_first_public():
    response = publication.publish(make(), now=NOW)
    assert is_public()
    assert response.first_public_at == NOW


def test_publishing_in_a_campaign_that_is_not_public_shows_nothing_yet():
    response = publication.publish(make(campaign=make_campaign(published_on=None)), now=NOW)
    assert not is_public()
    assert response.first_public_at is None


def test_withholding_what_was_public_keeps_that_it_was():
    campaign = make_campaign(published_on=date(2026, 4, 1))
    response = publication.publish(make(campaign=campaign), now=NOW)
    hidden = publication.withhold(response, "Names a private person.", now=MUCH_LATER)
    assert (hidden.publication, hidden.withheld_because, hidden.withheld_at) == (
        "withheld",
        "Names a private person.",
        MUCH_LATER,
    )
    assert hidden.first_public_at == campaign.published_at
    assert not is_public(MUCH_LATER)


def test_withholding_a_draft_says_that_it_never_was_public():
    assert publication.withhold(make(), "Not ours to show.", now=NOW).first_public_at is None


def test_publishing_again_ends_the_withdrawal():
    response = publication.withhold(publication.publish(make(), now=NOW), "By mistake.", now=NOW)
    again = publication.publish(response, now=MUCH_LATER)
    assert (again.withheld_because, again.withheld_at, again.first_public_at) == ("", None, NOW)


def test_an_embargo_ends_with_the_start_of_its_day():
    publication.embargo(make(), date(2026, 4, 2), now=NOW)
    assert not is_public(datetime(2026, 4, 1, 23, 59, tzinfo=UTC))
    assert is_public(MUCH_LATER)


@pytest.mark.parametrize("day", [date(2026, 3, 19), date(2026, 3, 20)])
def test_an_embargo_lies_ahead(day):
    with pytest.raises(ValidationError, match="has begun"):
        publication.embargo(make(), day, now=NOW)


def test_what_was_public_cannot_be_embargoed():
    with pytest.raises(ValidationError, match="Withhold it instead"):
        publication.embargo(publication.publish(make(), now=NOW), date(2026, 5, 1), now=NOW)


def test_review_is_entered_from_a_draft_and_left_back_to_one():
    response = make()
    publication.send_to_review(response)
    assert stands(response) == "in_review"
    with pytest.raises(ValidationError, match="In review"):
        publication.send_to_review(response)
    publication.send_back(response)
    assert stands(response) == "draft"
    with pytest.raises(ValidationError, match="Published"):
        publication.send_back(publication.publish(response, now=NOW))
