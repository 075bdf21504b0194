"""How a line of the log is written: an error says where it happened, and repeats no value of the database.

A database names the row that it refuses, with addresses and notes ("DETAIL: Key (email)=(ana@...)"), and Python's own
formatter would write that down.
"""

import logging
from traceback import format_tb

from django.db import Error


class Line(logging.Formatter):
    def formatException(self, info):
        """Return the tracebacks of an error and of those that it came from, the first one first."""
        chain, error = [], info[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\n".join(map(_told, reversed(chain)))


def _told(error):
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    where = "".join(format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{where}{name}: {_words(error)}"


def _words(error):
    """Return what an error says; of the database's only which rule was broken."""
    text = str(error)
    if isinstance(error, Error) or type(error).__module__.startswith(("psycopg", "sqlite3")):
        broke_a_rule = "IntegrityError" in {one.__name__ for one in type(error).__mro__}
        return text.partition("\n")[0] if broke_a_rule else "(what it says is not logged)"
    return text
