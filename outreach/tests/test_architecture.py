"""The rules of docs/architecture.md hold here, and each is shown to fail where it is broken."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from . import architecture as house

ROOT = Path(settings.BASE_DIR)
PLANTED = [
    (house.public_doors_import_no_correspondence, "campaigns/views.py", "from correspondence.models import Message"),
    (house.public_doors_import_no_correspondence, "responses/feeds.py", "def f():\n    import correspondence.outbox"),
    (house.public_doors_import_no_correspondence, "responses/views/pages.py", "from correspondence import letters"),
    (house.public_doors_ask_public, "campaigns/views.py", "rows = Campaign.objects.filter(pk=1)"),
    (house.public_doors_ask_public, "responses/feeds.py", "rows = get(Response.objects)"),
    (house.public_doors_ask_public, "companies/views.py", "rows = Company._default_manager.all()"),
    (house.no_vague_modules, "campaigns/utils.py", ""),
    (house.no_vague_modules, "responses/helpers/text.py", ""),
    (house.only_the_outbox_sends, "responses/admin.py", "from django.core.mail import send_mail"),
    (house.only_the_outbox_sends, "correspondence/tasks.py", "from django.core import mail"),
    (house.only_the_outbox_sends, "campaigns/tasks.py", "def f():\n    import smtplib"),
    (house.only_the_outbox_sends, "correspondence/compose.py", "from django.core.mail import send_mail"),
    (house.only_the_outbox_sends, "correspondence/compose.py", "EmailMessage().send()"),
    (house.no_long_modules, "companies/models.py", "a = 1\n" * 301),
    (house.time_and_retries_stay_in_the_database, "correspondence/tasks.py", "send.apply_async([1])"),
    (house.time_and_retries_stay_in_the_database, "correspondence/tasks.py", "send.signature(countdown=5)"),
    (house.time_and_retries_stay_in_the_database, "correspondence/tasks.py", "send.signature(eta=now)"),
    (house.time_and_retries_stay_in_the_database, "campaigns/tasks.py", "self.retry()"),
    (house.words_can_be_gathered, "campaigns/roles.py", "said = f\"{name}, {_('has left')}\""),
    (house.no_inline_styles, "templates/a.html", '<p class="b"\n   style="color: red">'),
    (house.no_inline_styles, "campaigns/templates/a.html", "<style>p {}</style>"),
    (house.no_inline_scripts, "templates/a.html", "<script>alert(1)</script>"),
    (house.no_inline_scripts, "templates/a.html", '<a href="/" onclick="go()">'),
    (house.no_inline_scripts, "templates/a.html", '<a hx-on:click="go()">'),
    (house.no_inline_scripts, "templates/a.html", '<a{% if n > 1 %} onclick="go()"{% endif %}>'),
    (house.nothing_is_declared_safe, "templates/a.html", "{{ text|safe }}"),
    (house.nothing_is_declared_safe, "templates/a.html", "{% autoescape off %}"),
    (house.nothing_from_elsewhere, "templates/a.html", '<script src="https://cdn.example.org/a.js"></script>'),
    (house.nothing_from_elsewhere, "templates/a.html", '<link rel="stylesheet" href="//cdn.example.org/a.css">'),
]
HARMLESS = {
    "campaigns/views.py": "rows = Campaign.objects.public().filter(pk=1)\nfrom responses import correspondence_notes",
    "campaigns/admin.py": "rows = Campaign.objects.all()",
    "campaigns/labels.py": "said = f\"{name}: \" + _('has left')",
    "campaigns/tests/test_views.py": "import smtplib\nrows = Campaign.objects.all()",
    "campaigns/migrations/0001_initial.py": "a = 1\n" * 400,
    "correspondence/outbox.py": "from django.core import mail",
    "correspondence/compose.py": "from django.core.mail import EmailMultiAlternatives",
    "correspondence/relay_smtp.py": "import smtplib",
    "correspondence/tasks.py": "send.delay(1)",
    "templates/a.html": '<p class="style" data-style="a">safe |safely</p><script src="/static/a.js" defer></script>'
    "<a{% if one == two %} href='?n={{ on }}'{% endif %}>",
}


def plant(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds_here(rule):
    assert house.violations(rule, ROOT) == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_violation_is_found(tmp_path, rule, path, text):
    plant(tmp_path, {path: text})
    [fault] = house.violations(rule, tmp_path)
    assert fault.startswith(f"{path}:")


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_what_is_allowed_is_not_found(tmp_path, rule):
    plant(tmp_path, HARMLESS)
    assert house.violations(rule, tmp_path) == []


@pytest.mark.parametrize(
    "chain",
    [
        {"campaigns/views.py": "from . import pages", "campaigns/pages.py": "rows = Campaign.objects.filter(pk=1)"},
        {
            "responses/views.py": "from campaigns.rows import rows",
            "campaigns/rows.py": "def rows():\n    from .inner import deep",
            "campaigns/inner/__init__.py": "",
            "campaigns/inner/deep.py": "rows = Event.objects.filter(pk=1)",
        },
        {"responses/portal.py": "from .pages import rows", "responses/pages.py": "rows = Response.objects.all()"},
    ],
)
def test_a_public_door_that_asks_through_another_module_is_found(tmp_path, chain):
    plant(tmp_path, chain)
    [fault] = house.violations(house.public_doors_ask_public, tmp_path)
    assert fault.startswith(f"{list(chain)[-1]}:") and ".objects without .public()" in fault


def test_models_and_staff_pages_may_read_all(tmp_path):
    unasked = "rows = Campaign.objects.all()"
    plant(tmp_path, {"campaigns/views.py": "from .models import Campaign\nfrom .admin import x"})
    plant(
        tmp_path, {"campaigns/models/__init__.py": unasked, "campaigns/admin.py": unasked, "campaigns/acts.py": unasked}
    )
    assert house.violations(house.public_doors_ask_public, tmp_path) == []


def test_every_exception_is_needed(monkeypatch):
    allowed = house.NOT_ASKED
    monkeypatch.setattr(house, "NOT_ASKED", {})
    needed = {}
    for fault in house.violations(house.public_doors_ask_public, ROOT):
        place, _, read = fault.partition(" ")
        needed.setdefault(place.rpartition(":")[0], set()).add(read.partition(".objects")[0])
    assert {name: set(reads) for name, reads in allowed.items()} == needed


def test_every_rule_has_a_planted_violation():
    assert {rule for rule, _, _ in PLANTED} == set(house.RULES)


def lint_imports(root):
    """Run import-linter on `root` with this project's contract; return exit code and text."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_imports_point_down():
    code, text = lint_imports(ROOT)
    assert code == 0, text


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("companies", "campaigns"),
        ("campaigns", "correspondence"),
        ("correspondence", "responses"),
        ("responses", "outreach"),
    ],
)
def test_an_import_that_points_up_is_found(tmp_path, below, above):
    plant(tmp_path, {f"{app}/__init__.py": "" for app in house.APPS})
    plant(tmp_path, {"pyproject.toml": (ROOT / "pyproject.toml").read_text(), f"{above}/models.py": ""})
    assert lint_imports(tmp_path)[0] == 0
    plant(tmp_path, {f"{below}/verbs.py": f"def f():\n    from {above} import models"})
    code, text = lint_imports(tmp_path)
    assert (code, f"{below}.verbs -> {above}.models" in text) == (1, True), text
