from campaigns.models.question import LETTER_OUT
from correspondence.models import State


def test_letters_that_are_out_are_states_of_a_message():
    assert set(LETTER_OUT) < set(State.values)
    assert set(State.values) - set(LETTER_OUT) == {"proposed", "failed", "cancelled", "received", "logged"}
