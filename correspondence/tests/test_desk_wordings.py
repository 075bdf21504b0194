import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns import roles
from campaigns.tests.make import NOW, invite, make_approach, make_campaign, make_company, make_question
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Contact
from correspondence import standard
from correspondence.compose import compose
from correspondence.letters import Letters
from correspondence.models import WORDED, Attachment, State, Wording
from correspondence.wording import needed, unknown_fields

from .desk import freeze, make_desk, text_of
from .make import make_wording

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7"


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)


def wordings_of(campaign):
    return f"/admin/campaigns/campaign/{campaign.pk}/wordings/"


def page_of(campaign, kind="invitation", language="en"):
    return f"{wordings_of(campaign)}{kind}/{language}/"


def save(client, address, **values):
    form = client.get(address).context["form"]
    now = {name: form[name].value() or "" for name in ("version", "subject", "body")}
    return client.post(address, now | values, follow=True)


@pytest.mark.parametrize("language", standard.LANGUAGES)
def test_standard_wordings_have_every_kind_and_only_fields_that_exist(language):
    assert standard.LANGUAGES == ("ar", "en", "es", "fr", "pt")
    for kind, (subject, body) in standard.read(language).items():
        assert kind in WORDED and not unknown_fields(subject + body)
        fields = set(needed(Wording(subject=subject, body=body)))
        assert "signature" in fields
        if kind in ("reminder", "last_notice"):
            assert {"questions", "reply_by", "closes_on", "reply_link", "invited_on"} <= fields
        assert ("public_page" in fields) == (kind == "now_public")


@pytest.mark.parametrize(
    ("language", "request_"),
    [
        ("en", "Please reply by"), ("pt", "Pedimos que responda"), ("es", "Le rogamos que responda"),
        ("fr", "Merci de répondre"), ("ar", "نرجو الرد"),
    ],
)  # fmt: skip
def test_a_standard_reminder_stays_true_once_the_day_to_reply_by_is_over(language, request_):
    _subject, body = standard.read(language)["reminder"]
    assert "{reply_by}" in body and request_ not in body


def test_the_standard_wordings_of_the_languages_that_contacts_read_are_chosen_beforehand():
    campaign, [first, second], client = make_desk(2)
    for approach, language in ((first, "ar"), (second, "pt-br")):
        Contact.objects.filter(chosen__approach=approach).update(language=language)
    page = client.get(f"/admin/campaigns/campaign/{campaign.pk}/wordings/").content.decode()
    assert {code for code in standard.LANGUAGES if f'value="{code}" checked' in page} == {"ar", "en", "pt"}


def test_standard_wordings_fill_what_is_empty_and_make_mails():
    campaign, [_first, other], client = make_desk(2, signature="The desk")
    campaign.wordings.exclude(kind="thanks").delete()
    campaign.askers.create(name="Open Questions Desk")
    make_question(campaign, "50")
    page = client.post(wordings_of(campaign), {"language": ["en", "ar", "xx"]}, follow=True)
    assert problems(page) == ["11 standard wordings are added. Read them before you use them."]
    assert campaign.wordings.get(kind="thanks", language="en").subject == "Questions to {company}"
    invite(other)
    for kind in ("invitation", "reminder", "last_notice", "thanks", "correction"):
        assert compose(other, f"batch:{kind}", kind, now=NOW, state=State.PROPOSED, letters=Letters(campaign)).subject
    assert LogEntry.objects.filter(object_id=campaign.pk, change_message__contains="11 standard").exists()


def test_a_wrong_field_is_named_with_its_line_and_what_was_meant():
    campaign, _approaches, client = make_desk(1)
    page = save(client, page_of(campaign), subject="{compnay}", body="Dear all,\n\n{contact_nme} {nothing} }")
    text = text_of(page)
    assert "The field {compnay} does not exist; did you mean {company}?" in text
    assert "Line 3: The field {contact_nme} does not exist; did you mean {contact_name}?" in text
    assert "Line 3: The field {nothing} does not exist." in text and "belongs to no field" in text
    assert Wording.objects.get(campaign=campaign, kind="invitation").subject == "Questions to {company}"


def test_whom_a_field_is_empty_for_is_said_beside_the_examples():
    campaign, [first, *_rest], client = make_desk(3)
    make_approach(campaign, make_company())
    Contact.objects.exclude(chosen__approach=first).update(name="")
    page = save(client, page_of(campaign), body="Dear {contact_name}, {reason|-} {closes_on}")
    text = text_of(page)
    assert "The field {contact_name} is empty for 3 companies: " in text and "Add a name or a fallback." in text
    assert first.chosen.get().contact.name in text and "{closes_on} is empty" not in text
    assert "/en/reply/••••••••/" in text


def test_attachments_are_added_downloaded_and_removed():
    campaign, _approaches, client = make_desk(1)
    save(client, page_of(campaign), files=[SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", PDF)])
    one, other = Attachment.objects.all()
    answer = client.get(f"/admin/campaigns/campaign/{campaign.pk}/attachments/{one.pk}/")
    assert answer.content == PDF and answer["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"] and answer["Content-Type"] == "application/octet-stream"
    page = save(client, page_of(campaign), remove=[one.pk], files=[SimpleUploadedFile("evil.exe", b"MZ")])
    assert "evil.exe: attach PDF" in text_of(page) and Attachment.objects.count() == 2
    save(client, page_of(campaign), remove=[one.pk])
    assert list(Attachment.objects.all()) == [other]
    other.wording.delete()
    assert not Attachment.objects.exists()


def test_another_campaigns_attachment_cannot_be_removed_or_read():
    campaign, _approaches, client = make_desk(1)
    mine = make_wording(campaign, "now_public", body="x")
    theirs = make_wording(make_campaign(), body="x")
    for one in (mine, theirs):
        Attachment.objects.create(wording=one, name="x.pdf", media_type="application/pdf", content=PDF, size=8)
    foreign = theirs.attachments.get()
    save(client, page_of(campaign, "now_public"), remove=[foreign.pk])
    assert theirs.attachments.exists()
    assert client.get(f"/admin/campaigns/campaign/{campaign.pk}/attachments/{foreign.pk}/").status_code == 404


def test_what_somebody_else_saved_meanwhile_is_not_written_over():
    campaign, _approaches, client = make_desk(1)
    form = client.get(page_of(campaign)).context["form"]
    version = form["version"].value()
    campaign.wordings.filter(kind="invitation").update(body="Theirs")
    page = client.post(page_of(campaign), {"version": version, "subject": "Mine", "body": "Mine"})
    assert "Theirs" in text_of(page) and campaign.wordings.get(kind="invitation").body == "Theirs"


def test_researchers_write_wordings_of_their_campaigns_only():
    campaign, _approaches, _lead = make_desk(1)
    other = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    assert other.get(page_of(campaign)).status_code == other.get(wordings_of(campaign)).status_code == 404


@pytest.mark.parametrize("companies", [1, 3])
def test_the_pages_cost_the_same_for_one_company_and_for_three(companies, django_assert_num_queries):
    campaign, _approaches, client = make_desk(companies)
    client.get(wordings_of(campaign))
    with django_assert_num_queries(13):
        client.get(wordings_of(campaign))
    with django_assert_num_queries(27):
        client.get(page_of(campaign))


def test_who_reads_another_language_has_a_column_for_it():
    campaign, [one, other], client = make_desk(2)
    Contact.objects.filter(company=one.company).update(language="de")
    Contact.objects.filter(company=other.company).update(language="pt-br")
    page = client.get(wordings_of(campaign))
    assert page.context["columns"] == ["en", "pt", "es", "fr", "ar", "de"]
    assert page_of(campaign, language="de") in page.content.decode()


def test_an_edit_says_how_many_mails_of_its_language_were_merged_before():
    campaign, [one, _other], client = make_desk(2)
    Contact.objects.filter(company=one.company).update(language="pt")
    make_wording(campaign, language="pt")
    for approach in campaign.approaches.all():
        compose(approach, "invitation", "invitation", now=NOW, state=State.PROPOSED)
    page = save(client, page_of(campaign, language="pt"), subject="Outra pergunta")
    assert problems(page)[1].startswith("1 mail was merged from the earlier text")


def test_a_text_is_read_as_the_first_company_would_before_it_is_saved():
    campaign, [one, _other], client = make_desk(2)
    version = client.get(page_of(campaign, "reminder")).context["form"]["version"].value()
    now = {"do": "preview", "version": version, "subject": "To {company}", "body": "Since {invited_on}: {nothing|x}"}
    text = text_of(client.post(page_of(campaign, "reminder"), now))
    assert "does not exist" in text and text.startswith(" Error: Reminder")
    now["body"] = "Since {invited_on}, {reason}"
    text = text_of(client.post(page_of(campaign, "reminder"), now))
    assert "The field {reason} is empty for every company." in text
    now["body"] = "Since {invited_on}."
    files = {"files": SimpleUploadedFile("a.pdf", PDF)}
    page = client.post(page_of(campaign, "reminder"), {**now, **files})
    text = text_of(page)
    assert f"To {one.listed_as}" in text and "Since 20 March 2026." in text and "we will not write again" in text
    assert "choose them again" in problems(page)[0] and "Somebody changed" not in text
    assert (
        campaign.wordings.get(kind="reminder").subject == "Questions to {company}" and not Attachment.objects.exists()
    )
    campaign.approaches.all().delete()
    assert "There is no company yet." in text_of(client.post(page_of(campaign, "reminder"), now))
