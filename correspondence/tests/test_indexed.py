"""F21, the part that needs no night: no statement of a tick reads a table whole that grows with history."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Approach, Campaign, Event
from campaigns.tests.make import NOW, make_invited
from companies.models import Contact
from correspondence import control
from correspondence.models import Message, Recipient
from correspondence.tick import tick

from .make import make_sending_campaign, make_step, queue_invitations

pytestmark = pytest.mark.django_db
GROWING = [model._meta.db_table for model in (Message, Recipient, Event, Approach, Contact)]
SHORT = ("message_due", "message_leased", "approach_due")  # indexes that hold only what waits


def plan_of(sql):
    """Return the lines of the database's plan in which it reads a whole growing table, or a whole index of one."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}", [])
            lines = [row[3] for row in cursor.fetchall() if row[3].startswith("SCAN")]
        else:
            cursor.execute(f"EXPLAIN {sql}")
            lines = [row[0] for row in cursor.fetchall() if "Seq Scan" in row[0]]
    return [line for line in lines if any(table in line for table in GROWING) and not any(one in line for one in SHORT)]


def test_no_statement_of_a_tick_reads_a_growing_table_whole(settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    queue_invitations(3)
    campaign, _none = make_sending_campaign(0, reminders_leave=Campaign.ReminderMode.AUTOMATIC)
    make_step(campaign, 18)
    make_invited(campaign)
    control.row()
    with CaptureQueriesContext(connection) as queries:
        done = tick(NOW)
    assert done.swept["sent"] and done.planned["written"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # small tables are read whole whatever index there is
    whole = {}
    for query in queries:
        if re.match(r"SELECT|UPDATE|DELETE|WITH", query["sql"]) and (lines := plan_of(query["sql"])):
            whole[query["sql"][:400]] = lines
    assert whole == {}
