"""F12: a double click, twenty at once, a browser that tries again after a timeout, two approvers, the back button.

Against a real server with threads: one approval, each mail once, and every click ends on the same page.
"""

import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection

from campaigns import roles
from campaigns.tests.staff import make_staff, signed_in
from correspondence import control
from correspondence.models import Approved, Batch, Message, State

from .desk import form_of, make_desk, merged, send_address

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
COMPANIES, CLICKS = 500, 20


class Browser:
    """Posts a form as a signed-in person and says where it was led."""

    def __init__(self, server, client):
        self.host = urlsplit(server.url).netloc
        client.get("/admin/mail/")  # gives the CSRF cookie
        cookies = client.cookies
        self.token = cookies[settings.CSRF_COOKIE_NAME].value
        self.head = {
            "Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{self.host}/",
        }

    def body(self, form):
        return urlencode({**form, "csrfmiddlewaretoken": self.token}, doseq=True)

    def post(self, address, form):
        line = HTTPConnection(self.host, timeout=120)
        line.request("POST", address, self.body(form), self.head)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status, answer.headers["Location"]

    def leave(self, address, form):
        """Post, and hang up without waiting for the answer."""
        line = HTTPConnection(self.host, timeout=120)
        line.request("POST", address, self.body(form), self.head)
        line.sock.shutdown(socket.SHUT_RDWR)
        line.close()


@pytest.fixture
def desk(live_server, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    control.row()
    campaign, _approaches, client = make_desk(
        COMPANIES, deadline=None, deadline_stated="", closes_on=None, closes_stated=""
    )
    page = merged(client, campaign)
    while page.context["left"]:
        client.post(send_address(campaign), {"do": "continue"})
        page = client.get(send_address(campaign))
    assert page.context["count"] == COMPANIES
    return campaign, {**form_of(page), "do": "approve"}, Browser(live_server, client), live_server


def one_approval(mails=COMPANIES):
    """Return the page of the only approval, whose mails are queued once each."""
    batch = Batch.objects.get()
    assert Message.objects.filter(state=State.QUEUED, batch=batch).count() == mails == Message.objects.count()
    assert Approved.objects.count() == mails
    return f"/admin/mail/approved/{batch.pk}/"


def test_f12_twenty_clicks_at_once_are_one_approval(desk):
    campaign, form, browser, _server = desk
    with ThreadPoolExecutor(CLICKS) as pool:
        led = set(pool.map(lambda _click: browser.post(send_address(campaign), form), range(CLICKS)))
    assert led == {(302, one_approval())}


def test_f12_a_browser_that_gave_up_and_tries_again_finds_what_it_did(desk):
    campaign, form, browser, _server = desk
    browser.leave(send_address(campaign), form)
    led = [browser.post(send_address(campaign), form) for _again in range(2)]
    assert led == [(302, one_approval())] * 2


def test_f12_two_approvers_and_the_back_button_send_nothing_twice(desk):
    campaign, form, browser, server = desk
    other = signed_in(make_staff(roles.LEAD))
    theirs = {**form_of(other.get(send_address(campaign))), "do": "approve"}
    assert theirs["key"] != form["key"] and theirs["shown"] == form["shown"]
    colleague = Browser(server, other)
    with ThreadPoolExecutor(2) as pool:
        clicks = [(browser, form), (colleague, theirs)] * 5
        led = list(pool.map(lambda click: click[0].post(send_address(campaign), click[1]), clicks))
    page = one_approval()
    assert {status for status, _to in led} == {302} and page in {to for _status, to in led}
    winner = (browser, form) if led[0][1] == page else (colleague, theirs)
    assert winner[0].post(send_address(campaign), winner[1]) == (302, page)  # the back button, and the same form again
    connection.close()
