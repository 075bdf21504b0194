import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from campaigns.models import Question

from .make import NOW, make_approach, make_campaign, make_invited, make_question

pytestmark = pytest.mark.django_db


def test_a_question_is_locked_once_it_was_asked():
    campaign = make_campaign()
    question = make_question(campaign)
    make_approach(campaign)
    question.text = "Before anybody was asked?"
    question.save()
    make_invited(campaign)
    question.text = "Afterwards?"
    with pytest.raises(ValidationError):
        question.save()
    with pytest.raises(ValidationError):
        question.delete()
    question.refresh_from_db()
    question.label = "Short"
    question.save()
    assert question.text == "Before anybody was asked?"


def test_a_number_is_used_once_among_the_current():
    campaign = make_campaign()
    old = make_question(campaign, "1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_question(campaign, "1")
    Question.objects.filter(pk=old.pk).update(replaced_at=NOW)
    assert make_question(campaign, "1", replaces=old).replaces == old
