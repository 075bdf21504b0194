"""A process on a database of its own, which DATABASE_URL names: python -m correspondence.tests.party VERB ...

prepare MAILS   migrate; a public campaign with so many approved invitations that are due
more MAILS      another such campaign, on a database that is migrated
send PORT       be a worker: sweep, whatever the database does, until every mail is at rest
states          print {state: number} and the Message-IDs of what is marked as sent
"""

import json
import logging
import sys
import time
from datetime import date, timedelta

import django


def prepare(mails):
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    queue(mails, "party")


def queue(mails, slug):
    from campaigns import clock
    from correspondence.tests.make import queue_invitations

    queue_invitations(mails, now=clock.now(), slug=slug, closes_on=date(2099, 1, 1), deadline=date(2098, 1, 1))


def more(mails):
    from campaigns.models import Campaign

    queue(mails, f"party-{Campaign.objects.count()}")


def send(port):
    from django.db import Error, connections

    from campaigns import clock
    from correspondence import claims, outbox, relay
    from correspondence.models import Message
    from correspondence.relay_url import Relay

    logging.disable()
    claims.LEASE = timedelta(seconds=3)
    while True:
        try:
            outbox.sweep(clock.now(), way_out=relay.SmtpRelay(Relay("smtp", "127.0.0.1", port)), seconds=5)
            if not Message.objects.filter(state__in=["queued", "leased", "data"]).exists():
                return
        except Error:  # as Celery does after each task
            connections.close_all()
        time.sleep(0.1)


def states():
    from collections import Counter

    from correspondence.models import Message, State

    found = Counter(Message.objects.values_list("state", flat=True))
    sent = Message.objects.filter(state=State.SENT).values_list("message_id", flat=True)
    print(json.dumps([found, list(sent)]))


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "more": more, "send": send, "states": states}[sys.argv[1]](*map(int, sys.argv[2:]))
