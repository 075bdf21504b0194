"""A mail's bytes: what the standard library writes, in half its time, which is most of the time of making a mail."""

import re
import secrets
from email.generator import BytesGenerator
from email.policy import Compat32
from email.utils import parseaddr
from io import BytesIO


class Plain(Compat32):
    """Folds no header that fits into its line: the standard library takes each apart and puts it together again."""

    def fold_binary(self, name, value):
        plain = isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip() != ""
        if plain and len(name) + len(value) < 76:
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


_PLAIN = Plain(linesep="\r\n")


def to_bytes(message):
    """Return the bytes of an email.message.Message, with CRLF.

    Boundaries are given here: the standard library searches all text for each that it makes. They begin with "=_",
    which neither quoted-printable nor base64 can have, and are too long to be met by chance in any other text.
    """
    for part in message.walk():
        if part.is_multipart():
            part.set_boundary(f"=_{secrets.token_hex(16)}")
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_PLAIN).flatten(message)
    return written.getvalue()


def envelope_sender(mime):
    """Return the address in a mail's From header (bytes with CRLF)."""
    head = mime.partition(b"\r\n\r\n")[0]
    found = re.search(rb"^From:[ \t]*((?:[^\r\n]|\r\n[ \t])*)", head, re.MULTILINE | re.IGNORECASE)
    return parseaddr(re.sub(r"\r\n[ \t]", " ", found[1].decode("ascii", "replace")))[1] if found else ""
