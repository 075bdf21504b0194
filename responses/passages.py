"""Where the words of an answer stand in the original, white space aside."""

import re


def find(original, words):
    """Return (start, end) of `words` in `original` in code points, or None; runs of white space count as one space."""
    parts = words.split()
    if not parts:
        return None
    found = re.search(r"\s+".join(map(re.escape, parts)), original)
    return found.span() if found else None
