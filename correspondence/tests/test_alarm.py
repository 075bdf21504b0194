import pytest

from campaigns import nightly
from campaigns.models import Approach
from campaigns.tests.make import NOW, make_invited, make_user
from correspondence import alarm
from correspondence.models import Message

pytestmark = pytest.mark.django_db


def corrupt(approach):
    Approach.objects.filter(pk=approach.pk).update(reach="planned", remind_at=None, next_step="")


def test_superusers_are_told_once_of_the_same_differences():
    make_user(is_superuser=True, email="boss@desk.example")
    make_user(email="ana@desk.example")
    first, second = make_invited(), make_invited()
    corrupt(first)
    nightly.check(NOW)
    alarm.raise_alarm(NOW)
    alarm.raise_alarm(NOW)
    nightly.check(NOW)
    alarm.raise_alarm(NOW)
    mail = Message.objects.get()
    assert mail.recipients.get().address == "boss@desk.example"
    assert b"1 stored status differs" in bytes(mail.mime) and str(first).encode() in bytes(mail.mime)
    corrupt(second)
    nightly.check(NOW)
    alarm.raise_alarm(NOW)
    assert Message.objects.count() == 2


def test_nothing_is_said_where_nothing_differs():
    make_user(is_superuser=True, email="boss@desk.example")
    make_invited()
    alarm.raise_alarm(NOW)
    nightly.check(NOW)
    alarm.raise_alarm(NOW)
    assert not Message.objects.exists()
