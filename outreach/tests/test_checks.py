"""Each wrong setting is named by its id, and the right ones pass, in a process of its own: settings are read once."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import run_checks

from outreach import checks

PRODUCTION = {
    "SECRET_KEY": "a-long-secret-of-fifty-characters-0123456789-abcdefghij",
    "SITE_URL": "https://outreach.example.org",
    "DATABASE_URL": "postgres://outreach@127.0.0.1/outreach",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


def run(command, **environment):
    """Return exit code and all output of `python -c|manage.py command` with nothing but `environment` set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "VAR_DIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def check(*options, **environment):
    return run(["manage.py", "check", *options], **environment)


def test_production_settings_pass_the_deploy_check():
    assert check("--deploy", "--fail-level", "WARNING", **PRODUCTION)[0] == 0


def test_commands_run_with_just_a_database():
    assert check(DATABASE_URL="sqlite://:memory:")[0] == 0


def test_every_wrong_setting_is_named_at_once():
    code, output = check(
        DEBUG="yes",
        SITE_URL="outreach.example.org",
        DATABASE_URL="mysqlx://user@host/name",
        REDIS_URL="http://127.0.0.1",
        EMAIL_URL="bogus://mail.example.org",
        TIME_ZONE="Europe/Atlantis",
        LOG_LEVEL="LOUD",
        EXTRA_HOSTS="https://example.org,*",
        MAIL_DOMAIN="a b",
        PORT="http",
    )
    assert code == 1
    assert [number for number in [*range(1, 10), 12] if f"outreach.E{number:03}" not in output] == []
    assert "Traceback" not in output


def test_the_deploy_check_names_every_missing_variable():
    code, output = check("--deploy")
    assert code == 1
    assert [name for name in PRODUCTION if f"{name} is not set" not in output] == []


def test_the_demo_refuses_a_public_address_and_a_mail_server(tmp_path):
    demo = {"DEMO": "1", "VAR_DIR": str(tmp_path / "demo")}
    assert check(**demo)[0] == 0
    assert (tmp_path / "demo").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "demo" / "secret-key").stat().st_mode & 0o777 == 0o600
    code, output = check(**demo, SITE_URL="https://outreach.example.org", EMAIL_URL="smtp://mail.example.org")
    assert (code, "outreach.E010" in output, "outreach.E011" in output) == (1, True, True)


@pytest.mark.parametrize(
    ("wrong", "code"), [({"SECRET_KEY": ""}, "E020"), ({"EMAIL_URL": "smtps//mail.example.org"}, "E005")]
)
def test_the_site_does_not_start_with_wrong_settings(wrong, code):
    assert f"outreach.{code}" in run(["-c", "import outreach.wsgi"], **PRODUCTION | wrong)[1]


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "https://",
        "ftp://example.org",
        "https://example.org/desk",
        "https://user@example.org",
        "https://example.org:abc",
        "https://[::1",
        "https://exa mple.org",
        "https://example.org?x=1",
    ],
)
def test_a_site_url_must_be_scheme_host_and_port(settings, url):
    settings.SITE_URL = url
    assert [error.id for error in checks.site_url(None)] == ["outreach.E002"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://example.org", "http://[::1]:8000", "http://localhost"]
)
def test_a_site_url_of_every_kind_passes(settings, url):
    settings.SITE_URL = url
    assert [*checks.site_url(None)] == []


def test_a_hold_that_is_no_number_is_named(monkeypatch):
    monkeypatch.setenv("OUTREACH_HOLD", "true")
    assert [error.id for error in checks.flags(None)] == ["outreach.E001"]


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("smtp://u:p@mail.example.org", ["outreach.W001"]),
        ("smtp://u:p@localhost", []),
        ("smtp+tls://u:p@mail.example.org", []),
    ],
)
def test_a_password_in_clear_text_is_a_warning(settings, url, ids):
    settings.EMAIL_URL = url
    assert [error.id for error in checks.clear_text(None)] == ids


def test_the_tests_own_settings_are_right():
    assert run_checks(tags=["outreach"]) == []


def test_a_staging_site_does_not_start_without_saying_whom_it_may_write_to():
    code, output = check(**PRODUCTION, OUTREACH_STAGING="1")
    assert code == 1 and "outreach.E014" in output
    assert check(**PRODUCTION, OUTREACH_STAGING="1", OUTREACH_ONLY_TO="desk.example, ana@team.example")[0] == 0


def test_a_list_that_names_nobody_is_not_everybody():
    wrong = {"OUTREACH_ONLY_TO": " , ", "OUTREACH_DOMAIN_HOUR": "-1", "OUTREACH_CONNECTIONS": "0"}
    code, output = check(**PRODUCTION, **wrong, OUTREACH_STAGING="yes")
    assert code == 1 and all(f"outreach.E{number}" in output for number in ("001", "013", "014", "016"))
    assert "outreach.E015" in check(**PRODUCTION, OUTREACH_ONLY_TO="*.example.org")[1]
