import pytest

from campaigns.models import Finding, Translation
from campaigns.texts import Texts, read_titles

from .make import make_approach, make_campaign, make_question

pytestmark = pytest.mark.django_db


def translate(campaign, field, text, language="ar", **owner):
    return Translation.objects.create(campaign=campaign, field=field, language=language, text=text, **owner)


def test_the_original_is_no_fallback_in_its_own_language():
    text = Texts.read(make_campaign(title="Rivers"), "en").of("title")
    assert (text.text, text.fallback, text.attrs) == ("Rivers", False, "")


def test_a_translation_is_shown_and_the_rest_falls_back_with_its_language():
    campaign = make_campaign(title="Rivers", summary="Short.")
    translate(campaign, "title", "أنهار")
    texts = Texts.read(campaign, "ar")
    assert str(texts.of("title")) == "أنهار"
    assert texts.of("summary").attrs == 'lang="en" dir="ltr"'
    assert texts.missing() == ["summary"]


def test_a_text_known_only_in_another_language_is_shown_in_that():
    campaign = make_campaign()
    finding = Finding.objects.create(campaign=campaign, text="")
    translate(campaign, "text", "نتيجة", finding=finding)
    text = Texts.read(campaign, "pt").of("text", "finding", finding.pk, finding.text)
    assert (text.text, text.language, text.fallback) == ("نتيجة", "ar", True)


def test_a_title_in_the_readers_language_wins_over_a_headline_in_another():
    campaign = make_campaign(title="Rivers", headline="Half answered")
    translate(campaign, "title", "Rios", "pt")
    assert str(Texts.read(campaign, "pt").first("headline", "title")) == "Rios"
    assert str(Texts.read(campaign, "en").first("headline", "title")) == "Half answered"
    assert str(Texts.read(campaign, "fr").first("headline", "title")) == "Half answered"


def test_a_page_exists_in_a_language_when_title_context_and_questions_do():
    campaign = make_campaign(context="Why.")
    question = make_question(campaign)
    translate(campaign, "title", "أنهار")
    translate(campaign, "context", "لماذا")
    assert Texts.read(campaign, "en").languages([question]) == ["en"]
    second = make_question(campaign, "2")
    translate(campaign, "text", "ماذا؟", question=question)
    assert Texts.read(campaign, "en").languages([question, second]) == ["en"]
    translate(campaign, "text", "متى؟", question=second)
    assert Texts.read(campaign, "en").languages([question, second]) == ["en", "ar"]


def test_reading_costs_one_query_however_many_there_are(django_assert_num_queries):
    campaign = make_campaign()
    for _number in range(3):
        approach = make_approach(campaign, remark="Here.")
        translate(campaign, "remark", "هنا", approach=approach)
    with django_assert_num_queries(1):
        texts = Texts.read(campaign, "ar")
        assert str(texts.of("remark", "approach", approach.pk, approach.remark)) == "هنا"


def test_titles_of_many_campaigns_cost_one_query(django_assert_num_queries):
    campaigns = [make_campaign(title=title) for title in "abc"]
    with django_assert_num_queries(1):
        read = read_titles(campaigns, "en")
        assert [str(read[campaign.pk].of("title")) for campaign in campaigns] == ["a", "b", "c"]
