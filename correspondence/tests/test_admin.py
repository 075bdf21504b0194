import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import roles
from campaigns.tests.make import make_approach, make_campaign, make_contact
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Contact
from correspondence import control
from correspondence.models import Message, ReplyLink, Wording

from .make import make_sending_campaign, make_wording, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return signed_in(make_staff(roles.LEAD))


@pytest.fixture
def message():
    _campaign, [approach] = make_sending_campaign()
    return queue(approach)


def page_of(thing):
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def act(client, thing, name, **form):
    address = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_act", args=[name])
    return client.post(address, {"_selected_action": str(thing.pk), **form}, follow=True)


def test_the_ledger_shows_the_words_and_never_the_secret(lead, message):
    page = lead.get(page_of(message)).content.decode()
    raw = bytes(message.mime).decode()
    assert "Sir or Madam" in raw or "Press office" in page
    assert "/reply/••••••••/" in page
    assert f"we ask {message.approach.company.name}" in page


@pytest.mark.parametrize("lookup", ["mime__contains", "reply_link__digest__startswith", "step__startswith"])
def test_the_ledger_cannot_be_asked_for_the_secret(lead, message, lookup):
    assert lead.get(reverse("admin:correspondence_message_changelist"), {lookup: "a"}).status_code == 400


def test_mail_is_neither_added_nor_changed_nor_deleted_by_hand(message):
    client = signed_in(make_staff(is_superuser=True))
    assert client.get(reverse("admin:correspondence_message_add")).status_code == 403
    assert client.post(page_of(message), {"state": "sent"}).status_code == 403
    delete = reverse("admin:correspondence_message_delete", args=[message.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert Message.objects.get().state == "queued"


def test_a_researcher_sees_the_mail_of_their_campaigns_only(message):
    own = signed_in(make_staff(roles.RESEARCHER, message.approach.campaign))
    other = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    assert own.get(page_of(message)).status_code == 200
    assert other.get(page_of(message)).status_code == 302
    assert (
        message.approach.listed_as not in other.get(reverse("admin:correspondence_message_changelist")).content.decode()
    )


def test_a_reply_link_is_revoked_by_a_person_once(lead, message):
    act(lead, message, "revoke")
    assert ReplyLink.objects.get().revoked_at
    assert "has no reply link that works" in act(lead, message, "revoke").content.decode()


def test_a_wording_with_a_field_that_does_not_exist_is_refused(lead):
    wording = make_wording(make_campaign())
    page = lead.get(page_of(wording))
    form = {name: page.context["adminform"].form[name].value() for name in page.context["adminform"].form.fields}
    text = lead.post(page_of(wording), form | {"body": "Dear {contact}, {company.__class__}"}).content.decode()
    assert "This field does not exist: {contact}, {company.__class__}." in text
    assert lead.post(page_of(wording), form | {"body": "Dear {contact_name|all}"}).status_code == 302
    assert Wording.objects.get().body == "Dear {contact_name|all}"


def test_whether_mail_leaves_is_shown_and_changed_on_its_own_page(lead):
    row = control.row()
    page = lead.get(page_of(row)).content.decode()
    assert reverse("mail_control") in page
    assert lead.post(page_of(row), {"held_because": "x"}).status_code == 403


def test_erasing_a_contact_blanks_it_and_its_name_in_the_log(lead):
    contact = make_contact(make_approach().company, name="Zoë Ünal", email="zoe@company.example")
    form = {"name": "Zoë Ünal", "role": "Press", "email": "zoe@company.example", "health": "working"}
    assert lead.post(page_of(contact), form).status_code == 302
    said = problems(act(lead, contact, "erase"))
    assert said[-1] == "Erased: the address, and the words of every mail to it."
    row = Contact.objects.get(pk=contact.pk)
    assert (row.name, row.email, row.role, bool(row.erased_at)) == ("", "", "", True)
    assert not LogEntry.objects.filter(object_repr__contains="Zo").exists()


def test_a_contact_is_erased_by_leads_and_deleted_by_nobody():
    contact = make_contact(make_approach(campaign := make_campaign()).company)
    researcher = signed_in(make_staff(roles.RESEARCHER, campaign))
    assert act(researcher, contact, "erase").status_code == 403
    superuser = signed_in(make_staff(is_superuser=True))
    delete = reverse("admin:companies_contact_delete", args=[contact.pk])
    assert superuser.post(delete, {"post": "yes"}).status_code == 403
    assert Contact.objects.filter(pk=contact.pk, erased_at=None).exists()
