"""How settings.py reads what people write into environment variables: usable values only, and no exception.

Each function has a twin in checks.py that says what is wrong with the value.
"""

import logging
import secrets
import zoneinfo
from urllib.parse import urlsplit

import dj_database_url

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
NO_DATABASE = {"ENGINE": "django.db.backends.dummy"}


def split_url(url):
    """Return `url` in its parts; parts without a host when it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:  # a port that is no number, a bracket that is not closed
        return urlsplit("")


def database(url):
    """Return Django's dictionary for a DATABASE_URL, or one that refuses every query."""
    try:
        return dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except ValueError:  # an unknown scheme, a port that is no number
        return dict(NO_DATABASE)


def port(text):
    """Return a TCP port's number; 8000 for anything else."""
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else 8000


def number(text, default):
    """Return a whole number from 0 on; `default` for anything else."""
    return int(text) if text.isdecimal() else default


def allow_list(text, staging):
    """Return the set of addresses and domains (lower case) that may be written to, or None: everybody.

    text  with commas; staging  whether an empty text means nobody
    """
    if not text and not staging:
        return None
    return frozenset(one.strip().lower().removeprefix("@") for one in text.split(",") if one.strip())


def time_zone(name):
    """Return `name` if it is a zone of the tz database, else UTC."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder, such as "Europe"
        return "UTC"
    return name


def log_level(name):
    """Return a level's name as logging knows it; INFO for anything else."""
    return name.upper() if name.upper() in LOG_LEVELS else logging.getLevelName(logging.INFO)


def made_once(path):
    """Return the secret in file `path`, made at the first call; only their owner reads file and folder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
