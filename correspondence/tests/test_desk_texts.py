from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from campaigns import roles
from campaigns.models import Campaign, Translation
from campaigns.tests.make import make_campaign, make_invited, make_question
from campaigns.tests.staff import make_staff, problems, signed_in
from correspondence import texts_grid

from .desk import freeze, make_desk, text_of
from .make import make_wording

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def desk():
    """A campaign in English with a question, a finding, a reason and letters, and a lead's client."""
    campaign, [approach], client = make_desk(1, title="Clean rivers", signature="The desk")
    make_question(campaign, "50", text="Which substances?", label="Substances")
    campaign.findings.create(text="Nobody measures.")
    approach.reason = "Its outlets."
    approach.save()
    return campaign, client


def texts_of(campaign, more=""):
    return f"/admin/campaigns/campaign/{campaign.pk}/texts/{more}"


def sheet_of(client, campaign):
    answer = client.post(texts_of(campaign, "sheet/"))
    book = load_workbook(BytesIO(answer.content))
    return book, book.active


def upload(client, campaign, book):
    stream = BytesIO()
    book.save(stream)
    return bring(client, campaign, stream.getvalue())


def bring(client, campaign, data, name="texts.xlsx"):
    return client.post(texts_of(campaign, "upload/"), {"sheet": SimpleUploadedFile(name, data)}, follow=True)


def cell(sheet, key, language):
    heads = [one.value for one in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == key)
    return row[heads.index(language)]


def test_what_is_missing_is_counted_and_narrowed_to(desk):
    campaign, client = desk
    rows = texts_grid.read(campaign)
    lacking = sum(row.lacks("ar") for row in rows)
    Translation.objects.create(campaign=campaign, field="title", language="ar", text="أنهار نظيفة")
    page = client.get(texts_of(campaign))
    assert f"{lacking - 1} missing in Arabic" in text_of(page) and "أنهار نظيفة" in text_of(page)
    narrow = client.get(texts_of(campaign) + "?missing=ar")
    assert len(narrow.context["rows"]) == lacking - 1 and "Which substances?" in text_of(narrow)


def test_a_text_is_written_in_place(desk):
    campaign, client = desk
    question = campaign.questions.get(number="50")
    address = texts_of(campaign, f"question-{question.pk}-text/ar/")
    page = client.get(address)
    assert "Which substances?" in text_of(page)
    seen = page.context["form"]["seen"].value()
    answer = client.post(address, {"text": "أي مواد؟", "seen": seen})
    assert answer.url.endswith(f"#question-{question.pk}-text")
    assert question.translations.get().text == "أي مواد؟"
    stale = client.post(address, {"text": "Mine", "seen": seen})
    assert "أي مواد؟" in text_of(stale) and question.translations.get().text == "أي مواد؟"
    seen = client.get(address).context["form"]["seen"].value()
    client.post(address, {"text": "", "seen": seen})
    assert not question.translations.exists()


def test_what_was_asked_is_locked_and_its_translations_are_not(desk):
    campaign, client = desk
    make_invited(campaign)
    question = campaign.questions.get(number="50")
    address = texts_of(campaign, f"question-{question.pk}-text/en/")
    seen = client.get(address).context["form"]["seen"].value()
    assert "the original is locked" in text_of(client.post(address, {"text": "Other", "seen": seen}))
    question.refresh_from_db()
    assert question.text == "Which substances?"
    address = texts_of(campaign, f"question-{question.pk}-text/fr/")
    seen = client.get(address).context["form"]["seen"].value()
    assert client.post(address, {"text": "Quoi ?", "seen": seen}).status_code == 302
    book, sheet = sheet_of(client, campaign)
    cell(sheet, f"question-{question.pk}-text", "en").value = "Other"
    assert "the original is locked" in text_of(upload(client, campaign, book))


def test_a_sheet_that_comes_back_is_reported_first_and_accepted_whole(desk):
    campaign, client = desk
    question = campaign.questions.get(number="50")
    book, sheet = sheet_of(client, campaign)
    cell(sheet, "title", "ar").value = "أنهار نظيفة"
    cell(sheet, f"question-{question.pk}-label", "fr").value = "Substances chimiques"
    cell(sheet, "signature", "en").value = "The whole desk"
    cell(sheet, "wording-invitation-subject", "pt").value = "Perguntas a {company}"
    cell(sheet, "wording-invitation-body", "pt").value = "Caro {contact_name|senhor}, {questions}"
    cell(sheet, "wording-thanks-subject", "pt").value = "Só o assunto"
    cell(sheet, "wording-correction-body", "en").value = "Dear {contact_nme}"
    page = upload(client, campaign, book)
    text = text_of(page)
    assert "4 new" in text and "1 changed" in text and "2 refused" in text and "Accept 5 texts" in text
    assert "did you mean {contact_name}?" in text and "A letter has a subject and a text." in text
    assert not Translation.objects.exists() and Campaign.objects.get().signature == "The desk"
    done = client.post(texts_of(campaign, "check/"), {"do": "accept"}, follow=True)
    assert problems(done) == ["5 texts are written."]
    assert campaign.translations.get(field="title").text == "أنهار نظيفة"
    assert Campaign.objects.get().signature == "The whole desk"
    assert campaign.wordings.get(language="pt").body == "Caro {contact_name|senhor}, {questions}"
    book, _sheet = sheet_of(client, campaign)
    assert "There is nothing to accept." in text_of(upload(client, campaign, book))


def test_what_was_edited_meanwhile_is_refused_with_both_texts(desk):
    campaign, client = desk
    Translation.objects.create(campaign=campaign, field="title", language="fr", text="Rivières")
    book, sheet = sheet_of(client, campaign)
    cell(sheet, "title", "fr").value = "Fleuves propres"
    cell(sheet, "signature", "es").value = "La redacción"
    campaign.translations.update(text="Rivières propres")
    Campaign.objects.update(signature="Another desk")
    text = text_of(upload(client, campaign, book))
    assert "2 refused" in text and "Rivières propres" in text and "Fleuves propres" in text
    assert "It reads now: Another desk" in text


def test_what_is_edited_between_report_and_acceptance_stops_all_of_it(desk):
    campaign, client = desk
    book, sheet = sheet_of(client, campaign)
    cell(sheet, "title", "fr").value = "Rivières"
    cell(sheet, "title", "es").value = "Ríos"
    upload(client, campaign, book)
    Translation.objects.create(campaign=campaign, field="title", language="es", text="Otros")
    page = client.post(texts_of(campaign, "check/"), {"do": "accept"}, follow=True)
    assert "was edited meanwhile" in " ".join(problems(page))
    assert campaign.translations.get().text == "Otros"


def test_no_text_is_a_formula_in_the_sheet(desk):
    campaign, client = desk
    evil = ['=HYPERLINK("https://evil.example")', "+1+1", "@SUM(A1)", "-2"]
    for number, text in enumerate(evil):
        make_question(campaign, str(70 + number), text=text)
    book, sheet = sheet_of(client, campaign)
    assert {one.data_type for row in sheet.iter_rows() for one in row if one.value} == {"s"}
    assert not [one for row in sheet.iter_rows() for one in row if str(one.value or "").startswith(tuple("=+@-"))]
    assert "There is nothing to accept." in text_of(upload(client, campaign, book))


def test_files_that_are_no_such_sheet_are_refused(desk):
    campaign, client = desk
    book = Workbook()
    book.active.append(["company", "email"])
    assert "has no column “key”" in " ".join(problems(upload(client, campaign, book)))
    for data in (b"PK\x03\x04 broken", b"", b"\xd0\xcf\x11\xe0 old", b"x" * (5 * 2**20 + 1)):
        assert problems(bring(client, campaign, data))
        assert not Translation.objects.exists()


def test_researchers_see_the_texts_of_their_campaigns_only(desk):
    campaign, _client = desk
    other = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    assert other.post(texts_of(campaign, "sheet/")).status_code == 404
    for more in ("", "check/", "title/fr/"):
        assert other.get(texts_of(campaign, more)).status_code == 404


def test_a_key_of_another_campaign_is_nothing_here(desk):
    campaign, client = desk
    foreign = make_question(make_campaign(), text="Theirs")
    assert client.get(texts_of(campaign, f"question-{foreign.pk}-text/fr/")).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_grid_costs_the_same_for_one_of_everything_and_for_three(number, django_assert_num_queries):
    campaign, _approaches, client = make_desk(number)
    for one in range(number):
        make_question(campaign, f"6{one}")
        campaign.findings.create(text="x")
        make_wording(campaign, "invitation", ("fr", "es", "ar")[one])
    client.get(texts_of(campaign))
    with django_assert_num_queries(17):
        client.get(texts_of(campaign))


def test_where_there_is_nothing_to_translate_nobody_is_asked_to(desk):
    campaign, client = desk
    assert texts_of(campaign, "headline/en/") in (page := client.get(texts_of(campaign)).content.decode())
    assert texts_of(campaign, "headline/pt/") not in page and texts_of(campaign, "title/pt/") in page
    assert '<div class="table-wrap"' in page  # which alone scrolls sideways


def test_a_language_that_a_contact_reads_is_a_column_of_page_and_sheet(desk):
    campaign, client = desk
    campaign.approaches.get().company.contacts.update(language="de")
    assert "missing in German" in text_of(client.get(texts_of(campaign)))
    assert "de" in [one.value for one in sheet_of(client, campaign)[1][1]]
