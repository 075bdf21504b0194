from datetime import date

import pytest

from campaigns import days, publication
from campaigns.models import Campaign

from .make import NOW, make_campaign

pytestmark = pytest.mark.django_db


def test_a_campaign_is_public_from_the_start_of_its_day():
    campaign = make_campaign(published_on=None)
    publication.publish(campaign, None, now=NOW)
    assert list(Campaign.objects.public(NOW)) == [campaign]
    publication.publish(campaign, days.exactly(date(2026, 4, 1)), now=NOW)
    assert not Campaign.objects.public(NOW)


def test_withdrawing_hides_it_with_a_reason_and_publishing_undoes_that():
    campaign = make_campaign()
    gone = publication.withdraw(campaign, "A company was named by mistake.", now=NOW)
    assert (gone.withdrawn_at, gone.withdrawn_because) == (NOW, "A company was named by mistake.")
    assert not Campaign.objects.public(NOW)
    back = publication.publish(campaign, None, now=NOW)
    assert (back.withdrawn_at, back.withdrawn_because) == (None, "")
    assert Campaign.objects.public(NOW)
