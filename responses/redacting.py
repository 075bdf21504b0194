"""A response's words as readers see them: unedited, except that each marked removal shows its label in its place."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Words as they came, or (where `removed`) the label that stands instead of some."""

    words: str
    removed: bool = False


_GAP = Piece(" […] ")


def cuts_of(response):
    """Return what was removed from a response: (start, end, label) in code points of its original."""
    return [(cut.start, cut.end, cut.label) for cut in response.redactions.all()]


def pieces(text, redactions):
    """Return the Pieces of an original.

    text        the original
    redactions  (start, end, label) in code points of it, end excluded; where they overlap, the first one's label stands
    """
    found, at = [], 0
    for start, end, label in sorted(redactions):
        if start > at:
            found.append(Piece(text[at:start]))
        if end > at:
            if start >= at:
                found.append(Piece(label, removed=True))
            at = end
    if at < len(text):
        found.append(Piece(text[at:]))
    return found


def pieces_of_copy(copy, text, redactions):
    """Return the Pieces of a copy of parts of the original: an answer, a translation, the text version of a file.

    What was removed from the original is removed from the copy wherever it stands there, however its spaces fall.
    """
    removed = [(text[start:end].split(), label) for start, end, label in redactions]
    marks = []
    for words, label in removed:
        if words:
            pattern = r"\s+".join(map(re.escape, words))
            marks += [(match.start(), match.end(), label) for match in re.finditer(pattern, copy, re.IGNORECASE)]
    return pieces(copy, marks)


def pieces_of_answer(answer, text, redactions):
    """Return the Pieces of an answer: of the original where its passages are known, else of its copy."""
    passages = list(answer.passages.all())
    if not passages:
        return pieces_of_copy(answer.text, text, redactions)
    found = []
    for passage in passages:
        inside = [
            (max(start, passage.start) - passage.start, min(end, passage.end) - passage.start, label)
            for start, end, label in redactions
            if start < passage.end and end > passage.start
        ]
        found += [_GAP] * bool(found) + pieces(text[passage.start : passage.end], inside)
    return found


def plain(found):
    """Return Pieces as one text for files, with each label in brackets."""
    return "".join(f"[{piece.words}]" if piece.removed else piece.words for piece in found)
