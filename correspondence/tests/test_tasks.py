"""Celery's tasks: hints that may come twice or never; time and retries are the database's."""

from datetime import date

import pytest
from celery import current_app as app
from django.conf import settings

from campaigns.models import Approach, Daily, Event
from campaigns.status import Reply
from campaigns.tests.make import NOW, make_campaign, make_invited
from campaigns.tests.staff import make_staff
from correspondence import tasks
from correspondence.models import Control, Message, State

from .make import make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)  # leases go by real time
    settings.MAIL_DIR = tmp_path


@pytest.fixture
def handed_out(monkeypatch):
    """The names of the tasks that were handed to the broker."""
    names = []
    for name in ("schedule_steps", "sweep_mail", "write_to_staff", "nightly"):
        monkeypatch.setattr(getattr(tasks, name), "delay", lambda name=name: names.append(name))
    return names


def due_reminder(**values):
    campaign, _approaches = make_sending_campaign(1, **values)
    make_step(campaign, 7)
    invited = make_invited(campaign)
    Approach.objects.filter(pk=invited.pk).update(remind_at=NOW, next_step=campaign.steps.get().key)
    return invited


def test_a_tick_hands_out_the_work_and_does_none(handed_out):
    due_reminder()
    tasks.tick()
    tasks.tick()
    assert handed_out == ["schedule_steps", "sweep_mail", "write_to_staff", "nightly"] * 2
    assert not Message.objects.exists() and Control.objects.get().last_tick_at == NOW


def test_steps_are_written_once_however_often_it_comes(handed_out):
    due_reminder()
    make_campaign(closes_by_itself=True, closes_on=date(2026, 3, 19), deadline=None)
    for _each in range(3):
        tasks.schedule_steps()
    assert Message.objects.get().state == State.PROPOSED and handed_out == ["sweep_mail"]


def test_a_campaign_that_closes_by_itself_is_closed_once(handed_out):
    campaign = make_campaign(closes_by_itself=True, closes_on=date(2026, 3, 19), deadline=None)
    approach = make_invited(campaign)
    tasks.schedule_steps()
    tasks.schedule_steps()
    approach.refresh_from_db()
    assert approach.reply == Reply.SILENT and Event.objects.filter(after=Reply.SILENT).count() == 1


def test_mail_is_sent_once_however_often_it_comes(tmp_path):
    _campaign, [approach] = make_sending_campaign(1)
    queue(approach)
    tasks.sweep_mail()
    tasks.sweep_mail()
    assert Message.objects.get().state == State.SENT
    assert len(list(tmp_path.rglob("*.eml"))) == 1


def test_staff_are_written_to_once_however_often_it_comes():
    campaign = make_campaign(deadline=date(2026, 3, 10))
    make_staff(None, campaign, email="ana@desk.example")
    make_invited(campaign)
    Daily.objects.create(name="check", day=NOW.date(), at=NOW, number=1, found=[[1, "Airbus"]])
    make_staff(is_superuser=True, email="boss@desk.example")
    tasks.write_to_staff()
    tasks.write_to_staff()
    assert sorted(step.split(":")[1] for step in Message.objects.values_list("step", flat=True)) == ["check", "digest"]


def test_what_beat_rings_exists_and_expires_before_it_rings_again():
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks and 0 < entry["options"]["expires"] < entry["schedule"]


def test_no_task_leaves_time_or_retries_to_the_broker():
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.startswith(("campaigns.", "correspondence."))]
    assert len(ours) >= 5
    for task in ours:
        assert not getattr(task, "autoretry_for", ()) and not task.acks_late and task.ignore_result, task.name
