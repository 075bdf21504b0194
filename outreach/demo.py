"""The demo: six campaigns, one of them living, a login for each role, and a clock that can be turned forward.

It exists only with DEMO=1, which also binds the site to this machine and lets no mail leave it (checks.py).
"""

import json
import secrets
from datetime import date, time, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from campaigns import clock, days, roles
from campaigns.campaign_file.read import read_file
from campaigns.models import Campaign, ClockOffset, Membership
from campaigns.window import Window
from correspondence import reminders
from correspondence.tick import tick
from responses.campaign_file.importing import import_tree

FILES = Path(__file__).parent / "demo_campaigns"
LIVING = "clean-rivers-demo"
ASKED_DAYS_AGO = 20
HOUR = timedelta(hours=1)
DOMAIN = "@demo.example"  # of the demo's users; example addresses can receive nothing
ROLES = {
    "researcher": roles.RESEARCHER,
    "reviewer": roles.REVIEWER,
    "lead": roles.LEAD,
    "admin": "Administrator",
}


class NoDemo(Exception):
    """The demo's data and clock are for DEMO=1 alone."""


def load(progress):
    """Load the demo once; progress is called with a line for each campaign. A second call changes nothing."""
    if not settings.DEMO:
        raise NoDemo("This is not the demo: set DEMO=1 (make run does).")
    if ClockOffset.objects.exists():
        return
    real = clock.now()
    with transaction.atomic():
        ClockOffset.objects.create(ahead=_office_hours(real) - real)
        now = clock.now()
        for path in sorted(FILES.glob("*.yaml")):
            tree = read_file(str(path))
            if tree["slug"] == LIVING:
                tree = moved(tree, days.today(now, settings.TIME_ZONE) - timedelta(days=ASKED_DAYS_AGO))
            outcome = import_tree(tree, now=now)
            if outcome.faults:
                raise NoDemo(f"{path.name}: {outcome.faults[0]}")
            progress(f"{outcome.slug}: {outcome.companies} companies")
        users = _users()
        for slug in (LIVING, "mena-surveillance-2022", "mena-surveillance-2024"):
            Membership.objects.create(campaign=Campaign.objects.get(slug=slug), user=users["researcher"])
        living = Campaign.objects.get(slug=LIVING)
        living.reminders_leave = Campaign.ReminderMode.AUTOMATIC
        living.save()
        reminders.start(living, by=users["lead"], now=clock.now())


def moved(tree, asked_on):
    """Return a campaign file's tree with all its dates moved together, so that its asking day is `asked_on`."""
    by = asked_on - date.fromisoformat(tree["asked_on"])

    def move(value):
        if isinstance(value, dict):
            return {key: move(one) for key, one in value.items()}
        if isinstance(value, list):
            return [move(one) for one in value]
        try:
            return str(date.fromisoformat(value) + by) if len(value) == 10 else value
        except ValueError:
            return value

    return move(tree)


def _office_hours(now):
    """A minute after mail leaves in the morning, or now: a reminder is due whenever the demo is first started."""
    opens = Window(settings.TIME_ZONE, "", time(9), time(15)).next_opening(now)
    return now if opens == now else opens + timedelta(minutes=1)


def _users():
    passwords = _passwords()
    users = {}
    for name, role in ROLES.items():
        user, _ = get_user_model().objects.get_or_create(
            username=name, defaults={"email": name + DOMAIN, "is_staff": True, "is_superuser": name == "admin"}
        )
        user.set_password(passwords[name])
        user.save()
        if name != "admin":
            user.groups.add(Group.objects.get(name=role))
        users[name] = user
    return users


def _passwords():
    """The demo's passwords, made once for this machine and kept where only its owner reads."""
    path = settings.VAR_DIR / "logins.json"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: secrets.token_urlsafe(9) for name in ROLES}))
    return json.loads(path.read_text())


def logins():
    """Return [(role, username, password)] of the demo."""
    passwords = _passwords()
    return [(role, name, passwords[name]) for name, role in ROLES.items()]


def demo_users_exist():
    """Say whether the database holds users of the demo, whose passwords lie in a file."""
    return get_user_model().objects.filter(email__endswith=DOMAIN).exists()


def turn_clock(hours):
    """Turn the demo's clock forward hour by hour, ringing it each time as the worker would; return what happened.

    returns a list of sentences, one for each hour in which something was written or sent
    """
    if not settings.DEMO:
        raise NoDemo("Only the demo's clock can be turned: set DEMO=1 (make run does).")
    happened = []
    for _hour in range(hours):
        with transaction.atomic():
            row = ClockOffset.objects.select_for_update().get(pk=1)
            row.ahead += HOUR
            row.save()
        now = clock.now()
        for line in tick(now).lines():
            happened.append(f"{now:%Y-%m-%d %H:%M}  {line}")
    return happened
