from datetime import timedelta

import pytest
from django.core import serializers

from campaigns.models import SpreadsheetImport
from campaigns.tests.make import NOW, make_contact, make_user
from companies.models import Company, Contact
from correspondence import batches, outbox
from correspondence.erase import StillLeaving, erase_contact
from correspondence.models import Message, Recipient, State

from .fakes import FakeRelay
from .make import make_sending_campaign, queue

pytestmark = pytest.mark.django_db
CANARY = "canary-person"


@pytest.fixture
def approach():
    _campaign, [approach] = make_sending_campaign(1)
    contact = approach.chosen.get().contact
    contact.name, contact.role, contact.phone = f"{CANARY} name", f"{CANARY} role", CANARY
    contact.email, contact.found_at = f"{CANARY}@company.example", CANARY
    contact.save()
    return approach


def dump():
    rows = [*Contact.objects.all(), *Company.objects.all(), *Message.objects.all(), *Recipient.objects.all()]
    return serializers.serialize("json", rows) + "".join(bytes(m.mime).decode() for m in Message.objects.all())


def test_a_sent_mail_keeps_its_hash_and_loses_its_words(approach):
    message = queue(approach)
    outbox.sweep(NOW, way_out=FakeRelay())
    Recipient.objects.update(last_text=f"250 {CANARY} ok")
    assert CANARY in dump()
    contact = approach.chosen.get().contact
    by = make_user()
    assert erase_contact(contact, by, NOW) == []
    assert CANARY not in dump()
    message.refresh_from_db()
    assert message.state == State.SENT and message.sha256 and message.message_id and message.sent_at
    assert (contact.erased_at, contact.erased_by) == (NOW, by)
    assert message.reply_link.revoked_at


@pytest.mark.parametrize("state", ["proposed", "queued", "failed"])
def test_what_has_not_left_is_cancelled_and_the_others_get_a_fresh_mail(approach, state):
    other = make_contact(approach.company, email="other@company.example")
    approach.chosen.create(contact=other, use="cc")
    message = queue(approach)
    Message.objects.update(state=state)
    [fresh] = erase_contact(approach.chosen.get(use="to").contact, None, NOW)
    message.refresh_from_db()
    assert message.state == State.CANCELLED and not message.mime
    assert (fresh.state, fresh.resend_no, fresh.step) == (State.PROPOSED, 1, "invitation")
    assert [recipient.address for recipient in fresh.recipients.all()] == [other.email]
    assert CANARY not in dump()


@pytest.fixture
def others(approach):
    """Two more contacts of the company who get a copy."""
    others = [make_contact(approach.company, email=f"{name}@company.example") for name in ("other", "third")]
    for other in others:
        approach.chosen.create(contact=other, use="cc")
    return others


def test_erasing_one_after_another_proposes_nothing_that_was_sent(approach, others):
    queue(approach)
    [fresh] = erase_contact(approach.chosen.get(use="to").contact, None, NOW)
    Message.objects.filter(pk=fresh.pk).update(state="queued", not_before=NOW)
    outbox.sweep(NOW, way_out=FakeRelay())
    assert erase_contact(others[0], None, NOW) == []
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "sent"]


def test_a_failed_mail_that_was_sent_again_is_not_proposed_a_third_time(approach, others):
    failed = queue(approach)
    Message.objects.update(state="failed")
    again = batches.resend(failed, "It works now.", by=None, now=NOW)
    Message.objects.filter(pk=again.pk).update(state="sent", data_at=NOW, sent_at=NOW)
    assert erase_contact(others[0], None, NOW) == []
    assert Message.objects.filter(state="proposed").count() == 0


def test_without_another_recipient_there_is_no_fresh_mail(approach):
    queue(approach)
    assert erase_contact(approach.chosen.get().contact, None, NOW) == []


@pytest.mark.parametrize("state", ["leased", "data"])
def test_it_waits_while_a_mail_is_leaving(approach, state):
    contact = approach.chosen.get().contact
    message = queue(approach)
    lease = {"lease_token": message.pk, "lease_until": NOW, "data_at": NOW}
    Message.objects.update(state=state, **lease)
    with pytest.raises(StillLeaving):
        erase_contact(contact, None, NOW)
    contact.refresh_from_db()
    assert contact.name
    Message.objects.update(state="sent", lease_token=None, lease_until=None, sent_at=NOW + timedelta(minutes=1))
    erase_contact(contact, None, NOW)
    assert CANARY not in dump()


def test_a_mail_that_waited_while_another_was_leaving_is_proposed_to_the_others(approach, others):
    leaving, waiting = queue(approach, "batch:1", "correction"), queue(approach)
    lease = {"lease_token": leaving.pk, "lease_until": NOW, "data_at": NOW}
    Message.objects.filter(pk=leaving.pk).update(state="data", **lease)
    with pytest.raises(StillLeaving):
        erase_contact(others[0], None, NOW)
    waiting.refresh_from_db()
    assert waiting.state == State.PROPOSED  # nothing leaves for the contact while somebody tries again
    done = {"state": "sent", "sent_at": NOW, "lease_token": None, "lease_until": None}
    Message.objects.filter(pk=leaving.pk).update(**done)
    [fresh] = erase_contact(others[0], None, NOW)
    assert (fresh.step, fresh.resend_no) == ("invitation", 1)


def test_no_copy_stays_in_a_spreadsheet_that_waits_to_be_imported(approach):
    contact = approach.chosen.get().contact
    row = ["Airbus", contact.name, contact.email, f"call {CANARY}"]
    columns = ["company", "name", "email", "note"]
    made = {"campaign": approach.campaign, "made_by": make_user(), "made_at": NOW, "columns": columns}
    sheet = SpreadsheetImport.objects.create(rows=[["Company", "Contact", "E-mail", "Note"], row], **made)
    erase_contact(contact, None, NOW)
    sheet.refresh_from_db()
    assert sheet.rows[1] == ["Airbus", "", "", ""]
