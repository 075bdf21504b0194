"""A pytest plugin, loaded before the settings: tests run as a production site would, with their own secret."""

import io
import os
import tempfile

import pytest

os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)
os.environ.setdefault("SITE_URL", "https://outreach.test")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="outreach-tests-"))
os.makedirs(os.path.join(os.environ["VAR_DIR"], "static"), exist_ok=True)  # WhiteNoise warns of a missing folder
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.pop("DEMO", None)


@pytest.hookimpl(trylast=True)
def pytest_configure():
    """Compile the catalogues that changed, so that tests see today's words; make people in no time."""
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes 0.4 s a person

    call_command("compile_po", stdout=io.StringIO())


@pytest.fixture(autouse=True)
def in_english():
    """Begin every test in English: a page that a test fetched leaves its language behind."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_kept():
    """Begin every test without pages that an earlier one rendered."""
    from django.core.cache import cache

    cache.clear()
