from hypothesis import given
from hypothesis import strategies as st

from responses.redacting import Piece, pieces, pieces_of_copy

TEXT = "Call +44 20 7946 0000, ask for Priya. اتصلوا بنا 😀."
PHONE = (TEXT.index("+44"), TEXT.index(","), "telephone number removed")


def said(found):
    return "".join(f"[{piece.words}]" if piece.removed else piece.words for piece in found)


def test_a_removal_shows_its_label_in_its_place():
    assert said(pieces(TEXT, [PHONE])) == "Call [telephone number removed], ask for Priya. اتصلوا بنا 😀."


def test_without_removals_the_text_is_untouched():
    assert pieces(TEXT, []) == [Piece(TEXT)]


def test_a_copy_loses_what_the_original_lost_however_its_spaces_fall():
    copy = "ASK: Call +44 20\n7946  0000 now"
    assert said(pieces_of_copy(copy, TEXT, [PHONE])) == "ASK: Call [telephone number removed] now"


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(1, 20), st.just("removed")), max_size=5),
)
def test_no_removed_letter_is_shown_and_every_other_one_is(text, wanted):
    cuts = [(start, start + length, label) for start, length, label in wanted]
    kept = "".join(c for at, c in enumerate(text) if not any(start <= at < end for start, end, _label in cuts))
    assert "".join(piece.words for piece in pieces(text, cuts) if not piece.removed) == kept
