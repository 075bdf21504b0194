from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import roles
from campaigns.tests.make import NOW, make_campaign, make_invited, make_question, reply
from campaigns.tests.staff import make_staff, problems, signed_in
from responses import publication
from responses.models import Answer, Document, Response

from .make import make_answer, make_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th_of_march(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def response(campaign):
    return make_response(reply(make_invited(campaign)), publication="draft")


@pytest.fixture
def researcher(campaign):
    return signed_in(make_staff(roles.RESEARCHER, campaign))


@pytest.fixture
def reviewer():
    return signed_in(make_staff(roles.REVIEWER))


def page_of(thing):
    return reverse(f"admin:responses_{thing._meta.model_name}_change", args=[thing.pk])


def posted(page, **changes):
    """Return what a browser would send back for a change page, with `changes`."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    data = {one.add_prefix(name): one[name].value() for one in forms for name in one.fields}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    return data | {"covers": [one.pk for one in data.get("covers", [])]} | changes


def act(client, name, response, **form):
    address = reverse("admin:responses_response_act", args=[name])
    return client.post(address, {"_selected_action": response.pk, **form}, follow=True)


def stands(response):
    return Response.objects.get(pk=response.pk).publication


@pytest.mark.parametrize("name", ["publish", "embargo", "withhold"])
def test_a_researcher_publishes_and_withholds_nothing(researcher, response, name):
    page = act(researcher, name, response, day="2026-04-01", because="x")
    assert page.status_code == 403
    assert stands(response) == "draft"
    assert "Withhold" not in researcher.get(page_of(response)).content.decode()


def test_publication_is_never_a_field_of_a_form(researcher, reviewer, response):
    for client in (researcher, reviewer):
        page = client.get(page_of(response))
        assert "publication" not in page.context["adminform"].form.fields
        client.post(page_of(response), posted(page, publication="published"))
        assert stands(response) == "draft"


def test_from_a_draft_to_readers_and_away_again(researcher, reviewer, response):
    act(researcher, "review", response)
    assert stands(response) == "in_review"
    page = reviewer.get(reverse("admin:responses_response_act", args=["publish"]), {"id": response.pk})
    assert response.text in page.content.decode()
    act(reviewer, "publish", response)
    assert stands(response) == "published"
    said = problems(act(reviewer, "withhold", response, because="Names a worker"))
    assert said == [f"{response} is withheld."]
    assert stands(response) == "withheld"
    assert LogEntry.objects.count() == 3


def test_an_embargo_asks_for_a_day_ahead(reviewer, response):
    text = act(reviewer, "embargo", response, day="2026-03-20").content.decode()
    assert "Nothing was changed" in text
    act(reviewer, "embargo", response, day="2026-04-01")
    response.refresh_from_db()
    assert (response.publication, response.embargo_until) == ("embargoed", date(2026, 4, 1))


def test_withholding_asks_for_a_reason(reviewer, response):
    assert "Enter the reason; readers see it" in act(reviewer, "withhold", response, because="").content.decode()
    assert stands(response) == "draft"


def test_what_readers_see_is_changed_only_by_those_who_may_publish(researcher, reviewer, response):
    question = make_question(response.approach.campaign)
    answer = make_answer(response, question)
    publication.publish(response, now=NOW)
    assert act(researcher, "review", response).status_code == 404
    page = researcher.get(page_of(response))
    assert page.context["has_change_permission"] is False
    assert researcher.post(page_of(response), {"author": "Me"}).status_code == 403
    assert researcher.post(page_of(answer), {"text": "Other words"}).status_code == 403
    page = reviewer.get(page_of(response))
    assert reviewer.post(page_of(response), posted(page, author="The board")).status_code == 302
    assert Response.objects.get().author == "The board"


def test_the_words_that_were_public_are_fixed(reviewer, response):
    page = reviewer.get(page_of(response))
    assert "text" in page.context["adminform"].form.fields
    publication.publish(response, now=NOW)
    page = reviewer.get(page_of(response))
    assert "text" not in page.context["adminform"].form.fields
    reviewer.post(page_of(response), posted(page, text="Rewritten"))
    assert Response.objects.get().text == "We thank you for your letter."


def test_what_was_public_is_not_deleted(response):
    client = signed_in(make_staff(is_superuser=True))
    publication.publish(response, now=NOW)
    assert (
        client.post(reverse("admin:responses_response_delete", args=[response.pk]), {"post": "yes"}).status_code == 403
    )
    assert Response.objects.exists()


def test_a_reply_is_filed_by_its_page_and_a_rejoinder_is_added_here(researcher, response):
    page = researcher.get(reverse("admin:responses_response_add"))
    assert [value for value, _label in page.context["adminform"].form.fields["kind"].choices] == ["rejoinder"]
    form = {"approach": response.approach_id, "kind": "rejoinder", "author": "The asker", "text": "We disagree."}
    assert researcher.post(reverse("admin:responses_response_add"), form).status_code == 302
    added = Response.objects.get(kind="rejoinder")
    assert (added.publication, added.position, added.logged_at) == ("draft", 1, NOW)


def test_an_answer_is_found_in_the_original_again_when_it_changes(researcher, response):
    answer = make_answer(response, make_question(response.approach.campaign), text="We thank you")
    page = researcher.get(page_of(response))
    form = posted(page, **{"answers-0-text": "for  your letter."})
    assert researcher.post(page_of(response), form).status_code == 302
    assert [(one.start, one.end) for one in answer.passages.all()] == [(13, 29)]


def test_two_people_at_one_answer_see_each_others_words(researcher, response):
    answer = make_answer(response, make_question(response.approach.campaign))
    page = researcher.get(page_of(response))
    assert 'name="version"' in page.content.decode()
    assert 'name="answers-0-version"' in page.content.decode()
    Answer.objects.filter(pk=answer.pk).update(text="Somebody else was here.")
    text = researcher.post(page_of(response), posted(page, **{"answers-0-text": "My words"})).content.decode()
    assert "copy what you need and save again" in text
    assert "Somebody else was here." in text
    assert "My words" in text
    assert Answer.objects.get().text == "Somebody else was here."


def test_a_question_of_another_campaign_is_no_choice(researcher, response):
    make_answer(response, make_question(response.approach.campaign))
    stranger = make_question(make_campaign())
    page = researcher.get(page_of(response))
    form = posted(page, **{"answers-0-question": stranger.pk})
    assert "not one of the available choices" in researcher.post(page_of(response), form).content.decode()


def test_a_removal_is_typed_as_words_and_found(researcher, response):
    page = researcher.get(page_of(response))
    form = posted(page) | {
        "redactions-TOTAL_FORMS": 1,
        "redactions-0-words": "your letter",
        "redactions-0-label": "gone",
    }
    assert researcher.post(page_of(response), form).status_code == 302
    removed = response.redactions.get()
    assert response.text[removed.start : removed.end] == "your letter"


@pytest.mark.parametrize(
    ("words", "said"),
    [("no such words", "These words are not in the text."), ("you", "They stand there more than once")],
)
def test_a_removal_that_cannot_be_found_or_is_ambiguous_is_refused(researcher, response, words, said):
    page = researcher.get(page_of(response))
    form = posted(page) | {"redactions-TOTAL_FORMS": 1, "redactions-0-words": words, "redactions-0-label": "gone"}
    assert said in researcher.post(page_of(response), form).content.decode()
    assert not response.redactions.exists()


@pytest.fixture
def document(response):
    document = Document(response=response, name="lettre été.pdf", media_type="application/pdf", size=8)
    document.file.save("letter.pdf", SimpleUploadedFile("letter.pdf", b"%PDF-1.7"))
    return document


def test_a_file_is_handed_to_the_team_and_never_shown(researcher, document):
    answer = researcher.get(reverse("admin:responses_document_file", args=[document.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_file_is_not_handed_to_others(document, client):
    address = reverse("admin:responses_document_file", args=[document.pk])
    assert signed_in(make_staff(roles.RESEARCHER)).get(address).status_code == 404
    assert signed_in(make_staff()).get(address).status_code == 404
    assert client.get(address, secure=True).status_code == 302


def test_whoever_ticks_a_file_as_checked_is_named(researcher, response, document):
    page = researcher.get(page_of(response))
    assert researcher.post(page_of(response), posted(page, **{"documents-0-checked": "on"})).status_code == 302
    document.refresh_from_db()
    assert (document.checked_at, document.checked_by.groups.get().name) == (NOW, roles.RESEARCHER)
    page = researcher.get(page_of(response))
    form = posted(page)
    del form["documents-0-checked"]
    researcher.post(page_of(response), form)
    document.refresh_from_db()
    assert (document.checked_at, document.checked_by) == (None, None)


def test_a_file_is_added_by_its_kind_and_refused_by_it(researcher, response):
    add = reverse("admin:responses_document_add")
    wrong = {"response": response.pk, "file": SimpleUploadedFile("page.html", b"<script>")}
    assert "page.html cannot be read here" in researcher.post(add, wrong).content.decode()
    right = {"response": response.pk, "file": SimpleUploadedFile("letter.pdf", b"%PDF-1.7"), "checked": "on"}
    assert researcher.post(add, right).status_code == 302
    document = Document.objects.get()
    assert (document.name, document.media_type, document.size) == ("letter.pdf", "application/pdf", 8)
    assert document.checked_at == NOW
    assert len(document.sha256) == 64


def test_codes_of_others_are_shown_to_those_who_decide(researcher, reviewer, response):
    answer = make_answer(response, make_question(response.approach.campaign))
    answer.codings.create(coder=make_staff(username="firstcoder"), code="answered", remark="Clear enough")
    assert "Clear enough" not in researcher.get(page_of(answer)).content.decode()
    assert "Clear enough" in reviewer.get(page_of(answer)).content.decode()
