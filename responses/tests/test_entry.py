import hashlib
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns import days
from campaigns.closing import close
from campaigns.models import Approach, ReminderStep
from campaigns.tests.make import (
    NOW,
    make_approach,
    make_campaign,
    make_company,
    make_invited,
    make_question,
    make_user,
    reply,
)
from responses.entry import Answered, Outcome, log_reply
from responses.models import Document, Response

pytestmark = pytest.mark.django_db
DAY = days.exactly(date(2026, 3, 9))
TEXT = "Dear all,\n\n1. We test the water\n   every week.\n\nKind regards"


def file(approach, outcome=Outcome.RESPONDED, *, text=TEXT, day=DAY, **values):
    return log_reply(approach, outcome=outcome, day=day, text=text, by=values.pop("by", None), now=NOW, **values)


def faults(approach, *args, **values):
    with pytest.raises(ValidationError) as caught:
        file(approach, *args, **values)
    return caught.value.message_dict


def fresh(approach):
    return Approach.objects.get(pk=approach.pk)


def letter(name="letter.pdf"):
    return (name, "application/pdf", SimpleUploadedFile(name, b"%PDF-1.7"))


@pytest.mark.parametrize("outcome", [one for one in Outcome if one != Outcome.MORE_TIME])
def test_every_outcome_moves_the_status_and_stops_reminders(outcome):
    campaign = make_campaign()
    ReminderStep.objects.create(campaign=campaign, anchor="after_invitation", days=30)
    approach = make_invited(campaign)
    assert approach.remind_at
    file(approach, outcome, link="https://company.example/report", answered_by="Parent Ltd")
    now = fresh(approach)
    assert (now.reply, now.reply_on, now.remind_at) == (outcome.value, date(2026, 3, 9), None)


def test_what_came_is_kept_word_for_word_as_a_draft():
    person = make_user()
    filed = file(
        make_invited(), by=person, author="The board", channel="post", language="pt", link="https://a.example/"
    )
    response = Response.objects.get()
    assert response == filed.response
    assert (response.text, response.publication, response.logged_by, response.logged_at) == (TEXT, "draft", person, NOW)
    assert (response.author, response.channel, response.language) == ("The board", "post", "pt")
    assert response.approach.events.get(kind="moved").by == person


def test_a_talk_without_writing_makes_no_response():
    filed = file(make_invited(), Outcome.ENGAGED, text="", note="Called on Monday")
    assert filed.response is None
    assert not Response.objects.exists()
    assert filed.approach.note == "Called on Monday"


def test_a_reply_of_a_planned_company_proves_the_invitation():
    approach = make_approach()
    file(approach)
    assert fresh(approach).reach == "invited"


def test_a_reply_dated_before_the_close_takes_no_response_back():
    approach = make_invited()
    close(approach.campaign, None, now=NOW)
    file(fresh(approach))
    assert fresh(approach).reply == "responded"
    assert approach.events.filter(kind="retracted").count() == 1


def test_asking_for_time_gives_it_and_plans_the_reminder_after_it():
    campaign = make_campaign()
    ReminderStep.objects.create(campaign=campaign, anchor="after_invitation", days=14)
    approach = make_invited(campaign)
    file(approach, Outcome.MORE_TIME, text="Until April, please.", more_time=days.exactly(date(2026, 4, 8)))
    now = fresh(approach)
    assert (now.reply, now.deadline, now.promised_for) == ("acknowledged", date(2026, 4, 8), date(2026, 4, 8))
    assert now.remind_at == datetime(2026, 4, 9, 9, tzinfo=UTC)


def test_asking_for_time_after_the_close_is_refused_and_nothing_is_filed():
    approach = make_invited()
    said = faults(approach, Outcome.MORE_TIME, more_time=days.exactly(date(2026, 6, 1)))
    assert "Move its closing date first" in said["outcome"][0]
    assert fresh(approach).reply == "none"
    assert not Response.objects.exists()


def test_answers_are_anchored_in_the_original_white_space_folded():
    campaign = make_campaign()
    found, split, absent = (make_question(campaign, number) for number in "123")
    answers = [
        Answered(found, "We test the water every week.", "answered"),
        Answered(split, "Dear all,\n\nKind regards"),
        Answered(absent, "Words that never came", "partly"),
    ]
    person = make_user()
    filed = file(make_invited(campaign), answers=answers, by=person)
    stored = {answer.question: answer for answer in filed.response.answers.all()}
    spans = {q: [TEXT[p.start : p.end] for p in stored[q].passages.all()] for q in (found, split, absent)}
    assert spans == {found: ["We test the water\n   every week."], split: ["Dear all,", "Kind regards"], absent: []}
    assert filed.unanchored == [absent]
    assert (stored[found].agreed, stored[found].codings.get().coder) == ("answered", person)
    assert not stored[split].codings.exists()


def test_an_answer_of_two_places_has_two_passages():
    campaign = make_campaign()
    question = make_question(campaign)
    filed = file(make_invited(campaign), answers=[Answered(question, "Kind regards\n\nDear all,")])
    assert [(p.start, p.end) for p in filed.response.answers.get().passages.all()] == [(0, 9), (48, 60)]


def test_who_answered_is_known_by_any_of_its_names_or_kept_as_written():
    parent = make_company("Hyatt")
    parent.aliases.create(name="Hyatt Hotels")
    known, unknown = make_invited(), make_invited()
    file(known, Outcome.ANSWERED_BY_OTHER, answered_by="hyatt HOTELS")
    file(unknown, Outcome.ANSWERED_BY_OTHER, answered_by="Somebody Ltd")
    assert (fresh(known).answered_by, fresh(known).answered_by_name) == (parent, "")
    assert (fresh(unknown).answered_by, fresh(unknown).answered_by_name) == (None, "Somebody Ltd")


def test_covering_others_never_sets_their_reply():
    approach = make_invited()
    other = make_invited(approach.campaign)
    filed = file(approach, covers=[other])
    assert list(filed.response.covers.all()) == [other]
    assert fresh(other).reply == "none"


def test_notes_are_added_and_the_public_remark_is_replaced():
    approach = make_invited(note="Earlier", remark="Old")
    filed = file(approach, note="Later", remark="New")
    assert (filed.approach.note, filed.approach.remark) == ("Earlier\n\nLater", "New")


def test_files_are_kept_private_unless_somebody_has_checked_them():
    person = make_user()
    file(make_invited(), documents=[letter()], by=person)
    file(make_invited(), documents=[letter()], checked=True, by=person)
    kept, checked = Document.objects.order_by("response__pk")
    assert (kept.checked_at, checked.checked_at, checked.checked_by) == (None, NOW, person)
    assert kept.sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert kept.file.read() == b"%PDF-1.7"
    assert "letter" not in kept.file.name


def test_a_failure_leaves_neither_rows_nor_files(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    approach = make_invited()

    def full(*args, **values):
        raise OSError("No space left on device")

    monkeypatch.setattr("responses.entry._move", full)
    with pytest.raises(OSError, match="No space"):
        file(approach, documents=[letter()])
    assert not Response.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("outcome", "values", "field"),
    [
        (Outcome.RESPONDED, {"text": ""}, "text"),
        (Outcome.PARTIAL, {"text": ""}, "text"),
        (Outcome.DECLINED_WITH_STATEMENT, {"text": ""}, "text"),
        (Outcome.REFERS_TO_PUBLIC, {"text": ""}, "link"),
        (Outcome.ANSWERED_BY_OTHER, {}, "answered_by"),
        (Outcome.MORE_TIME, {}, "more_time"),
        (Outcome.RESPONDED, {"day": days.exactly(date(2026, 3, 1))}, "day"),
        (Outcome.RESPONDED, {"day": days.exactly(date(2026, 3, 21))}, "outcome"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_at_its_field(outcome, values, field):
    assert list(faults(make_invited(), outcome, **values)) == [field]


def test_a_reply_is_not_older_than_the_invitation():
    said = faults(make_invited(), day=days.exactly(date(2026, 3, 1)))
    assert said == {"day": ["The reply cannot be older than the invitation (2 March 2026)"]}


def test_the_same_words_are_not_filed_twice():
    approach = make_invited()
    file(approach)
    said = faults(fresh(approach), further=True)
    assert said == {"text": [f"This text is already filed for {approach.listed_as}"]}
    assert Response.objects.count() == 1


def test_another_reply_is_kept_when_somebody_says_that_it_is_one():
    approach = make_invited()
    file(approach, text="First")
    assert list(faults(fresh(approach), text="Second")) == ["further"]
    second = file(fresh(approach), text="Second", further=True).response
    assert [response.text for response in approach.responses.all()] == ["First", "Second"]
    assert second.position == 1


def test_a_second_reply_of_the_same_kind_moves_nothing():
    approach = reply(make_invited())
    file(approach)
    assert approach.events.filter(kind="moved").count() == 1


def test_an_earlier_reply_found_late_moves_the_day_of_the_response():
    approach = reply(make_invited(), on=date(2026, 3, 15))
    file(approach)
    assert fresh(approach).reply_on == date(2026, 3, 9)


def test_a_receipt_after_an_answer_is_refused():
    approach = reply(make_invited())
    assert list(faults(approach, Outcome.ACKNOWLEDGED, text="")) == ["outcome"]
