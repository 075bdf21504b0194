"""Random public ids: 32 letters and digits that nobody mixes up (no i, l, o, u)."""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_id():
    """Return a public id of 50 random bits, such as a response's."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def new_reply_token():
    """Return 16 random characters (80 bits) and two check characters, for an approach's reply address."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return letters + _check(letters)


def read_reply_token(text):
    """Return the token that `text` means, however people or machines mangled it, or None."""
    plain = "".join(c for c in text.lower().translate(_MISREAD) if c.isalnum())
    if len(plain) != 18 or set(plain) - set(ALPHABET):
        return None
    return plain if _check(plain[:16]) == plain[16:] else None


def _check(letters):
    total = 0
    for letter in letters:
        total = (total * 33 + ALPHABET.index(letter) + 1) % 1021  # a prime just under 32 * 32
    return ALPHABET[total // 32] + ALPHABET[total % 32]
