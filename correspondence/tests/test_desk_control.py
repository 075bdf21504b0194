import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import planning, roles
from campaigns.tests.make import NOW
from campaigns.tests.staff import make_staff, problems, signed_in
from correspondence import allowances, control
from correspondence.models import Control, Message

from .desk import freeze, make_desk, text_of
from .make import queue


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)
    control.row()
    control.seen()


def take(domain, campaign, times):
    for _ in range(times):
        assert allowances.take(allowances.needs(domain, campaign.pk, campaign.daily_cap, "UTC", NOW)) is None


def test_what_is_used_of_a_limit_is_shown_to_whom_it_concerns():
    campaign, _approaches, client = make_desk(daily_cap=20)
    take("ministry.example", campaign, 3)
    text = text_of(client.get("/admin/mail/"))
    assert "At most 30 mails an hour to one domain." in text and "At most 2 mails at once" in text
    assert "ministry.example 3 of 30" in text and f"{campaign.title} 3 of 20" in text
    own = text_of(signed_in(make_staff(roles.RESEARCHER, campaign)).get("/admin/mail/"))
    assert "ministry.example" not in own and f"{campaign.title} 3 of 20" in own
    assert campaign.title not in text_of(signed_in(make_staff(roles.RESEARCHER)).get("/admin/mail/"))


def test_a_staging_site_says_whom_it_writes_to(settings):
    _campaign, _approaches, client = make_desk()
    assert "This site writes only to" not in text_of(client.get("/admin/mail/"))
    settings.OUTREACH_ONLY_TO = frozenset({"desk.example", "ana@team.example"})
    assert "This site writes only to: ana@team.example, desk.example" in text_of(client.get("/admin/mail/"))


def test_a_server_that_is_given_up_is_on_every_staff_page_and_tried_when_a_lead_says_so():
    campaign, _approaches, client = make_desk()
    Control.objects.update(breaker_opened_at=NOW, probed_at=NOW, breaker_because="451 try later")
    assert "The mail server takes no mail since 12:00." in text_of(client.get("/admin/"))
    assert "451 try later" in text_of(client.get("/admin/mail/"))
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert "Try 1 mail now" not in text_of(researcher.get("/admin/mail/"))
    assert researcher.post("/admin/mail/try/").status_code == 403 and Control.objects.get().probed_at
    assert client.get("/admin/mail/try/").status_code == 405
    page = client.post("/admin/mail/try/", follow=True)
    assert problems(page)[-1] == "The worker tries one mail within a minute."
    assert Control.objects.get().probed_at is None and LogEntry.objects.count() == 1


def test_the_mail_server_is_asked_only_by_pressing_the_button(settings, tmp_path):
    campaign, _approaches, client = make_desk()
    settings.EMAIL_URL = f"file://{tmp_path}/mail"
    client.get("/admin/mail/")
    assert client.get("/admin/mail/check/").status_code == 405 and not Control.objects.get().relay_checked_at
    page = client.post("/admin/mail/check/", follow=True)
    row = Control.objects.get()
    assert (row.relay_checked_at, row.relay_fault) == (NOW, "") and "The mail server let us in." in problems(page)
    settings.EMAIL_URL = "smtp://ana:secret@127.0.0.1:1"
    page = client.post("/admin/mail/check/", follow=True)
    assert "did not let us in" in problems(page)[-1] and "refused" in Control.objects.get().relay_fault
    assert "127.0.0.1:1" in text_of(page) and "secret" not in page.content.decode()
    assert signed_in(make_staff(roles.RESEARCHER, campaign)).post("/admin/mail/check/").status_code == 403


def test_a_dry_run_says_what_would_leave_and_why_the_rest_would_not():
    _campaign, approaches, client = make_desk(2)
    for approach in approaches:
        queue(approach)
    planning.pause(approaches[1], now=NOW)
    before = list(Message.objects.order_by("pk").values())
    assert "See what would leave now" in text_of(client.get("/admin/mail/"))
    text = text_of(client.post("/admin/mail/rehearsal/"))
    assert "1 mail would leave 1 would stay" in text
    assert text.index(f"{approaches[0].listed_as} press") < text.index(f"{approaches[1].listed_as} press")
    assert "Would wait: The company or the campaign is on hold." in text
    assert list(Message.objects.order_by("pk").values()) == before and not LogEntry.objects.exists()
    control.hold("A wrong word.", by=None, now=NOW)
    text = text_of(client.post("/admin/mail/rehearsal/"))
    assert "A wrong word. The list shows what happens after a release." in text
    assert control.row().held_at
    assert client.get("/admin/mail/rehearsal/").status_code == 405
    reviewer = signed_in(make_staff(roles.REVIEWER))
    assert "See what would leave now" not in text_of(reviewer.get("/admin/mail/"))


def test_the_setting_is_named_on_the_page_and_a_dry_run_obeys_it(settings):
    _campaign, [approach], client = make_desk()
    queue(approach)
    settings.OUTREACH_HOLD = True
    text = text_of(client.get("/admin/mail/"))
    assert "All mail is held" in text and "until whoever runs the server takes it out" in text
    assert "0 mails would leave 1 would stay" in text_of(client.post("/admin/mail/rehearsal/"))


def test_the_page_costs_the_same_however_much_is_limited():
    campaign, _approaches, client = make_desk(daily_cap=5)
    take("ministry.example", campaign, 1)
    client.get("/admin/mail/")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/mail/")
        return sum("clock_timestamp" not in query["sql"] for query in queries.captured_queries)

    before = cost()
    for number in range(3):
        other, _approaches, _client = make_desk(daily_cap=5 + number)
        take(f"domain{number}.example", other, 2)
    assert cost() == before
