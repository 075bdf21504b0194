"""Which database this is: a mark that its backup cannot carry, so that a restored one is known for what it is.

In PostgreSQL it is made of the cluster's identifier, its timeline and the number of the table of mails: a dump that is
read back gives the table another number, a recovery from an archive and a promoted replica begin another timeline,
another server has another identifier. Every worker on every machine reads the same. A copy of the server's files, or of
its machine, carries the mark with it, and an SQLite file that is written over keeps it: see deploy/README.md.
"""

from pathlib import Path

from django.db import connection

from .models import Message

_MARK = """
SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
  left(pg_walfile_name(pg_current_wal_lsn()), 8), %s::regclass::oid)"""


def current():
    """Return the mark of the database that is connected; in SQLite that of its file."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [Message._meta.db_table])
            return cursor.fetchone()[0]
    file = Path(connection.settings_dict["NAME"])
    return f"file/{file.stat().st_ino}" if file.exists() else "memory"
