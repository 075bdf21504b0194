import hashlib
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from django.db import IntegrityError

from campaigns.models import Translation
from campaigns.tests.make import NOW, invite, make_contact, make_question
from companies.models import Health
from correspondence import outbox, reply_links
from correspondence.compose import ascii_address, compose, recompose
from correspondence.models import Message, State
from correspondence.wording import Blocked

from .fakes import FakeRelay
from .make import make_sending_campaign, make_wording, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def approach():
    return make_sending_campaign(1)[1][0]


def read(message):
    return message_from_bytes(bytes(message.mime), policy=policy.default)


def write(approach, kind="invitation", **values):
    wording = approach.campaign.wordings.get(kind=kind, language="en")
    for name, value in values.items():
        setattr(wording, name, value)
    wording.save()


def test_a_mail_is_bytes_with_a_fixed_head(approach, settings):
    message = queue(approach)
    mail = read(message)
    contact = approach.chosen.get().contact
    assert mail["From"] == "Open Questions Desk <desk@asker.example>"
    assert (mail["To"], mail["Reply-To"]) == (f"{contact.name} <{contact.email}>", "replies@asker.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == message.message_id
    assert message.message_id.endswith(f".{approach.reply_token}@{settings.MAIL_DOMAIN}>")
    assert message.sha256 == hashlib.sha256(message.mime).hexdigest()
    assert b"\n" not in bytes(message.mime).replace(b"\r\n", b"")
    assert outbox.envelope_sender(bytes(message.mime)) == "desk@asker.example"
    assert "we will not write again" in mail.get_content()


@pytest.mark.parametrize("name", ["", "Büro für offene Fragen " * 7, 'A "quoted", name', "مكتب الأسئلة"])
def test_the_envelope_sender_is_found_under_any_name(approach, name):
    approach.campaign.from_name = name
    approach.campaign.save()
    assert outbox.envelope_sender(bytes(queue(approach).mime)) == "desk@asker.example"


def test_the_link_in_a_mail_is_stored_as_a_hash(approach):
    message = queue(approach)
    body = read(message).get_content()
    token = body.split("/en/reply/")[1].split("/")[0]
    assert reply_links.find(token, NOW).message == message
    assert token not in reply_links.mask(body) and "/en/reply/" in reply_links.mask(body)
    assert Message.objects.get().reply_link.digest == hashlib.sha256(token.encode()).hexdigest()


def test_merging_again_gives_a_new_link_and_ends_the_old(approach):
    message = queue(approach)
    token = read(message).get_content().split("/reply/")[1].split("/")[0]
    before = message.message_id
    recompose(message, NOW)
    assert reply_links.find(token, NOW) is None
    assert message.message_id == before and message.recipients.count() == 1


def test_a_link_ends_90_days_after_the_close(approach):
    body = read(queue(approach)).get_content()
    token = body.split("/reply/")[1].split("/")[0]
    ends = approach.campaign.closes_at + timedelta(days=90)
    assert reply_links.find(token, ends - timedelta(seconds=1))
    assert reply_links.find(token, ends) is None


def test_a_revoked_link_opens_nothing(approach, django_assert_num_queries):
    message = queue(approach)
    token = read(message).get_content().split("/reply/")[1].split("/")[0]
    message.reply_link.revoked_at = NOW
    message.reply_link.save()
    for text in (token, "x" * 26, token.upper(), token[:-1], ""):
        with django_assert_num_queries(1):
            assert reply_links.find(text, NOW) is None


def test_questions_come_as_a_tree_in_the_mails_language(approach):
    campaign = approach.campaign
    top = make_question(campaign, "1", text="What leaves your plant", position=1)
    part = make_question(campaign, "1.a", text="Which substances?", parent=top, position=2)
    make_question(campaign, "2", text="Until when?", position=3)
    Translation.objects.create(question=part, field="text", language="fr", text="Quelles substances ?")
    make_wording(campaign, "invitation", "fr", subject="{company}", body="{questions}\n\n{reply_by}\n\n{asker|nous}")
    contact = approach.chosen.get().contact
    contact.language = "fr"
    contact.save()
    message = queue(approach)
    assert message.language == "fr"
    lines = read(message).get_content().splitlines()
    assert lines[:5] == ["1 What leaves your plant", "  1.a Quelles substances ?", "", "2 Until when?", ""]
    assert lines[5] == "30 mars 2026"


def test_an_own_deadline_is_the_day_to_reply_by(approach):
    approach.deadline = date(2026, 4, 9)
    approach.save()
    write(approach, body="{reply_by} {closes_on}")
    assert "9 April 2026 30 April 2026" in read(queue(approach)).get_content()


def test_the_day_of_the_invitation_is_as_known(approach):
    write(approach, "reminder", body="We wrote on {invited_on}.")
    invite(approach)
    assert "We wrote on 2 March 2026." in read(queue(approach, "reminder:1", "reminder")).get_content()


def test_askers_are_joined(approach):
    for place, name in enumerate(["A", "B", "C"]):
        approach.campaign.askers.create(name=name, position=place)
    write(approach, subject="{asker}", body="x")
    assert queue(approach).subject == "A, B and C"


def test_later_mails_refer_to_earlier_ones(approach):
    first = queue(approach)
    outbox.sweep(NOW, way_out=FakeRelay())
    mail = read(queue(approach, "reminder:1", "reminder"))
    assert mail["In-Reply-To"] == mail["References"] == first.message_id


def test_copies_go_to_the_other_chosen_contacts(approach):
    other = make_contact(approach.company, name="Legal", email="legal@company.example")
    approach.chosen.create(contact=other, use="cc")
    assert read(queue(approach))["Cc"] == "Legal <legal@company.example>"


@pytest.mark.parametrize("health", [Health.BOUNCED, Health.OPTED_OUT, Health.LEFT])
def test_a_contact_that_cannot_be_written_to_blocks(approach, health):
    approach.company.contacts.update(health=health)
    with pytest.raises(Blocked):
        queue(approach)
    assert not Message.objects.exists()


@pytest.mark.parametrize("missing", ["from_address", "reply_to"])
def test_a_real_mail_server_needs_sender_and_reply_address(approach, settings, missing):
    setattr(approach.campaign, missing, "")
    queue(approach)
    settings.EMAIL_URL = "smtp://127.0.0.1"
    with pytest.raises(Blocked):
        queue(approach, "batch:1", "correction")


def test_a_missing_wording_blocks(approach):
    approach.campaign.wordings.filter(kind="invitation").delete()
    with pytest.raises(Blocked):
        queue(approach)


HOSTILE = "=?utf-8?q?x=0D=0ABcc:_evil=40x.example?=\r\nBcc: evil@x.example\u2028Bcc: evil@x.example"


@pytest.mark.parametrize("field", ["company", "contact", "subject", "sender"])
def test_no_name_adds_a_header(approach, field):
    contact = approach.chosen.get().contact
    if field == "company":
        approach.listed_as = HOSTILE
    elif field == "contact":
        contact.name = HOSTILE
        contact.save()
    elif field == "subject":
        write(approach, subject=HOSTILE)
    else:
        approach.campaign.from_name = HOSTILE
    mail = read(queue(approach))
    assert mail["Bcc"] is None and [name for name in mail if name.lower() == "bcc"] == []
    assert mail["To"].addresses[0].addr_spec == contact.email and len(mail["To"].addresses) == 1


def test_addresses_are_ascii_on_the_wire():
    assert ascii_address("presse@bücher.example") == "presse@xn--bcher-kva.example"
    for address in ("büro@x.example", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "x"):
        with pytest.raises(Blocked):
            ascii_address(address)


def test_one_step_is_one_mail(approach):
    queue(approach)
    with pytest.raises(IntegrityError):
        compose(approach, "invitation", "invitation", now=NOW, state=State.PROPOSED)
