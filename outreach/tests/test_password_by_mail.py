"""A forgotten password: the same answer for everybody, one mail a day, a link that is good once."""

import re
from datetime import timedelta

import pytest

from campaigns import clock
from campaigns.tests.make import NOW
from campaigns.tests.staff import SecureClient, make_staff, signed_in
from correspondence.models import Message
from outreach.accounts import doors, links

from .test_accounts import link_in, open_link

pytestmark = pytest.mark.django_db
ASK = "/admin/password/"


@pytest.fixture(autouse=True)
def waited(monkeypatch):
    """It is noon, and nobody waits for an answer: the waits are listed."""
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    waits = []
    monkeypatch.setattr(doors, "sleep", waits.append)
    return waits


def ask(address):
    return SecureClient().post(ASK, {"email": address}, follow=True)


def said(page):
    return page.redirect_chain, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def test_what_is_answered_is_the_same_whether_there_is_an_account_or_not():
    make_staff(username="ana", email="ana@desk.example")
    make_staff(username="left", email="left@desk.example", is_active=False)
    invited = make_staff(username="invited", email="invited@desk.example")
    invited.set_unusable_password()
    invited.save()
    answers = [
        said(ask(address))
        for address in ("ana@desk.example", "left@desk.example", "invited@desk.example", "no@x.example")
    ]
    assert answers.count(answers[0]) == 4
    assert [one.recipients.get().address for one in Message.objects.all()] == ["ana@desk.example"]


def test_the_answer_takes_as_long_whether_there_is_an_account_or_not(waited, monkeypatch):
    """S20: the clock of the door stands, but while a mail is made."""
    made, at = links.remind_of_password, [0.0]
    monkeypatch.setattr(doors, "monotonic", lambda: at[0])

    def slow(address, *, now):
        at[0] += 0.02 if made(address, now=now) else 0.003

    monkeypatch.setattr(links, "remind_of_password", slow)
    make_staff(username="ana", email="ana@desk.example")
    took = []
    for address in ("ana@desk.example", "no@x.example"):
        began = at[0]
        ask(address)
        took.append(round(at[0] - began + waited.pop(), 6))
    assert took == [doors.TAKES, doors.TAKES] and Message.objects.count() == 1


def test_a_flood_of_requests_is_one_mail_in_24_hours(monkeypatch):
    make_staff(username="ana", email="ana@desk.example")
    for number in range(48):
        monkeypatch.setattr(clock, "real_now", lambda: NOW + timedelta(minutes=30 * number))  # noqa: B023 (called at once)
        ask("ana@desk.example" if number % 2 else " ANA@desk.example")
    assert Message.objects.count() == 1
    monkeypatch.setattr(clock, "real_now", lambda: NOW + timedelta(hours=24))
    ask("ana@desk.example")
    ask("ana@desk.example")
    assert Message.objects.count() == 2


def test_whoever_used_the_link_and_forgets_again_gets_another(monkeypatch):
    make_staff(username="ana", email="ana@desk.example")
    ask("ana@desk.example")
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=1))
    open_link(SecureClient(), link_in(Message.objects.get()))
    monkeypatch.setattr(clock, "real_now", lambda: NOW + timedelta(minutes=2))
    ask("ana@desk.example")
    ask("ana@desk.example")
    assert Message.objects.count() == 2


def test_the_link_sets_a_password_signs_in_and_ends_what_was_open():
    user = make_staff(username="ana", email="ana@desk.example")
    old = signed_in(user)
    ask("ana@desk.example")
    path = link_in(Message.objects.get())
    client = SecureClient()
    there = client.get(path)
    assert "set-password" in there.headers["Location"], "the secret leaves the address"
    assert "no-store" in there.headers["Cache-Control"]
    weak = client.post(there.headers["Location"], {"new_password1": "12345678", "new_password2": "12345678"})
    assert "There is a problem" in weak.content.decode()
    assert open_link(client, path).headers["Location"] == "/admin/"
    assert client.get("/admin/password_change/").status_code == 200
    assert old.get("/admin/password_change/").status_code == 302
    assert "This link no longer works" in SecureClient().get(path, follow=True).content.decode()


def test_a_link_ends_after_three_days(settings):
    make_staff(username="ana", email="ana@desk.example")
    ask("ana@desk.example")
    settings.PASSWORD_RESET_TIMEOUT = -1  # as if it had been asked for before
    page = SecureClient().get(link_in(Message.objects.get()), follow=True).content.decode()
    assert "This link no longer works" in page


def test_the_locked_out_owner_gets_in_by_the_link():
    make_staff(username="ana", email="ana@desk.example")
    for _try in range(11):
        locked = SecureClient().post("/admin/login/", {"username": "ana", "password": "wrong"})
    assert locked.status_code == 429 and f'href="{ASK}"' in locked.content.decode()
    ask("ana@desk.example")
    assert open_link(SecureClient(), link_in(Message.objects.get())).status_code == 302


def test_accounts_that_share_an_address_get_one_mail_with_a_link_each():
    make_staff(username="ana", email="desk@desk.example")
    make_staff(username="omar", email="Desk@desk.example")
    ask("desk@desk.example")
    text = bytes(Message.objects.get().mime).decode().replace("=\r\n", "")
    assert len(re.findall(r"/admin/password/", text)) == 2


def test_changing_ones_own_password_says_which_field_is_meant():
    client = signed_in(make_staff(username="ana", email="ana@desk.example"))
    page = client.post("/admin/password_change/", {}).content.decode()
    assert "<title>Error: Change password" in page
    assert "Enter your present password" in page
    assert "Enter the new password again" in page
    assert "nav-sidebar" not in page, "the records are no part of it"
