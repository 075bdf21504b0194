from email import message_from_bytes, policy

import pytest

from campaigns.tests.make import NOW, make_user
from correspondence import control, outbox
from correspondence.models import Message, State
from correspondence.staff_mail import LONGEST_KEY, compose_staff
from correspondence.wording import Blocked

from .fakes import FakeRelay

pytestmark = pytest.mark.django_db


def test_a_mail_to_staff_is_queued_and_leaves_by_the_outbox(settings):
    user = make_user(email="ana@desk.example")
    message = compose_staff(user, "digest:1:2026-03-20", "Two companies\nare late", "Airbus\n", now=NOW)
    mail = message_from_bytes(bytes(message.mime), policy=policy.default)
    assert (mail["To"], mail["From"].addresses[0].addr_spec) == ("ana@desk.example", settings.DEFAULT_FROM_EMAIL)
    assert mail.get_content().strip() == "Airbus" and "\n" not in mail["Subject"]
    assert (message.approach, message.step, message.state) == (None, "staff:digest:1:2026-03-20", State.QUEUED)
    control.tick(NOW)
    assert outbox.sweep(NOW, way_out=FakeRelay())["sent"] == 1
    assert Message.objects.get().state == State.SENT


def test_the_same_key_is_the_same_mail():
    user = make_user(email="ana@desk.example")
    first = compose_staff(user, "alarm", "One", "x", now=NOW)
    assert compose_staff(user, "alarm", "Two", "y", now=NOW).pk == first.pk
    assert Message.objects.count() == 1


def test_nobody_is_written_to_without_an_address_or_a_key_that_fits():
    with pytest.raises(Blocked, match="no e-mail address"):
        compose_staff(make_user(), "alarm", "One", "x", now=NOW)
    with pytest.raises(ValueError):
        compose_staff(make_user(email="ana@desk.example"), "k" * (LONGEST_KEY + 1), "One", "x", now=NOW)
    assert not Message.objects.exists()
