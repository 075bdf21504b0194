import logging
from datetime import timedelta

import pytest

from campaigns import nightly, tasks
from campaigns.models import Approach, Daily, SpreadsheetImport
from campaigns.status import Reply

from .make import NOW, make_approach, make_campaign, make_invited, make_user, reply

pytestmark = pytest.mark.django_db


def test_what_the_events_say_is_no_mismatch():
    campaign = make_campaign()
    make_approach(campaign)
    reply(make_invited(campaign), Reply.PARTIAL)
    assert nightly.mismatches() == []
    assert campaign.count.responded == 1


def test_a_status_that_no_event_explains_is_logged(caplog):
    approach = make_invited()
    Approach.objects.update(reach="planned", remind_at=None, next_step="")
    with caplog.at_level(logging.ERROR):
        [(found, stored, computed)] = nightly.mismatches()
    assert (found, stored[0], computed[0]) == (approach, "planned", "invited")
    assert str(approach) in caplog.text


def corrupted():
    approach = make_invited()
    Approach.objects.filter(pk=approach.pk).update(reach="planned", remind_at=None, next_step="")
    return approach


def test_what_the_check_found_is_kept_until_a_check_finds_nothing():
    approach = corrupted()
    nightly.check(NOW)
    row = Daily.objects.get()
    assert (row.number, row.found, row.day) == (1, [[approach.pk, str(approach)]], NOW.date())
    assert [one.pk for one in nightly.mend(now=NOW)] == [approach.pk]
    row.refresh_from_db()
    approach.refresh_from_db()
    assert (row.number, row.found, approach.reach) == (0, [], "invited")
    assert nightly.mend(now=NOW) == []


def test_it_is_made_once_a_night_by_whichever_clock_and_made_up_for_in_the_morning():
    corrupted()
    nightly.work_once(NOW.replace(hour=1))
    assert not Daily.objects.exists()
    nightly.work_once(NOW.replace(hour=9))
    Daily.objects.update(number=7)
    nightly.work_once(NOW.replace(hour=10))
    assert Daily.objects.get().number == 7
    nightly.work_once(NOW.replace(hour=3) + timedelta(days=1))
    assert Daily.objects.get().number == 1


def test_the_task_checks_deletes_what_nobody_imported_and_may_run_twice(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)
    approach = corrupted()
    sheet = {"campaign": approach.campaign, "rows": [["Company"]], "columns": ["company"], "made_by": make_user()}
    SpreadsheetImport.objects.create(**sheet, made_at=NOW - timedelta(days=8))
    tasks.nightly()
    tasks.nightly()
    assert Daily.objects.get().number == 1 and not SpreadsheetImport.objects.exists()
