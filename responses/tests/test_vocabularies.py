"""The words of a campaign file stand in campaigns, which imports nothing from above; they are the models' words."""

from campaigns.campaign_file import document, responses
from campaigns.models import Event
from correspondence.models import WORDED
from responses.models import Coded, Publication, ResponseTranslation


def test_the_words_of_a_campaign_file_are_those_of_the_models():
    assert list(document._WORDINGS) == list(map(str, WORDED))
    assert list(responses.PUBLICATIONS) == Publication.values
    assert list(responses.CODES) == Coded.values
    assert list(responses.LABELS) == ResponseTranslation.Label.values
    assert list(responses.CHANNELS) == Event.Channel.values
