"""S21: an old session is worth nothing after sign-out, a new password, the end of the account, or too long a time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from campaigns.tests.staff import SecureClient, make_staff, signed_in
from outreach.accounts import sessions, staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
PAGE = "/admin/password_change/"


@pytest.fixture
def clock(monkeypatch):
    """Call it with an instant: it is that time then."""

    def stand(at):
        monkeypatch.setattr(sessions, "real_now", lambda: at)
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    stand(NOON)
    return stand


def works(cookies):
    client = SecureClient()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookies[settings.SESSION_COOKIE_NAME].value
    return client.get(PAGE).status_code == 200


def test_signing_out_ends_the_session():
    client = signed_in(make_staff())
    old = client.cookies.copy()
    assert works(old)
    client.post("/admin/logout/")
    assert not works(old)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one():
    user = make_staff()
    here, elsewhere = signed_in(user), signed_in(user)
    new = "a fresh and long one"
    here.post(PAGE, {"old_password": "correct horse", "new_password1": new, "new_password2": new})
    assert works(here.cookies)
    assert not works(elsewhere.cookies)


def test_the_end_of_an_account_ends_its_sessions_for_ever():
    user, boss = make_staff(), make_staff(is_superuser=True)
    old = signed_in(user).cookies
    staff.leave(user, {}, by=boss)
    assert not works(old)
    user.refresh_from_db()
    user.is_active = True
    user.save()
    assert not works(old)


def test_a_session_ends_after_eight_idle_hours(clock):
    client = signed_in(make_staff())
    clock(NOON + timedelta(hours=7, minutes=59))
    assert works(client.cookies)
    clock(NOON + timedelta(hours=15))
    assert works(client.cookies), "the visit put the end off"
    clock(NOON + timedelta(hours=23, minutes=1))
    assert not works(client.cookies)


def test_a_session_ends_after_a_day_however_busy(clock):
    client = signed_in(make_staff())
    for hours in range(1, 24):
        clock(NOON + timedelta(hours=hours))
        assert works(client.cookies)
    clock(NOON + timedelta(hours=24))
    assert not works(client.cookies)
    assert not Session.objects.exists()


def test_a_visit_is_written_down_once_in_ten_minutes_and_on_staff_pages_only(clock):
    client = signed_in(make_staff())
    clock(NOON + timedelta(minutes=9))
    before = Session.objects.get().session_data
    client.get(PAGE)
    assert Session.objects.get().session_data == before
    clock(NOON + timedelta(minutes=10))
    client.get("/en/")
    assert Session.objects.get().session_data == before
    client.get(PAGE)
    assert Session.objects.get().session_data != before


def test_signing_in_gives_a_session_of_a_new_name():
    """Fixation: what a stranger planted before is not what the person has after."""
    make_staff(username="ana")
    client = SecureClient()
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    client.post("/admin/login/", {"username": "ana", "password": "correct horse"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != session.session_key
    assert works(client.cookies)
    assert cookie.key.startswith("__Host-") and cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
