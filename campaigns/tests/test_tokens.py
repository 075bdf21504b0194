from hypothesis import given
from hypothesis import strategies as st

from campaigns.tokens import ALPHABET, new_id, new_reply_token, read_reply_token


@given(st.data())
def test_a_mangled_token_is_read(data):
    token = new_reply_token()
    mangled = "".join(data.draw(st.sampled_from([c, c.upper(), {"0": "o", "1": "l"}.get(c, c)])) for c in token)
    place = data.draw(st.integers(0, len(token)))
    assert (
        read_reply_token(mangled[:place] + data.draw(st.sampled_from(["", "-", " ", "."])) + mangled[place:]) == token
    )


@given(st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(place, letter):
    token = new_reply_token()
    wrong = token[:place] + letter + token[place + 1 :]
    assert read_reply_token(wrong) == (token if wrong == token else None)


def test_other_text_is_no_token():
    assert read_reply_token("") is None
    assert read_reply_token("u" * 18) is None
    assert len({new_id() for _ in range(100)}) == 100
