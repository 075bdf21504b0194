"""S20: a password may be tried so often; nobody learns which accounts exist, and nobody is locked out for long."""

from datetime import timedelta

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.test import RequestFactory, override_settings
from django.utils import timezone

from campaigns.tests.make import make_user
from campaigns.tests.staff import SecureClient, make_staff
from outreach.accounts import throttle

pytestmark = pytest.mark.django_db
SIGN_IN = "/admin/login/"


def try_in(name, password="wrong", address="192.0.2.1", **more):
    return SecureClient().post(SIGN_IN, {"username": name, "password": password}, REMOTE_ADDR=address, **more)


def text(page):
    return page.content.decode()


def later(**by):
    """Let time pass: everything that was tried happened so long ago."""
    for one in AccessFailureLog.objects.all():
        AccessFailureLog.objects.filter(pk=one.pk).update(attempt_time=one.attempt_time - timedelta(**by))


def test_of_a_thousand_tries_ten_are_looked_at_and_the_owner_waits_fifteen_minutes():
    make_staff(username="ana", email="ana@desk.example")
    answers = [try_in("ana").status_code for _try in range(30)]
    assert answers == [200] * 9 + [429] * 21
    assert AccessFailureLog.objects.count() == 10
    assert try_in("ana", "correct horse").status_code == 429
    assert try_in("ana@desk.example", "correct horse").status_code == 429, "both names share one count"
    assert try_in("ana", "correct horse", "192.0.2.2").status_code == 302, "from elsewhere the owner gets in"
    later(minutes=15)
    assert try_in("ana", "correct horse").status_code == 302


def test_what_is_said_is_plain_and_the_same_for_accounts_that_do_not_exist():
    make_staff(username="ana")
    here, nowhere = ([text(try_in(name)) for _try in range(11)] for name in ("ana", "bob"))
    for one, other in zip(here, nowhere, strict=True):
        assert one.partition("csrfmiddlewaretoken")[0] == other.partition("csrfmiddlewaretoken")[0]
    assert "You have tried 10 times. Wait 15 minutes or ask a campaign lead." in here[-1]
    assert "ana" not in here[-1]


def test_an_address_may_try_a_hundred_times_an_hour_whatever_the_account():
    answers = [try_in(f"person{one}").status_code for one in range(103)]
    assert answers == [200] * 99 + [429] * 4
    assert "You have tried 100 times. Wait 60 minutes" in text(try_in("another"))
    later(minutes=59)
    assert try_in("another").status_code == 429
    later(minutes=2)
    assert try_in("another").status_code == 200


def test_whoever_is_at_home_at_an_address_is_not_held_up_by_what_strangers_try_there():
    make_staff(username="ana")
    make_staff(username="eve")
    assert try_in("ana", "correct horse").status_code == 302
    for one in range(100):
        AccessFailureLog.objects.create(username=f"person{one}", ip_address="192.0.2.1")
    assert try_in("eve", "correct horse").status_code == 429
    assert try_in("ana", "correct horse").status_code == 302
    AccessLog.objects.update(attempt_time=timezone.now() - throttle.REMEMBERED)
    make_staff(username="omar")
    try_in("omar", "correct horse", "192.0.2.9")
    assert not AccessLog.objects.filter(username="ana").exists(), "that is remembered for 30 days"


def test_signing_in_forgets_the_failures_before_it():
    make_staff(username="ana")
    for _try in range(9):
        try_in("ana")
    assert try_in("ana", "correct horse").status_code == 302
    assert try_in("ana").status_code == 200


@pytest.mark.parametrize(
    ("behind", "forwarded", "found"),
    [
        (False, "203.0.113.9", "192.0.2.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (True, "", "192.0.2.1"),
        (True, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (True, "nonsense", None),
    ],
)
def test_an_address_is_the_proxys_word_and_only_behind_one(behind, forwarded, found):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": forwarded})
    with override_settings(BEHIND_PROXY=behind):
        assert throttle.address_of(request) == found


def test_nothing_that_was_typed_as_a_password_is_kept():
    make_user(username="ana")
    try_in("ana", "swordfish")
    assert not any("swordfish" in str(value) for row in AccessFailureLog.objects.values() for value in row.values())
