"""What every test shares: on SQLite a database in a file, so that the processes which some tests start see it too."""

import pytest
from django.conf import settings
from django.db import connections


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(settings.VAR_DIR / "tests.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let Django find out whether SQLite knows JSON, which it asks once per connection: tests count queries."""
    with django_db_blocker.unblock():
        assert connections["default"].features.supports_json_field
