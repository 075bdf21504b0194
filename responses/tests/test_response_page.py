import hashlib
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from campaigns.tests.make import NOW, make_campaign, make_invited, make_question, make_user, reply
from campaigns.tests.read import fetch, text_of
from responses import publication
from responses.models import Document, Passage, Redaction, ResponseTranslation

from .make import make_answer, make_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def approach():
    return reply(make_invited(make_campaign(), listed_as="Airbus"))


def address(response):
    return f"/en/responses/{response.public_id}/"


def make_document(response, checked=True, **values):
    document = Document(response=response, name="letter.html", media_type="text/html", size=5, **values)
    document.file.save("ignored", ContentFile(b"<b>x"), save=False)
    if checked:
        document.checked_at, document.checked_by = NOW, make_user()
    document.save()
    return document


def test_the_letter_stands_as_it_came_before_the_questions(approach):
    text = "Dear all,\n\n  1.a  <No> & yes.\n"
    response = make_response(approach, text=text)
    make_answer(response, make_question(approach.campaign, "1.a"), text="<No> & yes.")
    html = fetch(address(response)).content.decode()
    assert "Dear all,\n\n  1.a  &lt;No&gt; &amp; yes.\n" in html and 'dir="auto" lang="en"' in html
    assert html.index("As it was sent") < html.index("Question by question")
    assert hashlib.sha256(text.encode()).hexdigest() in html


def test_what_was_removed_is_nowhere_on_the_page(approach):
    text = "Call +44 20 7946 0000 and ask."
    response = make_response(approach, text=text)
    Redaction.objects.create(response=response, start=5, end=21, label="telephone number removed")
    anchored = make_answer(response, make_question(approach.campaign, "1"), text="Call +44 20 7946 0000")
    Passage.objects.create(answer=anchored, start=0, end=15)  # it ends inside the number
    make_answer(response, make_question(approach.campaign, "2", position=1), text="ask +44 20 7946 0000")
    ResponseTranslation.objects.create(response=response, language="pt", label="machine", text="Ligue +44 20 7946 0000")
    make_document(response, text="Call +44 20 7946 0000")
    for path in (address(response), f"/en/companies/{approach.company.slug}/"):
        page = text_of(path)
        assert "7946" not in page and "+44" not in page and "[telephone number removed]" in page
    assert "7946" not in text_of(f"/en/campaigns/{approach.campaign.slug}/questions/2/")
    assert hashlib.sha256(text.encode()).hexdigest() not in text_of(address(response))  # it could be guessed from it


def test_translations_are_labelled_and_marked(approach):
    response = make_response(approach, language="ar", text="نعم")
    ResponseTranslation.objects.create(response=response, language="en", label="unofficial", text="Yes")
    html = fetch(address(response)).content.decode()
    assert "Unofficial translation: English" in html
    assert '<blockquote class="letter as-sent" lang="en" dir="ltr">Yes</blockquote>' in html


def test_an_unanswered_question_is_listed_and_an_uncoded_one_is_not_called_so(approach):
    response = make_response(approach)
    make_answer(response, make_question(approach.campaign, "1"), text="", agreed="not_answered")
    make_question(approach.campaign, "2", position=1)
    page = text_of(address(response))
    assert "The response does not address this question." in page and "Not yet coded: 2" in page


def test_an_answer_keeps_the_wording_that_it_answered(approach):
    old = make_question(approach.campaign, "1", text="Old words?", replaced_at=NOW)
    make_question(approach.campaign, "1", text="New words?", replaces=old)
    response = make_response(approach)
    make_answer(response, old)
    page = text_of(address(response))
    assert "Old words?" in page and "New words?" not in page


def test_a_rejoinder_stands_under_the_reply_above_it(approach):
    first = make_response(approach)
    make_response(approach, kind="rejoinder", position=1, author="Water Watch", text="We disagree.")
    second = make_response(approach, position=2)
    assert "We disagree." in text_of(address(first)) and "We disagree." not in text_of(address(second))


@pytest.mark.parametrize("stands", ["draft", "in_review", "embargoed"])
def test_what_is_not_public_is_404(approach, stands):
    response = make_response(approach, publication=stands, embargo_until=date(2026, 4, 1))
    text_of(address(response), 404)


def test_a_response_of_an_unpublished_campaign_is_404():
    response = make_response(reply(make_invited(make_campaign(published_on=None))))
    text_of(address(response), 404)


def test_what_was_public_and_is_withheld_is_410_with_the_reason(approach):
    withheld = {"publication": "withheld", "withheld_because": "Names workers.", "text": "SECRET"}
    never = make_response(approach, **withheld)
    text_of(address(never), 404)
    once = make_response(approach, **withheld, first_public_at=NOW, withheld_at=NOW)
    page = text_of(address(once), 410)
    assert "Names workers." in page and "20 March 2026" in page and "SECRET" not in page
    ran_out = make_response(approach, publication="embargoed", embargo_until=date(2026, 3, 1), text="SECRET")
    publication.withhold(ran_out, "Names workers.", now=NOW)
    text_of(address(ran_out), 410)
    approach.campaign.published_on = None
    approach.campaign.save()
    text_of(address(once), 404)


def test_an_embargo_that_ran_out_before_the_campaign_was_public_showed_nothing():
    campaign = make_campaign(published_on=None)
    response = make_response(
        reply(make_invited(campaign)), publication="embargoed", embargo_until=date(2026, 3, 1), text="SECRET"
    )
    publication.withhold(response, "Names workers.", now=NOW)
    campaign.published_on = date(2026, 3, 20)
    campaign.save()
    text_of(address(response), 404)


def test_a_checked_file_is_a_download_that_no_browser_runs(approach):
    document = make_document(make_response(approach))
    answer = fetch(reverse("document", args=[document.response.public_id, document.pk]))
    assert b"".join(answer.streaming_content) == b"<b>x"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_file_that_nobody_checked_is_not_there(approach):
    response = make_response(approach)
    document = make_document(response, checked=False)
    path = reverse("document", args=[response.public_id, document.pk])
    assert fetch(path).status_code == 404 and "letter.html" not in text_of(address(response))


def test_a_file_goes_with_its_response(approach):
    document = make_document(make_response(approach, publication="draft"))
    assert fetch(reverse("document", args=[document.response.public_id, document.pk])).status_code == 404


def test_answers_to_one_question_stand_side_by_side(approach):
    campaign = approach.campaign
    question, other = make_question(campaign, "1.a"), make_question(campaign, "2", position=1)
    make_answer(make_response(approach), question, text="Airbus says this.")
    silent_on_it = reply(make_invited(campaign, listed_as="Thales"))
    make_answer(make_response(silent_on_it), other)
    draft = reply(make_invited(campaign))
    make_answer(make_response(draft, publication="draft"), question, text="SECRET")
    page = text_of(f"/en/campaigns/{campaign.slug}/questions/1.a/")
    assert "Airbus says this." in page and "SECRET" not in page and "1 answered, 0 partly, of 2 responses" in page
    assert "or not coded yet: Thales" in page
    text_of(f"/en/campaigns/{campaign.slug}/questions/9/", 404)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_queries_for_any_number_of_answers(approach, rows, django_assert_num_queries):
    response = make_response(approach)
    for number in range(rows):
        make_answer(response, make_question(approach.campaign, str(number), position=number))
        make_response(approach, kind="rejoinder", position=number + 1)
    with django_assert_num_queries(12):
        fetch(address(response))
