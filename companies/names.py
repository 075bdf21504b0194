"""One way to tell whether two names mean the same company: case, accents and letter forms do not count."""

import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, and Arabic forms that writers use for one another.
_SAME = str.maketrans({
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": None,
})  # fmt: skip


@lru_cache(maxsize=65536)
def fold(name):
    """Return `name` for comparison: letters apart from their marks, no case, single spaces.

    >>> fold("  Grünbach  FÄRBEREI ")
    'grunbach farberei'
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_SAME))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def slug_for(name, taken, otherwise="company"):
    """Return a slug for `name` that `taken(slug)` says is free; `otherwise` where no Latin letter is left."""
    from django.utils.text import slugify

    base = slugify(fold(name))[:60].strip("-") or otherwise
    slug, number = base, 1
    while taken(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug
