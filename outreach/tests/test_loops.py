"""F22, the outgoing half: each mail of ours says that a machine made it, and nothing that comes in makes one."""

import ast
import uuid
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.conf import settings

from campaigns import days
from campaigns.status import Reply
from campaigns.tests.make import NOW, invite, make_user
from correspondence import by_hand, compose, staff_mail
from correspondence.models import OUTBOX, WORDED, Letter, Message, State
from correspondence.tests.make import make_sending_campaign, make_wording
from correspondence.tick import tick
from responses.entry import Outcome, log_reply

from .architecture import MIGRATIONS, TESTS, modules

COMPOSING = {"correspondence/compose.py", "correspondence/staff_mail.py"}  # and the tests below walk what they offer


def builders():
    """Return the modules that make a mail's bytes, or a Message that is meant to leave."""
    for below, path in modules(settings.BASE_DIR, TESTS, MIGRATIONS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("_build", "EmailMessage"):
                yield below.as_posix()


def test_two_modules_make_mail_and_no_other():
    assert set(builders()) == COMPOSING


def made(db):
    """Yield a Message of every function that composes, in every kind that there is."""
    campaign, (approach,) = make_sending_campaign(published_on=NOW.date())
    make_wording(campaign, "now_public")
    invite(approach)
    user, values = make_user(email="ana@desk.example"), {"now": NOW, "state": State.PROPOSED}
    letter = Letter.objects.create(campaign=campaign, language="en", subject="S", body="B", by=user, made_at=NOW)
    for kind in WORDED:
        yield (message := compose.compose(approach, f"one:{kind}", kind, **values))
        yield compose.recompose(message, NOW + timedelta(hours=1))
        yield compose.compose_test(approach, kind, user, now=NOW)
    yield compose.compose(approach, f"batch:{letter.pk}", "letter", **values)
    yield staff_mail.compose_staff(user, "digest:1", "Today", "Nothing", now=NOW)


def test_every_mail_of_ours_says_that_a_machine_made_it(db):
    mails = [message_from_bytes(bytes(message.mime)) for message in made(db)]
    assert len(mails) == 3 * len(WORDED) + 2
    assert {tuple(mail.get_all("Auto-Submitted")) for mail in mails} == {("auto-generated",)}


@pytest.mark.django_db
def test_what_comes_in_or_is_logged_makes_no_mail_and_a_machine_never_says_responded():
    _campaign, (approach, other) = make_sending_campaign(2)
    for one in (approach, other):
        invite(one)
        one.remind_at, one.next_step = None, ""
        one.save()
    Message.objects.create(
        approach=approach, step=f"in:{uuid.uuid4()}", state=State.RECEIVED, created_at=NOW, message_id="<x@x.example>",
        mime=b"Auto-Submitted: auto-replied\r\nSubject: I am away\r\n\r\nUntil Monday",
    )  # fmt: skip
    facts = {"way": "in", "channel": "phone", "day": days.exactly(NOW.date()), "by": make_user(), "now": NOW}
    by_hand.log(approach, uuid.uuid4(), **facts)
    log_reply(other, outcome=Outcome.RESPONDED, day=days.exactly(NOW.date()), by=make_user(), now=NOW, text="Here")
    for hour in range(3):
        tick(NOW + timedelta(hours=hour))
    assert not Message.objects.filter(state__in=OUTBOX).exists()
    approach.refresh_from_db()
    assert approach.reply == Reply.NONE
