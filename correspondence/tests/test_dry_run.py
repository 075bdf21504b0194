from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from campaigns import clock
from campaigns.models import Campaign
from campaigns.tests.make import NOW, make_invited, make_user
from correspondence import control, dry_run
from correspondence.models import Message

from .make import make_sending_campaign, make_step, queue, queue_invitations

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def everything():
    """Return all rows of our own tables."""
    ours = [apps.get_app_config(app) for app in ("campaigns", "companies", "correspondence")]
    return {model: list(model.objects.order_by("pk").values()) for app in ours for model in app.get_models()}


def due():
    """Two invitations, a reminder that is not written yet, and one mail of a paused campaign."""
    queue_invitations(2)
    campaign, _none = make_sending_campaign(0, reminders_leave=Campaign.ReminderMode.AUTOMATIC)
    make_step(campaign, 18)  # after 2 March
    make_invited(campaign)
    paused, _none = make_sending_campaign(0, paused_at=NOW)
    queue(make_invited(paused), "reminder:1", "reminder")
    control.row()


def test_what_would_leave_is_written_to_a_folder_and_no_row_changes(tmp_path):
    due()
    before = everything()
    held, lines = dry_run.rehearse(LATER, tmp_path / "look")
    assert everything() == before and not held
    written = {path.name: path.read_bytes() for path in (tmp_path / "look").glob("*.eml")}
    assert len(lines) == 4 and sorted(line.name for line in lines if line.name) == sorted(written)
    assert {bytes(message.mime) for message in Message.objects.filter(step="invitation")} < set(written.values())
    [waits] = [line for line in lines if not line.name]
    assert waits.what == "would wait: The company or the campaign is on hold."
    assert len((tmp_path / "look" / "list.txt").read_text().splitlines()) == 5
    assert (tmp_path / "look").stat().st_mode & 0o777 == 0o700


def test_it_shows_what_a_release_would_let_go_and_releases_nothing(tmp_path):
    due()
    control.hold("Let me look.", by=make_user(), now=NOW)
    before = everything()
    held, lines = dry_run.rehearse(LATER, tmp_path / "look")
    assert held == "Let me look." and sum(bool(line.name) for line in lines) == 3
    assert everything() == before


def test_the_setting_holds_it_too(tmp_path, settings):
    due()
    settings.OUTREACH_HOLD = True
    _held, lines = dry_run.rehearse(LATER, tmp_path / "look")
    assert not any(line.name for line in lines)


def test_a_limit_is_seen_in_it(tmp_path, settings):
    settings.OUTREACH_DOMAIN_HOUR = 2
    queue_invitations(3)
    _held, lines = dry_run.rehearse(LATER, tmp_path / "look")
    assert sorted(line.what for line in lines)[1:] == [
        "would leave",
        "would wait: At most 2 mails an hour go to company.example.",
    ]


def test_the_command(tmp_path, capsys, monkeypatch, settings):
    monkeypatch.setattr(clock, "real_now", lambda: LATER)
    settings.VAR_DIR = tmp_path
    due()
    call_command("tick", "--dry-run")
    assert "3 would leave, 1 would not: " in capsys.readouterr().out
    assert (tmp_path / "dry-run" / "20260320-130000" / "list.txt").exists()
    with pytest.raises(CommandError, match="not empty"):
        call_command("tick", "--dry-run", "--to", str(tmp_path / "dry-run"))
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
