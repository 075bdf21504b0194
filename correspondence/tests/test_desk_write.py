import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from campaigns import roles
from campaigns.tests.make import make_approach, make_campaign, make_company
from campaigns.tests.staff import make_staff, problems, signed_in
from correspondence.models import Letter, Message, State

from .desk import freeze, make_desk, text_of

pytestmark = pytest.mark.django_db
TEXT = {"language": "en", "subject": "About {company}", "body": "Dear {contact_name|all},\n\nwe met your {company}."}


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)


def write_of(campaign):
    return f"/admin/campaigns/campaign/{campaign.pk}/write/"


def test_a_letter_is_written_previewed_checked_and_approved():
    campaign, [one, two, three], client = make_desk(3)
    page = client.get(f"{write_of(campaign)}?approach={one.pk}&approach={two.pk}&approach=x")
    assert "To 2 companies" in text_of(page)
    form = TEXT | {"approach": [one.pk, two.pk]}
    page = client.post(write_of(campaign), form | {"do": "preview"})
    assert f"About {one.listed_as}" in text_of(page) and "Make 2 mails to check" in text_of(page)
    assert not Letter.objects.exists() and not Message.objects.exists()
    page = client.post(write_of(campaign), form | {"do": "merge"}, follow=True)
    assert "Approve 2 mails for now" in text_of(page) and set(Message.objects.values_list("state", flat=True)) == {
        "proposed"
    }
    letter = Letter.objects.get()
    assert letter.by == page.wsgi_request.user
    address = page.redirect_chain[-1][0]
    shown = {"do": "approve", "key": str(page.context["key"]), "shown": page.context["set_hash"]}
    assert client.post(address, shown | {"shown": "other"}).url == address
    assert not Message.objects.filter(state=State.QUEUED).exists()
    client.post(address, shown)
    again = client.post(address, shown)
    assert "/mail/approved/" in again.url and Message.objects.filter(state=State.QUEUED).count() == 2
    assert not three.messages.exists()
    assert LogEntry.objects.filter(object_id=campaign.pk, change_message__contains="About").count() >= 2


def test_whom_it_cannot_reach_is_said_and_a_wrong_field_stops_it():
    campaign, [one], client = make_desk(1)
    nobody = make_approach(campaign, make_company(), contact=False)
    form = TEXT | {"approach": [one.pk, nobody.pk], "do": "merge"}
    page = client.post(write_of(campaign), form | {"body": "Dear {contact_nme}"})
    assert "did you mean {contact_name}?" in text_of(page) and not Letter.objects.exists()
    page = client.post(write_of(campaign), form, follow=True)
    [said] = problems(page)
    assert said.startswith(f"{nobody.listed_as}: There is no contact") and Message.objects.get().approach == one


def test_an_edit_that_concerns_it_is_said_and_merged_in():
    campaign, [one], client = make_desk(1)
    client.post(write_of(campaign), TEXT | {"approach": [one.pk], "do": "merge"})
    one.listed_as = "New name"
    one.save()
    address = f"/admin/campaigns/campaign/{campaign.pk}/letters/{Letter.objects.get().pk}/"
    assert "edited meanwhile" in text_of(client.get(address))
    client.post(address, {"do": "again"})
    page = client.get(address)
    assert "edited meanwhile" not in text_of(page) and Message.objects.get().subject == "About New name"
    assert client.get(f"/admin/campaigns/campaign/{campaign.pk}/send/letter/").url == address
    User.objects.update(email="lead@desk.example")
    client.post(address, {"do": "test"})
    assert Message.objects.get(approach=None).subject == "[Test] About New name"


def test_researchers_write_in_their_campaigns_and_approve_nothing():
    campaign, [one], _lead = make_desk(1)
    own = signed_in(make_staff(roles.RESEARCHER, campaign))
    other = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    form = TEXT | {"approach": [one.pk], "do": "merge"}
    assert other.post(write_of(campaign), form).status_code == 404
    page = own.post(write_of(campaign), form, follow=True)
    assert "a campaign lead must approve" in text_of(page)
    address = page.redirect_chain[-1][0]
    shown = {"do": "approve", "key": "1", "shown": page.context["set_hash"]}
    assert own.post(address, shown).status_code == 403 and Message.objects.get().state == "proposed"
    assert other.get(address).status_code == 404


def test_companies_of_another_campaign_are_not_written_to():
    campaign, _approaches, client = make_desk(1)
    foreign = make_approach(make_campaign(), make_company())
    page = client.post(write_of(campaign), TEXT | {"approach": [foreign.pk], "do": "merge"})
    assert "Choose the companies to write to." in text_of(page) and not Message.objects.exists()
