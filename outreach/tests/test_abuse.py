"""S4, S13 to S15, S23, S25: ids of others in forms, formulas in files, forged hosts and tokens, errors that talk."""

import csv
import io
import logging
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import DataError, IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import roles
from campaigns.models import SpreadsheetImport
from campaigns.tests.make import NOW, make_approach, make_company, make_contact, make_question
from campaigns.tests.staff import make_staff, signed_in
from correspondence.models import Attachment, ByHand, Message
from correspondence.tests.make import make_sending_campaign, queue
from outreach.logs import Line

from . import access

pytestmark = [pytest.mark.abuse, pytest.mark.django_db]
WRITES = ("INSERT", "UPDATE", "DELETE")
RULE = 'unique constraint "one_of_each"'
LEADING = ("=", "+", "-", "@", "\t=", "\r=", "\n=")  # what a spreadsheet program runs, or skips before it runs


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def site():
    """({role: cookies}, {model: its object of the member's campaign})"""
    team = access.people()
    made = access.records(team)
    return access.sessions(team), made


def browser(cookies, **options):
    client = Client(raise_request_exception=False, **options)
    client.cookies.load(cookies)
    return client


def test_looking_changes_nothing(site):
    """S15: every address, by GET and HEAD, as somebody who may do everything. A session notes its last visit."""
    cookies, made = site
    client, wrote = browser(cookies["superuser"]), {}
    for key, path in access.requests(made):
        for method in ("GET", "HEAD"):
            with CaptureQueriesContext(connection) as queries:
                client.generic(method, path, secure=True)
            written = [
                one["sql"] for one in queries if one["sql"].startswith(WRITES) and "django_session" not in one["sql"]
            ]
            if written:
                wrote[f"{method} {key}"] = written
    assert wrote == {}


def test_nothing_is_posted_without_the_token_of_this_site(site):
    """S15: also where the session is a superuser's, and where a stranger's page sends the form."""
    cookies, made = site
    client, taken = browser(cookies["superuser"], enforce_csrf_checks=True), {}
    for key, path in access.requests(made):
        for origin in ({}, {"origin": "https://elsewhere.example"}):
            answer = client.post(path, secure=True, headers=origin)
            if answer.status_code != 403:
                taken[key] = answer.status_code
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert taken == {}


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "outreach.test.elsewhere.example", "outreach.test@x.example", "127.0.0.1"]
)
def test_a_host_that_is_not_this_site_gets_nothing(host):
    """S14. What a proxy's header claims is not asked."""
    assert Client().get("/admin/login/", secure=True, headers={"host": host}).status_code == 400
    page = Client().get(
        "/admin/login/", secure=True, headers={"host": settings.SITE.hostname, "x-forwarded-host": host}
    )
    assert page.status_code == 200 and host not in page.content.decode()


def test_a_link_in_a_mail_leads_to_this_site_whoever_asked_for_it():
    make_staff(username="ana", email="ana@desk.example")
    headers = {"host": settings.SITE.hostname, "x-forwarded-host": "elsewhere.example"}
    Client().post("/admin/password/", {"email": "ana@desk.example"}, secure=True, headers=headers)
    mail = bytes(Message.objects.get().mime).decode()
    assert f"{settings.SITE_URL}/admin/password/" in mail and "elsewhere" not in mail


AWAY = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "https:elsewhere.example",
    "javascript:alert(1)",
    "http://outreach.test@elsewhere.example/",
    " //elsewhere.example",
]


@pytest.mark.parametrize("to", AWAY)
def test_signing_in_leads_to_no_other_site(to):
    make_staff(username="ana")
    form = {"username": "ana", "password": "correct horse", "next": to}
    answer = Client().post("/admin/login/", form, secure=True)
    there = answer.headers["Location"]
    assert there.startswith("/") and not there.startswith(("//", "/\\"))


def swapped(made, own):
    """Yield (address, form) in which the attacker's own pages get everything that belongs to another campaign."""
    named = {model._meta.model_name: one for model, one in made.items()}
    campaign, approach, mail = f"/admin/campaigns/campaign/{own.campaign_id}", named["approach"].pk, named["message"].pk
    step, sheet, letter = named["campaign"].steps.get().pk, named["spreadsheetimport"].pk, named["letter"].pk
    text = {"language": "en", "subject": "Hello", "body": "Dear {company}"}
    more = {"owner": "", "until": "2026-04-10", "reason": "they said so"}
    for do in ("remind", "write", "time", "skip", "hold", "release", "assign", "unreached"):
        yield f"{campaign}/desk/act/", {"do": do, "c": approach, **more}
        yield f"{campaign}/desk/act/", {"do": do, "c": [own.pk, approach], **more}
    yield f"{campaign}/write/", {"approach": approach, "do": "merge", **text}
    yield f"{campaign}/write/?approach={approach}", None
    yield f"{campaign}/letters/{letter}/", None
    yield f"{campaign}/letters/{letter}/", {"do": "again"}
    for do in ("test", "prepare", "again", "approve"):
        yield (
            f"{campaign}/send/invitation/",
            {"do": do, "mail": mail, "listed": mail, "tick": mail, "shown": "x", "key": "k"},
        )
        yield f"{campaign}/send/invitation/?of={named['batch'].pk}", {"do": do}
    yield f"{campaign}/send/invitation/?mail={mail}", None
    for verb in ("undo", "again"):
        yield f"/admin/mail/approved/{named['batch'].pk}/{verb}/", {"mail": mail, "reason": "x"}
    for verb in ("stop", "settle"):
        yield f"/admin/mail/{mail}/{verb}/", {"do": "again", "reason": "x"}
    yield f"{campaign}/attachments/{named['attachment'].pk}/", None
    yield f"{campaign}/wordings/invitation/en/", {**text, "remove": named["attachment"].pk}
    hand = {"way": "out", "channel": "phone", "day": "2026-03-19", "result": "accepted", "note": "x"}
    hand |= {"key": named["byhand"].message_id, "contact": named["contact"].pk}
    yield f"/admin/campaigns/approach/{own.pk}/log/", hand
    yield f"/admin/campaigns/approach/{own.pk}/log/{named['byhand'].message_id}/file/", None
    for verb in ("retire", "restore", "remove"):
        yield f"{campaign}/reminders/{step}/{verb}/", {}
    yield f"{campaign}/reminders/?step={step}", {"days": 3, "anchor": "after_invitation", "wording": "reminder"}
    for part in ("columns", "check", "problems", "done", "drop"):
        address = reverse(f"spreadsheet_{part}", args=[own.campaign_id, sheet])
        yield address, {"do": "import", "digest": "x", "column-0": "company"}
        yield address, None
    yield f"{campaign}/copy-from/", {"source": named["campaign"].pk, "parts": ["questions", "companies", "wordings"]}
    yield f"/admin/campaigns/campaign/new-round/?of={named['campaign'].pk}", None
    yield reverse("campaign_take_out", args=[approach]), {}
    yield (
        reverse("campaign_questions", args=[own.campaign_id]),
        {"do": "labels", f"label-{named['question'].pk}": "Mine"},
    )
    yield f"{campaign}/texts/question-{named['question'].pk}-text/pt/", {"text": "Meu", "seen": "x"}
    yield f"{campaign}/texts/check/", {"do": "accept"}
    yield f"{campaign}/team/", {"person": 1, "remove": named["campaign"].memberships.get().pk}
    yield (
        f"/admin/responses/log/?approach={approach}",
        {"approach": approach, "outcome": "responded", "day": "2026-03-19"},
    )
    yield f"/admin/mail/ledger/?campaign={named['campaign'].pk}", None


def everything(made):
    """Return all that belongs to the attacked campaign: its rows, and how much hangs on it."""
    named = {model._meta.model_name: one for model, one in made.items()}
    campaign, approach = named["campaign"], named["approach"]
    about = [list(model.objects.filter(pk=one.pk).values()) for model, one in made.items()]
    hanging = [list(rows.order_by("pk").values()) for rows in (
        campaign.approaches, campaign.steps, campaign.questions, campaign.wordings, campaign.letters, campaign.batches,
        campaign.memberships, campaign.spreadsheets, approach.events, approach.messages, approach.chosen,
    )]  # fmt: skip
    return [*about, *hanging]


def test_ids_of_another_campaign_in_ones_own_forms_change_and_show_nothing(site):
    """S4: a researcher of one campaign, with everything that belongs to another one."""
    cookies, made = site
    campaign, (own,) = make_sending_campaign()
    make_question(campaign)
    made[type(own)].company.contacts.update(email="canary@theirs.example")
    for model in (Attachment, ByHand):
        model.objects.update(content=b"canary@theirs")
    campaign.memberships.create(user=access.get_user_model().objects.get(username="outsider"))
    client, before, wrong = browser(cookies["outsider"]), everything(made), {}
    for address, form in swapped(made, own):
        answer = (
            client.get(address, secure=True) if form is None else client.post(address, form, secure=True, follow=True)
        )
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code >= 500 or access.TITLE in body.decode() or "canary@theirs" in body.decode():
            wrong[f"{address} {form}"] = answer.status_code
        if (after := everything(made)) != before:
            wrong[f"{address} {form}"], before = "changed", after
    assert wrong == {}


def cells(answer):
    """Return every text of a file, and every formula that the program would run."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "csv" in answer.headers["Content-Type"]:
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    sheets = [name for name in ZipFile(io.BytesIO(content)).namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in ZipFile(io.BytesIO(content)).read(name) for name in sheets)
    return [str(cell.value) for row in load_workbook(io.BytesIO(content)).active for cell in row if cell.value]


def test_no_export_holds_a_formula_and_each_is_in_the_log_with_its_rows():
    """S13, S23: what staff can take home, with a hostile beginning in every text that outsiders may have chosen."""
    campaign, _none = make_sending_campaign(0, title="=campaign", context="+context")
    for number, lead in enumerate(LEADING, 1):
        company = make_company(f"{lead}name {number}")
        contact = make_contact(company, name=f"{lead}contact")
        approach = make_approach(campaign, company, contact=False, note=f"{lead}note", group=f"{lead}group")
        approach.chosen.create(contact=contact)
        make_question(campaign, str(number), text=f"{lead}question")
        queue(approach)
    rows = [["Company", "E-mail"], *([f"{lead}name", "no address"] for lead in LEADING)]
    sheet = SpreadsheetImport.objects.create(
        campaign=campaign, rows=rows, columns=["company", "email"], made_by=make_staff(), made_at=NOW
    )
    client = signed_in(make_staff(roles.LEAD))
    exports = {
        reverse("mail_ledger_export", args=["csv"]): "Exported 7 entries of the ledger as CSV",
        reverse("mail_ledger_export", args=["xlsx"]): "Exported 7 entries of the ledger as XLSX",
        reverse("campaign_desk_sheet", args=[campaign.pk]): "Exported 7 companies",
        reverse("mail_texts_sheet", args=[campaign.pk]): "texts as XLSX",
        reverse("spreadsheet_problems", args=[campaign.pk, sheet.pk]): "Exported 7 rows with problems",
    }
    for address, said in exports.items():
        LogEntry.objects.all().delete()
        found = cells(client.post(address))
        assert [cell for cell in found if cell.startswith(tuple("=+-@\t\r\n"))] == [], address
        assert sum("name" in cell or "question" in cell for cell in found) >= 7, "the hostile ones are in it"
        assert said in LogEntry.objects.get().change_message
        assert client.get(address).status_code == 405


def test_an_error_tells_nothing_of_what_was_typed(site, monkeypatch, caplog):
    """S25: whatever breaks, neither the page nor the log repeats the form, nor a value of the database."""
    cookies, made = site
    client, told, bird = browser(cookies["superuser"]), {}, "canary@x.example"

    def broken(*args, **values):
        try:
            raise DataError(f"invalid input syntax for type integer: {bird}")
        except DataError as first:
            raise IntegrityError(f"violates {RULE}\nDETAIL:  Key (email)=({bird}) exists.") from first

    typed = {
        name: f"canary-{name}" for name in ("password", "username", "email", "name", "reason", "note", "body", "do")
    }
    caplog.set_level(logging.DEBUG)
    with monkeypatch.context() as patched:
        patched.setattr("django.contrib.admin.sites.AdminSite.has_permission", broken)
        for key, path in access.requests(made):
            if path.startswith("/admin/"):
                answer = client.post(path, typed, secure=True)
                if answer.status_code >= 500 and "canary" in answer.content.decode():
                    told[key] = "page"
    assert settings.LOGGING["formatters"]["line"]["()"] == f"{Line.__module__}.{Line.__name__}"
    logged = "\n".join(Line().format(one) for one in caplog.records)
    assert 'violates unique constraint "one_of_each"' in logged and "DataError" in logged, (
        "it did break, and says where"
    )
    assert told == {} and "canary" not in logged
