from datetime import timedelta

import pytest

from campaigns import clock, roles
from campaigns.models import ClockOffset
from campaigns.tests.make import make_campaign, make_invited
from campaigns.tests.staff import make_staff, signed_in

PAGES = ("/admin/demo/clock/", "/admin/demo/mail/", "/admin/demo/mail/one.eml")


@pytest.fixture
def client(db):
    return signed_in(make_staff(roles.LEAD))


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO, settings.MAIL_DIR = True, tmp_path / "mail"
    settings.MAIL_DIR.mkdir()
    ClockOffset.objects.create()
    (tmp_path / "secret.eml").write_text("not a mail of the demo")
    (settings.MAIL_DIR / "one.eml").write_bytes(b"To: a@b.example\r\nSubject: Greetings\r\n\r\n/reply/ABC/\r\n")
    return settings


def test_outside_the_demo_there_is_no_such_page(client):
    for page in PAGES:
        assert client.get(page).status_code == 404
    assert client.post(PAGES[0], {"turn": "hour"}).status_code == 404


def test_the_demos_pages_are_for_leads(client, demo):
    researcher = signed_in(make_staff(roles.RESEARCHER))
    for page in PAGES:
        assert researcher.get(page).status_code == 403


def test_looking_at_the_clock_does_not_turn_it(client, demo):
    assert client.get(PAGES[0]).status_code == 200
    assert ClockOffset.objects.get().ahead.total_seconds() == 0


def test_the_clock_is_turned_a_day_at_a_time(client, demo, monkeypatch):
    turned = []
    monkeypatch.setattr("outreach.demo.turn_clock", lambda hours: turned.append(hours) or [f"{hours} hours"])
    page = client.post(PAGES[0], {"turn": "hour"}, follow=True)
    assert turned == [1] and "1 hours" in page.content.decode()
    page = client.post(PAGES[0], {"turn": "week"}, follow=True)
    assert "24 of 168 hours turned" in page.content.decode()
    for _day in range(6):
        page = client.post(PAGES[0], {"turn": "on"}, follow=True)
    assert sum(turned) == 1 + 168 and "hours turned." not in page.content.decode()


def test_the_clock_is_turned_to_the_next_close_of_any_campaign_that_has_asked(client, demo):
    today = clock.now().date()
    for days_ahead, asked in ((9, False), (40, True), (20, True), (-3, True)):
        on = today + timedelta(days=days_ahead)
        campaign = make_campaign(closes_on=on, closes_stated=str(on), deadline=None, deadline_stated="")
        if asked:
            make_invited(campaign)
    assert client.get(PAGES[0]).context["living"].closes_on == today + timedelta(days=20)


def test_the_mail_is_listed_and_shown(client, demo):
    assert "Greetings" in client.get(PAGES[1]).content.decode()
    mail = client.get(PAGES[2])
    assert mail.content.decode().endswith("/reply/ABC/\r\n") and mail["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("name", ["../secret.eml", "..%2Fsecret.eml", "%2Fetc%2Fpasswd", "two.eml"])
def test_no_other_file_is_shown(client, demo, name):
    assert client.get(f"/admin/demo/mail/{name}").status_code == 404
