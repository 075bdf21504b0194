import pytest
from django.db import connection

from campaigns.tests.make import NOW, make_user
from correspondence import control, generation, outbox
from correspondence.models import Control

from .fakes import FakeRelay
from .make import queue_invitations

pytestmark = pytest.mark.django_db


def sweep():
    return outbox.sweep(NOW, way_out=FakeRelay())


def test_a_restored_database_sends_nothing_until_a_person_releases_it(monkeypatch):
    queue_invitations()  # an approval is enough: no worker has run yet
    monkeypatch.setattr(generation, "current", lambda: "another")
    assert sweep() == {"held": 1} and "restored" in control.row().held_because
    assert sweep() == {"held": 1}
    control.release(by=make_user(), now=NOW)
    assert sweep() == {"sent": 1}
    monkeypatch.undo()
    assert control.stopped(NOW)


def test_a_first_start_holds_nothing():
    assert not Control.objects.exists() and control.stopped(NOW) == ""
    assert control.row().generation == generation.current()


def test_the_mark_stays_while_the_database_is_the_same_and_not_when_it_is_copied(tmp_path):
    mark = generation.current()
    queue_invitations()
    assert generation.current() == mark
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # as pg_restore does: the same rows in a new table
            cursor.execute("ALTER TABLE correspondence_message RENAME TO before")
            cursor.execute("CREATE TABLE correspondence_message AS SELECT * FROM before")
    else:
        connection.settings_dict["NAME"], real = str(tmp_path / "copy"), connection.settings_dict["NAME"]
        (tmp_path / "copy").touch()
    try:
        assert generation.current() != mark
    finally:
        if connection.vendor != "postgresql":
            connection.settings_dict["NAME"] = real
