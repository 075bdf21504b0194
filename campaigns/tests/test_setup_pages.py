import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import clock, roles
from campaigns.models import Campaign, SpreadsheetImport
from campaigns.setup import keeping
from companies.models import Company

from .make import NOW, invite, make_approach, make_campaign, make_company, make_contact, make_question, reply
from .staff import make_staff, problems, signed_in
from .test_setup_questionnaire import MENA

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(monkeypatch):
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    return make_campaign(asked_on=None, published_on=None)


@pytest.fixture
def client(campaign):
    return signed_in(make_staff(roles.RESEARCHER, campaign))


def address(campaign, rest):
    return f"/admin/campaigns/campaign/{campaign.pk}/{rest}"


def form_of(page, **more):
    """The rows of a questions page as a browser would send them."""
    fields = {"version": page.context["version"], **more}
    for name in ("pk", "number", "text", "label", "level", "key"):
        fields[name] = ["" if (value := getattr(row, name)) is None else value for row in page.context["rows"]]
    return fields


def test_a_pasted_questionnaire_is_corrected_and_saved_as_a_tree(client, campaign):
    here = address(campaign, "questions/")
    page = client.post(here, form_of(client.get(here), do="read", paste=MENA))
    page = client.post(here, form_of(page, do="indent:10"))
    assert "Save 9 questions" in page.content.decode() and not campaign.questions.exists()
    page = client.post(here, form_of(page, do="outdent:10"))
    page = client.post(here, form_of(page, do="save"), follow=True)
    assert problems(page) == ["Saved 9 questions."]
    tree = [(one.number, one.parent and one.parent.number) for one in campaign.questions.order_by("position")]
    assert tree[:2] == [("1", None), ("1.a", "1")] and tree[-1] == ("3", None) and len(tree) == 11


def test_rows_change_places_and_numbers_and_keep_their_identity(client, campaign):
    first, second = make_question(campaign, "1", position=0), make_question(campaign, "2", position=1, label="Two")
    make_question(campaign, "2.a", position=2, parent=second)
    here = address(campaign, "questions/")
    page = client.post(here, form_of(client.get(here), do="up:1"))
    page = client.post(here, form_of(page, do="number:"))
    page = client.post(here, form_of(page, do="remove:1"))
    saved = client.post(here, form_of(page, do="save"), follow=True)
    assert problems(saved) == ["Saved 2 questions: 0 new, 2 changed, 1 removed."]
    first.refresh_from_db(), second.refresh_from_db()
    assert (second.number, second.label, second.position, first.number) == ("1", "Two", 0, "2")
    assert campaign.questions.count() == 2


def test_an_error_keeps_what_was_typed_and_saves_nothing(client, campaign):
    here = address(campaign, "questions/")
    page = client.post(here, form_of(client.get(here), do="read", paste="1. One\n2. Two\n2. Three"))
    page = client.post(here, form_of(page, do="save"))
    html = page.content.decode()
    assert "<title>Error:" in html and "The number 2 is used more than once: rows 2, 3." in html and "Three" in html
    assert not campaign.questions.exists()


def test_a_save_from_an_older_state_is_refused(client, campaign):
    here = address(campaign, "questions/")
    page = client.post(here, form_of(client.get(here), do="read", paste="1. Mine"))
    make_question(campaign, "1", text="Theirs")
    page = client.post(here, form_of(page, do="save"))
    assert "Somebody changed the questions meanwhile" in page.content.decode() and "Mine" in page.content.decode()
    assert [one.text for one in campaign.questions.all()] == ["Theirs"]


def test_what_was_asked_keeps_its_text_and_changes_its_label(client, campaign):
    question = make_question(campaign, "1", text="As asked")
    page = client.get(address(campaign, "questions/"))
    stale = form_of(page, do="save", text=["Another"])
    invite(make_approach(campaign))
    client.post(address(campaign, "questions/"), stale)
    client.post(address(campaign, "questions/"), {"do": "labels", f"label-{question.pk}": "Short"})
    question.refresh_from_db()
    assert (question.text, question.label) == ("As asked", "Short")
    html = client.get(address(campaign, "questions/")).content.decode()
    assert f"replaces={question.pk}" in html and "<textarea" not in html
    with pytest.raises(Exception, match="asked"):
        keeping.save(campaign, [], keeping.version(keeping.rows_of(campaign)))


def test_a_campaign_is_begun_in_one_form_with_its_asker_and_team(monkeypatch):
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    lead = make_staff(roles.LEAD)
    client, here = signed_in(lead), "/admin/campaigns/campaign/start/"
    facts = {name: field.initial for name, field in client.get(here).context["form"].fields.items()}
    typed = {
        "title": "Water: who answers?", "kind": "survey", "language": "en", "asker": "The Desk",
        "time_zone": "Africa/Cairo",
        "deadline": "2026-04-10", "closes_on": "2026-04-01", "from_name": "Desk", "from_address": "desk@asker.example",
        "signature": "",
    }  # fmt: skip
    page = client.post(here, facts | typed | {"slug": "", "reply_to": ""})
    assert "The closing date cannot be before the day to reply by." in page.content.decode()
    page = client.post(here, typed | {"closes_on": "2026-05-01", "slug": "", "reply_to": ""}, follow=True)
    campaign = Campaign.objects.get()
    assert (campaign.slug, campaign.reply_to, campaign.deadline_stated) == (
        "water-who-answers",
        "desk@asker.example",
        "2026-04-10",
    )
    assert campaign.signature == "Desk", "the standard wordings end with it: an empty one would block every letter"
    assert campaign.askers.get().name == "The Desk" and campaign.memberships.get().user == lead
    states = {step.name: (step.done, step.state) for step in page.context["steps"]}
    client.post(here, typed | {"title": "المياه", "closes_on": "2026-05-01", "slug": "", "reply_to": ""})
    assert Campaign.objects.filter(slug="campaign").exists()
    Campaign.objects.filter(slug="campaign").update(signature="The Desk\nHigh Street 1")
    assert client.get(here).context["form"]["signature"].value() == "The Desk\nHigh Street 1", "of the newest campaign"
    assert states["Questions"] == (False, "None yet.") and states["Texts, days and sender"][0]


def test_a_campaign_is_begun_from_the_first_page_and_from_the_list(campaign):
    ways = {"/admin/campaigns/campaign/start/", "/admin/campaigns/campaign/new-round/"}
    for role, may in ((roles.LEAD, True), (roles.RESEARCHER, False)):
        client = signed_in(make_staff(role, campaign))
        first, listed = (client.get(page).content.decode() for page in ("/admin/", "/admin/campaigns/campaign/"))
        assert ("campaigns/campaign/start/" in first) == may and all((way in listed) == may for way in ways)
        assert address(campaign, "setup/") in listed  # a draft leads to its set-up
    for page in ("change/", "desk/"):
        assert address(campaign, "setup/") in client.get(address(campaign, page)).content.decode()


def test_the_steps_say_what_there_is(client, campaign):
    parent = make_question(campaign, "1", text="")
    make_question(campaign, "1.a", parent=parent)
    make_approach(campaign)
    make_approach(campaign, contact=False)
    for code in ("pt", "ar"):
        campaign.wordings.create(kind="invitation", language=code, subject="x", body="x")
    states = {step.name: step.state for step in client.get(address(campaign, "setup/")).context["steps"]}
    assert (states["Questions"], states["Companies"]) == ("1 question", "2 companies, 1 without contact")
    assert states["Wording"] == "2 wordings: Arabic, Portuguese"


CSV = "Company;E-mail\nAirbus SE;info@\nBoeing;b@boeing.example\n"


def upload(client, campaign, text=CSV):
    """Return the address of the check page."""
    file = SimpleUploadedFile("list.csv", text.encode())
    page = client.post(address(campaign, "companies/import/"), {"file": file}, follow=True)
    columns = {f"column-{one['place']}": one["key"] for one in page.context["matched"]}
    return client.post(page.request["PATH_INFO"], columns, follow=True).request["PATH_INFO"]


def test_a_file_is_matched_checked_mended_imported_and_taken_back(client, campaign):
    make_company("Airbus")
    here = upload(client, campaign)
    page = client.get(here)
    html = page.content.decode()
    assert "Import 1 company, leave out 1" in html and "“<bdi>info@</bdi>”. It is not complete." in html
    problems_file = client.post(f"{here}problems/").content.decode("utf-8-sig").splitlines()
    assert problems_file[0] == "Company,E-mail,What to do" and problems_file[1].startswith(
        "Airbus SE,info@,E-mail: It is not"
    )
    mended = {
        "cell-2-email": "info@airbus.example",
        "choice-2": "new",
        "do": "import",
        "digest": page.context["check"].digest,
    }
    page = client.post(here, mended, follow=True)  # the numbers are others now: look first
    assert "Import 2 companies" in page.content.decode() and not campaign.approaches.exists()
    page = client.post(here, {"do": "import", "digest": page.context["check"].digest}, follow=True)
    assert problems(page) == ["Imported 2 companies."] and campaign.approaches.count() == 2
    assert "list.csv" in client.get(address(campaign, "companies/import/")).content.decode()
    page = client.post(page.request["PATH_INFO"], follow=True)
    assert problems(page) == ["Taken back: 2 companies."] and Company.objects.get().name == "Airbus"


def test_a_plain_list_of_names_is_imported_as_it_was_pasted(client, campaign):
    page = client.post(address(campaign, "companies/import/"), {"table": "Airbus\nElbit, Ltd\nCisco\n"}, follow=True)
    assert [one["key"] for one in page.context["matched"]] == ["company"] and page.context["count"] == 3
    here = client.post(page.request["PATH_INFO"], {"column-0": "company"}, follow=True).request["PATH_INFO"]
    client.post(here, {"do": "import", "digest": client.get(here).context["check"].digest})
    assert [one.listed_as for one in campaign.approaches.order_by("position")] == ["Airbus", "Elbit, Ltd", "Cisco"]


def test_the_check_says_who_is_known_and_which_row_another_one_is_like(client, campaign):
    make_company("Thales Group").aliases.create(name="Thales", folded="thales")
    here = upload(
        client, campaign, "Company;E-mail\nThales;a@thales.example\nRampart GmbH;u@r.example\nRampart;v@r.example\n"
    )
    html = client.get(f"{here}?show=all").content.decode()
    assert html.count("Known as") == 1 and "Known as <bdi>Thales Group</bdi>" in html
    assert "The same as <bdi>Rampart GmbH in row 3</bdi>" in html


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ({}, "Choose a file, or paste a table."),
        (
            {"file": SimpleUploadedFile("old.xls", b"\xd0\xcf\x11\xe0x")},
            "old.xls cannot be read here. Save it as XLSX or CSV.",
        ),
        ({"file": SimpleUploadedFile("e.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("b.csv", b"x" * (5 * 2**20 + 1))}, "b.csv is 6 MB. Files can be up to 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(client, campaign, upload, sentence):
    html = client.post(address(campaign, "companies/import/"), upload).content.decode()
    assert sentence in html and "<title>Error:" in html and not SpreadsheetImport.objects.exists()


def test_a_column_that_is_chosen_twice_is_refused(client, campaign):
    page = client.post(address(campaign, "companies/import/"), {"table": "Company\tmail\tE-mail\nA\tb\tc"}, follow=True)
    assert "Column “E-mail” appears twice" in page.content.decode()
    here = page.request["PATH_INFO"]
    page = client.post(here, {"column-0": "company", "column-1": "email", "column-2": "email"})
    assert "“E-mail” is chosen twice." in page.content.decode()
    assert "Choose the column that holds the company." in client.post(here, {}).content.decode()


def queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page = client.get(path)
    assert page.status_code == 200
    return len(seen), page


def test_pages_cost_the_same_with_one_row_and_with_three(client, campaign):
    spent = []
    for rows in (1, 3):
        for each in range(rows):
            make_question(campaign, f"{rows}.{each}")
            make_approach(campaign, make_company(f"Known {rows} {each}"))
        text = "Company,E-mail\n" + "".join(
            f"Firm {rows}{each}{'xyz'[each] * 9},a{each}@x{rows}{each}.example\n" for each in range(rows)
        )
        check = upload(client, campaign, text)
        pages = ["questions/", "setup/", "companies/?q=Known", "companies/import/"]
        spent.append([queries(client, address(campaign, one))[0] for one in pages] + [queries(client, check)[0]])
    assert spent[0] == spent[1]


def test_a_company_is_added_and_taken_out_again_while_nobody_has_written_to_it(campaign):
    client = signed_in(make_staff(roles.RESEARCHER, campaign))
    known = make_company("Airbus")
    make_contact(known, email="press@airbus.example")
    here = address(campaign, "companies/")
    page = client.get(f"{here}?q=airb")
    assert page.context["found"] == [known] == client.get(f"{here}?q=Airbus+SE").context["found"]
    client.post(here, {"do": "known", "company": known.pk})
    page = client.post(here, {"do": "new", "name": "AIRBUS"})
    assert "This company is already listed." in page.content.decode()
    page = client.post(here, {"do": "new", "name": "Airbus SE"}).content.decode()
    assert "Looks like Airbus, already listed." in page and 'name="another"' in page and Company.objects.count() == 1
    client.post(here, {"do": "new", "name": "Airbus SE", "another": "1"})
    assert client.post(f"/admin/campaigns/approach/{campaign.approaches.last().pk}/take-out/").status_code == 302
    client.post(here, {"do": "new", "name": "Boeing", "email": "b@boeing.example", "headquarters": "US"})
    airbus, boeing = campaign.approaches.order_by("position")
    assert [airbus.chosen.get().contact.email, boeing.chosen.get().contact.email] == [
        "press@airbus.example",
        "b@boeing.example",
    ]
    invite(boeing)
    for approach in (airbus, boeing):
        client.post(f"/admin/campaigns/approach/{approach.pk}/take-out/")
    assert campaign.approaches.get() == boeing and Company.objects.count() == 3
    html = client.get(f"/admin/campaigns/approach/{boeing.pk}/take-out/").content.decode()
    assert "never deleted" in html and not re.search(r"<button[^>]*>Take out", html)
    reply(boeing)
    html = client.get(f"/admin/campaigns/approach/{boeing.pk}/take-out/").content.decode()
    assert "it wrote back, so it stays" in html and "could not be reached" not in html
