"""One campaign as its staff run it, through their pages: from a pasted text and a table to its close.

24 companies in five languages and as many time zones are set up, launched, and chased by the clock, which rings every
hour for three weeks. Five answer, one gets more time. What left is compared with what stands in each thread, and
readers see the figures that follow from it.
"""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns import clock, roles, window
from campaigns.models import Approach, Campaign
from campaigns.tests.read import fetch
from campaigns.tests.staff import make_staff, problems, signed_in
from campaigns.tests.test_setup_pages import form_of as rows_of
from campaigns.tests.test_setup_questionnaire import MENA
from correspondence.models import Message, State
from correspondence.tests.desk import form_of, send_address
from correspondence.tick import tick

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)  # a Monday
LANGUAGES = ["en", "pt", "es", "fr", "ar"]
COUNTRIES = ["GB", "PT", "MX", "FR", "EG"]
SUBJECTS = {"en": "Questions to", "pt": "Perguntas", "es": "Preguntas", "fr": "Questions à", "ar": "أسئلة"}
ANSWERS, MORE_TIME = 5, 6  # numbers of the companies: 1 to 5 answer, 6 is given time


class Desk:
    """A lead at the desk, a clock that stands where it was turned to, and the folder that mail is written to."""

    def __init__(self, monkeypatch, folder):
        self.now, self.folder = BEGIN, folder
        monkeypatch.setattr(clock, "real_now", lambda: self.now)
        self.client = signed_in(make_staff(roles.LEAD))
        self.campaign = None

    def at(self, rest):
        return f"/admin/campaigns/campaign/{self.campaign.pk}/{rest}"

    def get(self, rest):
        return self.client.get(self.at(rest))

    def post(self, rest, **fields):
        page = self.client.post(self.at(rest), fields, follow=True)
        assert page.status_code == 200, page.status_code
        return page

    def live(self, until):
        """Let the clock ring every hour up to an instant."""
        while self.now < until:
            self.now += timedelta(hours=1)
            tick(self.now)

    def files(self):
        return {path.stem[-36:]: path.read_bytes() for path in self.folder.glob("*.eml")}


@pytest.fixture
def desk(monkeypatch, settings, tmp_path):
    settings.EMAIL_URL, settings.MAIL_DIR = "file:", tmp_path
    return Desk(monkeypatch, tmp_path)


def table():
    """24 companies with a contact each, as cells copied from a spreadsheet."""
    rows = ["Company\tCountry\tContact\tE-mail\tLanguage"]
    for n in range(1, 25):
        language, country = LANGUAGES[n % 5], COUNTRIES[n % 5]
        rows.append(f"Company {n:02}\t{country}\tPerson {n}\tpress@company{n}.example\t{language}")
    return "\n".join(rows)


def set_up(desk):
    client = desk.client
    begun = {
        "title": "Surveillance at the borders", "kind": "survey", "language": "en", "asker": "Border Watch",
        "deadline": "2026-03-17", "closes_on": "2026-03-25", "time_zone": "Europe/London",
        "from_name": "Jane Roe", "from_address": "desk@asker.example",
    }  # fmt: skip
    client.post("/admin/campaigns/campaign/start/", begun)
    Campaign.objects.update(signature="Jane Roe, Border Watch, 1 Main Street, London")
    desk.campaign = Campaign.objects.get()
    page = client.post(desk.at("questions/"), rows_of(desk.get("questions/"), do="read", paste=MENA))
    client.post(desk.at("questions/"), rows_of(page, do="save"))
    assert desk.campaign.questions.count() == 11
    page = desk.post("companies/import/", table=table())
    sheet = desk.campaign.spreadsheets.get()
    page = desk.post(
        f"companies/import/{sheet.pk}/columns/",
        **{f"column-{place}": key for place, key in enumerate(page.context["sheet"].columns)},
    )
    assert "Import 24 companies" in page.content.decode()
    desk.post(f"companies/import/{sheet.pk}/", do="import", digest=page.context["check"].digest)
    assert desk.campaign.approaches.count() == 24
    desk.post("wordings/", language=LANGUAGES)
    for days, anchor, wording in ((7, "after_invitation", "reminder"), (3, "before_deadline", "last_notice")):
        desk.post("reminders/", days=days, anchor=anchor, wording=wording)
    desk.post("outgoing/automatic/")


def launch(desk):
    page = desk.get("launch/")
    assert page.status_code == 200
    desk.client.post(send_address(desk.campaign), {"do": "prepare"})
    page = desk.client.get(send_address(desk.campaign))
    assert "Approve 24 mails" in page.content.decode()
    assert not desk.files()
    approval = {**form_of(page), "do": "approve"}
    for _click in range(2):
        desk.client.post(send_address(desk.campaign), approval)
    tick(desk.now)
    assert not desk.files(), "nothing leaves while it can be undone"


def approach(desk, number):
    return desk.campaign.approaches.get(listed_as=f"Company {number:02}")


def chase(desk):
    """Two days of silence; five answers, one a day; more time for one; and the rest of the time until the close."""
    desk.live(BEGIN + timedelta(days=2))
    for number in range(1, ANSWERS + 1):
        form = {"outcome": "responded", "day": f"{desk.now:%Y-%m-%d}", "text": "Our answer.", "do": "file"}
        page = desk.client.post(
            f"/admin/responses/log/?approach={approach(desk, number).pk}", {**form, "initial-remark": ""}, follow=True
        )
        assert any("It counts at once" in said for said in problems(page))
        desk.live(desk.now + timedelta(days=1))
    late = approach(desk, MORE_TIME)
    desk.post("desk/act/", do="time", c=[late.pk], until="2026-03-23")
    desk.live(datetime(2026, 3, 26, 1, tzinfo=UTC))


def test_a_campaign_in_five_languages_from_a_pasted_text_to_its_close(desk):
    set_up(desk)
    launch(desk)
    chase(desk)
    files, mails = desk.files(), list(Message.objects.exclude(approach=None).select_related("approach__company"))
    assert {str(mail.pk) for mail in mails if mail.state == State.SENT} == set(files)
    assert all(bytes(mail.mime) == files[str(mail.pk)] for mail in mails if mail.state == State.SENT)
    assert {mail.state for mail in mails} <= {State.SENT, State.CANCELLED}
    threads = defaultdict(list)
    for mail in sorted(mails, key=lambda one: (one.sent_at or BEGIN, one.pk)):
        if mail.state == State.SENT:
            threads[mail.approach].append(mail)
    assert Counter(len(thread) for thread in threads.values()) == {1: ANSWERS, 3: 24 - ANSWERS}
    for asked, thread in threads.items():
        check_thread(asked, thread, files)
    close(desk)


def check_thread(asked, thread, files):
    """Each in the company's language, a reply to the one before, reminders in working hours by its own clock."""
    language = LANGUAGES[int(asked.listed_as[-2:]) % 5]
    heads = [message_from_bytes(files[str(mail.pk)], policy=policy.default) for mail in thread]
    assert {mail.language for mail in thread} == {language} and SUBJECTS[language] in heads[0]["Subject"]
    for before, head in pairwise(heads):
        assert head["In-Reply-To"] == before["Message-ID"]
    mine = window.of(Approach.objects.get(pk=asked.pk))
    for mail in thread[1:]:
        there = mail.sent_at.astimezone(ZoneInfo(mine.zone))
        assert window.works(mine.country, there.date()) and 9 <= there.hour < 17
    assert len({mail.sent_at.date() for mail in thread}) == len(thread)


def close(desk):
    """The clock has only said that closing is due; a person closes, publishes, and readers see the same figures."""
    assert not Approach.objects.filter(reply="silent").exists()
    assert "Surveillance at the borders" in desk.client.get("/admin/").content.decode()
    page = desk.get("close/")
    assert f"Show {24 - ANSWERS} companies as no response" in page.content.decode()
    desk.post("close/", shown=page.context["shown"])
    assert Approach.objects.filter(reply="silent").count() == 24 - ANSWERS
    campaign = Campaign.objects.get()
    campaign.published_on = desk.now.date()
    campaign.save()
    text = re.sub(r"<[^>]+>", "", fetch(f"/en/campaigns/{campaign.slug}/").content.decode())
    assert "5 of 24" in re.sub(r"\s+", " ", text)
    assert Message.objects.filter(state=State.QUEUED).count() == 0
