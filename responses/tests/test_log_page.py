from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import roles
from campaigns.models import Approach, ReminderStep
from campaigns.tests.make import NOW, make_approach, make_campaign, make_company, make_invited, make_question, reply
from campaigns.tests.staff import make_staff, problems, signed_in
from responses.models import Document, Response

from .make import make_response

pytestmark = pytest.mark.django_db
PAGE = reverse("log_reply")


@pytest.fixture(autouse=True)
def on_the_20th_of_march(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def approach(campaign):
    return make_invited(campaign, listed_as="Airbus")


@pytest.fixture
def client(campaign):
    return signed_in(make_staff(roles.RESEARCHER, campaign))


def post(client, approach, do="file", **form):
    form = {"outcome": "responded", "day": "2026-03-09", "text": "We thank you.", "do": do, "initial-remark": ""} | form
    return client.post(f"{PAGE}?approach={approach.pk}", form, follow=True)


def fresh(approach):
    return Approach.objects.get(pk=approach.pk)


def test_the_form_opens_with_today_and_asks_for_every_answer(client, approach):
    heading = make_question(approach.campaign, "1", text="What do you sell?")
    make_question(approach.campaign, "1.a", parent=heading)
    page = client.get(PAGE, {"approach": approach.pk})
    form = page.context["form"]
    assert form["day"].value() == "2026-03-20"
    assert [(line.question.number, line.depth, line.text is None) for line in form.tree] == [
        ("1", 0, True),
        ("1.a", 1, False),
    ]
    text = page.content.decode()
    assert text.index("File and stop reminders") < text.index("Save with answers and send to review")
    assert text.count('name="outcome"') == 10


def test_text_and_outcome_are_enough_to_file_and_stop_reminders(client, approach):
    ReminderStep.objects.create(campaign=approach.campaign, anchor="after_invitation", days=30)
    page = post(client, approach)
    assert (fresh(approach).reply, fresh(approach).remind_at) == ("responded", None)
    response = Response.objects.get()
    assert (response.publication, response.text) == ("draft", "We thank you.")
    assert page.redirect_chain == [(reverse("admin:responses_response_change", args=[response.pk]), 302)]
    assert "Airbus: Responded, 9 March 2026. It counts at once. Reminders are stopped." in problems(page)[0]
    assert {entry.content_type.model for entry in LogEntry.objects.all()} == {"approach", "response"}


def test_the_second_button_sends_it_to_review_with_its_answers(client, approach):
    question = make_question(approach.campaign)
    answers = {f"answer_{question.pk}": "thank", f"code_{question.pk}": "partly"}
    post(client, approach, "review", **answers)
    response = Response.objects.get()
    assert response.publication == "in_review"
    answer = response.answers.get()
    assert (answer.text, answer.agreed) == ("thank", "partly")
    assert [(one.start, one.end) for one in answer.passages.all()] == [(3, 8)]


def test_answers_typed_before_the_first_button_are_not_lost(client, approach):
    question = make_question(approach.campaign)
    page = post(client, approach, **{f"answer_{question.pk}": "Nothing of the kind"})
    assert Response.objects.get().answers.get().text == "Nothing of the kind"
    assert problems(page)[1] == "Not in the text word for word, so not marked in it: the answer to 1."


def test_everything_on_the_page_is_filed(client, approach):
    other = make_invited(approach.campaign)
    post(
        client,
        approach,
        outcome="answered_by_other",
        answered_by="Parent Ltd",
        day="2026-03-05",
        channel="post",
        language="fr",
        author="The board",
        link="https://company.example/statement",
        note="Called them",
        remark="Through its owner",
        covers=[other.pk],
        documents=[SimpleUploadedFile("letter.pdf", b"%PDF-1.7"), SimpleUploadedFile("note.txt", b"Words")],
        checked="on",
    )
    response, now = Response.objects.get(), fresh(approach)
    assert (response.channel, response.language, response.author) == ("post", "fr", "The board")
    assert (response.link, list(response.covers.all())) == ("https://company.example/statement", [other])
    assert (now.answered_by_name, now.note, now.remark) == ("Parent Ltd", "Called them", "Through its owner")
    assert sorted(Document.objects.values_list("name", flat=True)) == ["letter.pdf", "note.txt"]
    assert not Document.objects.filter(checked_at=None).exists()


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"day": ""}, "day", "Enter the date the reply was received"),
        ({"day": "9 August"}, "day", "The date must be real"),
        ({"day": "2026-03-01"}, "day", "The reply cannot be older than the invitation (2 March 2026)"),
        ({"day": "2026-03"}, "outcome", "2026-03 has not come yet."),
        ({"outcome": ""}, "outcome", "Choose what the reply means"),
        ({"text": ""}, "text", "Paste the text, add the file, or give the link"),
        ({"outcome": "more_time"}, "more_time", "Enter the day until which it asks for time"),
        ({"documents": SimpleUploadedFile("letter.pages", b"x")}, "documents", "letter.pages cannot be read here"),
    ],
)
def test_a_refused_form_says_why_at_the_field_and_loses_no_text(client, approach, form, field, said):
    question = make_question(approach.campaign)
    answers = {f"answer_{question.pk}": "The answer that I typed", "note": "The note that I typed"}
    page = post(client, approach, **(answers | form))
    assert said in page.context["form"].errors[field][0]
    text = page.content.decode()
    assert "<title>Error: " in text
    assert "There is a problem" in text
    assert "The answer that I typed" in text
    assert "The note that I typed" in text
    assert fresh(approach).reply == "none"
    assert not Response.objects.exists()


def test_files_that_a_browser_forgets_are_named(client, approach):
    page = post(client, approach, day="", documents=SimpleUploadedFile("letter.pdf", b"%PDF-1.7"))
    assert "Choose again: letter.pdf" in page.content.decode()


def test_a_full_disk_keeps_what_was_typed(client, approach, monkeypatch):
    def full(*args, **values):
        raise OSError("No space left on device")

    monkeypatch.setattr("responses.admin.log.log_reply", full)
    text = post(client, approach, text="Long words").content.decode()
    assert "The files could not be stored" in text
    assert "Long words" in text


def test_a_second_response_is_asked_about_and_a_second_click_files_nothing(client, approach):
    post(client, approach)
    page = post(client, approach)
    assert "This text is already filed for Airbus" in page.content.decode()
    page = post(client, approach, text="Another letter")
    assert "There is already a response from Airbus" in page.content.decode()
    post(client, approach, text="Another letter", further="on")
    assert Response.objects.count() == 2


def test_a_remark_that_somebody_changed_meanwhile_is_shown_before_it_is_replaced(client, approach):
    Approach.objects.filter(pk=approach.pk).update(remark="Theirs")
    page = post(client, approach, remark="Mine", **{"initial-remark": ""})
    assert "Somebody changed this meanwhile to: “Theirs”" in page.content.decode()
    assert 'name="initial-remark" value="Theirs"' in page.content.decode()
    post(client, approach, remark="Mine", **{"initial-remark": "Theirs"})
    assert fresh(approach).remark == "Mine"


def test_a_remark_left_as_it_was_overwrites_nothing(client, approach):
    Approach.objects.filter(pk=approach.pk).update(remark="Theirs")
    post(client, approach, remark="", **{"initial-remark": ""})
    assert fresh(approach).remark == "Theirs"


def test_a_company_of_another_campaign_cannot_be_covered(client, approach):
    stranger = make_invited()
    page = post(client, approach, covers=[stranger.pk])
    assert "covers" in page.context["form"].errors


def test_a_company_in_two_campaigns_is_asked_about(client, campaign, approach):
    second = make_campaign(title="Second")
    make_invited(second, company=approach.company)
    page = client.get(PAGE, {"company": approach.company_id}, follow=True)
    assert page.redirect_chain == [(f"{PAGE}?approach={approach.pk}", 302)]  # the other one is not theirs
    everybody = signed_in(make_staff(roles.LEAD))
    page = everybody.get(PAGE, {"company": approach.company_id})
    assert "which one did it answer?" in page.content.decode()
    assert len(page.context["found"]) == 2


def test_a_name_or_an_alias_finds_the_company(client, campaign):
    company = make_company("Elettronica Mangione")
    company.aliases.create(name="Elman")
    approach = make_approach(campaign, company)
    make_approach(campaign)
    page = client.get(PAGE, {"q": "elman"}, follow=True)
    assert page.redirect_chain == [(f"{PAGE}?approach={approach.pk}", 302)]
    assert "No company of your campaigns has this name." in client.get(PAGE, {"q": "zzz"}).content.decode()


def test_those_that_may_still_write_come_first(client, campaign):
    answered, waiting = reply(make_invited(campaign, listed_as="A")), make_invited(campaign, listed_as="B")
    assert client.get(PAGE).context["found"] == [waiting, answered]


def test_another_teams_company_is_not_there(client):
    stranger = make_invited()
    assert client.get(PAGE, {"approach": stranger.pk}).status_code == 404
    assert post(client, stranger).status_code == 404
    assert fresh(stranger).reply == "none"


@pytest.mark.parametrize("key", ["", "x", "0", "999999", "1 OR 1=1"])
def test_a_key_that_is_none_is_not_there(client, key):
    assert client.get(PAGE, {"approach": key}).status_code == 404


def test_nobody_without_the_permission_logs(approach):
    client = signed_in(make_staff())
    assert client.get(PAGE, {"approach": approach.pk}).status_code == 403


def test_the_page_is_kept_by_no_cache(client, approach):
    assert "no-store" in client.get(PAGE, {"approach": approach.pk}).headers["Cache-Control"]


@pytest.mark.parametrize("rows", [1, 3])
def test_both_pages_ask_as_often_for_many(client, campaign, rows, django_assert_num_queries):
    for number in range(rows):
        approach = make_invited(campaign)
        make_question(campaign, str(number))
        make_response(approach)
    make_response(approach), make_response(approach)
    make_approach(campaign)
    client.get(PAGE)
    with django_assert_num_queries(9):
        client.get(PAGE)
    with django_assert_num_queries(14):
        client.get(PAGE, {"approach": approach.pk})


def test_dates_of_a_month_stay_a_month(client, approach):
    post(client, make_approach(approach.campaign), day="2026-02")
    response = Response.objects.get()
    assert (response.received_on, response.received_stated) == (date(2026, 2, 28), "2026-02")
