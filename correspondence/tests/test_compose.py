import hashlib
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from campaigns.models import Translation
from campaigns.tests.make import NOW, invite, make_contact, make_question, make_user
from companies.models import Health
from correspondence import attachments, mime, outbox, reply_links
from correspondence.compose import ascii_address, compose, recompose
from correspondence.letters import Letters
from correspondence.merged import outdated
from correspondence.models import Letter, Message, State
from correspondence.wording import Blocked

from .fakes import FakeRelay
from .make import make_sending_campaign, make_step, make_wording, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def approach():
    return make_sending_campaign(1)[1][0]


def read(message):
    return message_from_bytes(bytes(message.mime), policy=policy.default)


def plain(message):
    return read(message).get_body(("plain",)).get_content().replace("\r\n", "\n")


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
    assert mime.envelope_sender(bytes(message.mime)) == "desk@asker.example"
    assert "we will not write again" in plain(message)


@pytest.mark.parametrize("name", ["", "Büro für offene Fragen " * 7, 'A "quoted", name', "مكتب الأسئلة"])
def test_the_envelope_sender_is_found_under_any_name(approach, name):
    approach.campaign.from_name = name
    approach.campaign.save()
    assert mime.envelope_sender(bytes(queue(approach).mime)) == "desk@asker.example"


def test_the_link_in_a_mail_is_stored_as_a_hash(approach):
    message = queue(approach)
    body = plain(message)
    token = body.split("/en/reply/")[1].split("/")[0]
    assert reply_links.find(token, NOW).message == message
    assert token not in reply_links.mask(body) and "/en/reply/" in reply_links.mask(body)
    assert Message.objects.get().reply_link.digest == hashlib.sha256(token.encode()).hexdigest()


def test_merging_again_gives_a_new_link_and_ends_the_old(approach):
    message = queue(approach)
    token = plain(message).split("/reply/")[1].split("/")[0]
    before = message.message_id
    recompose(message, NOW)
    assert reply_links.find(token, NOW) is None
    assert message.message_id == before and message.recipients.count() == 1


def test_a_link_ends_90_days_after_the_close(approach):
    body = plain(queue(approach))
    token = body.split("/reply/")[1].split("/")[0]
    ends = approach.campaign.closes_at + timedelta(days=90)
    assert reply_links.find(token, ends - timedelta(seconds=1))
    assert reply_links.find(token, ends) is None


def test_a_revoked_link_opens_nothing(approach, django_assert_num_queries):
    message = queue(approach)
    token = plain(message).split("/reply/")[1].split("/")[0]
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
    lines = plain(message).splitlines()
    assert lines[:5] == ["1 What leaves your plant", "  1.a Quelles substances ?", "", "2 Until when?", ""]
    assert lines[5] == "30 mars 2026"


def test_an_own_deadline_is_the_day_to_reply_by(approach):
    approach.deadline = date(2026, 4, 9)
    approach.save()
    write(approach, body="{reply_by} {closes_on}")
    assert "9 April 2026 30 April 2026" in plain(queue(approach))


def test_the_day_of_the_invitation_is_as_known(approach):
    write(approach, "reminder", body="We wrote on {invited_on}.")
    invite(approach)
    assert "We wrote on 2 March 2026." in plain(queue(approach, "reminder:1", "reminder"))


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


def sent(message, now=NOW):
    outbox.sweep(now, way_out=FakeRelay())
    message.refresh_from_db()
    return message.message_id


def test_a_thread_keeps_its_first_mail_and_the_last_nine(approach):
    first = sent(queue(approach))
    later = [NOW + timedelta(minutes=minute) for minute in range(1, 12)]
    ids = [sent(queue(approach, f"batch:{at}", "correction", now=at), at) for at in later]
    mail = read(queue(approach, "thanks", "thanks"))
    assert mail["In-Reply-To"] == ids[-1]
    assert mail["References"].split() == [first, *ids[-9:]]


def test_a_mail_that_may_have_been_sent_is_in_the_thread_and_a_resend_refers_to_it(approach):
    doubtful = queue(approach)
    Message.objects.filter(pk=doubtful.pk).update(state="unknown", data_at=NOW)
    again = queue(approach, resend_no=1, resend_reason="It came back.")
    assert read(again)["In-Reply-To"] == doubtful.message_id != again.message_id
    stopped = queue(approach, "batch:1", "correction")
    Message.objects.filter(pk=stopped.pk).update(state="cancelled")
    assert stopped.message_id not in read(queue(approach, "thanks", "thanks"))["References"]


def test_contacts_for_escalation_are_copied_by_steps_that_escalate(approach):
    boss = make_contact(approach.company, name="Board", email="board@company.example")
    approach.chosen.create(contact=boss, use="esc")
    quiet, loud = make_step(approach.campaign), make_step(approach.campaign, 20, escalates=True)
    assert read(queue(approach, quiet.key, "reminder"))["Cc"] is None
    message = queue(approach, loud.key, "reminder")
    assert read(message)["Cc"] == "Board <board@company.example>"
    assert [one.use for one in message.recipients.all()] == ["to", "cc"]
    proposed = compose(approach, "invitation", "invitation", now=NOW, state=State.PROPOSED)
    assert outdated(Message.objects.filter(pk__in=[proposed.pk, message.pk]), Letters(approach.campaign)) == set()


def test_where_only_the_contact_for_escalation_is_left_the_escalating_step_goes_to_it(approach):
    approach.chosen.update(use="esc")
    with pytest.raises(Blocked):
        queue(approach)
    step = make_step(approach.campaign, escalates=True)
    assert read(queue(approach, step.key, "reminder"))["To"]


def attach(approach, name, content=b"%PDF-1.7 facts"):
    wording = approach.campaign.wordings.get(kind="invitation")
    one = attachments.read(SimpleUploadedFile(name, content), wording.attachments.all())
    one.wording = wording
    one.save()
    return one


def test_attachments_travel_with_their_bytes_and_names(approach):
    names = ["figures.pdf", "Übersicht über die Anlagen.pdf", "الأسئلة.pdf"]
    for name in names:
        attach(approach, name)
    parts = list(read(queue(approach)).iter_attachments())
    assert [part.get_filename() for part in parts] == names
    assert {part.get_payload(decode=True) for part in parts} == {b"%PDF-1.7 facts"}
    assert not list(read(queue(approach, "thanks", "thanks")).iter_attachments())


def test_another_attachment_makes_a_proposed_mail_outdated(approach):
    message = compose(approach, "invitation", "invitation", now=NOW, state=State.PROPOSED)
    one = attach(approach, "figures.pdf")
    mine = Message.objects.filter(pk=message.pk)
    assert outdated(mine, Letters(approach.campaign)) == {message.pk}
    recompose(message, NOW)
    assert outdated(mine, Letters(approach.campaign)) == set()
    one.delete()
    assert outdated(mine, Letters(approach.campaign)) == {message.pk}


def test_a_line_in_any_script_is_short_enough_for_every_mail_server(approach):
    write(approach, body="{reason} {reply_link}")
    approach.reason = "لماذا نسأل هذه الشركة؟ " * 200
    mime = bytes(queue(approach).mime)
    assert max(map(len, mime.split(b"\r\n"))) <= 78 and mime.isascii()


def test_that_the_page_is_public_is_said_only_while_it_is(approach):
    campaign = approach.campaign
    make_wording(campaign, "now_public", subject="Public", body="See {public_page}")
    for day in (None, date(2027, 1, 1)):
        campaign.published_on = day
        campaign.save()
        with pytest.raises(Blocked, match="not public"):
            queue(approach, "batch:1", "now_public")
    campaign.published_on = date(2026, 1, 1)
    campaign.save()
    message = compose(approach, "batch:1", "now_public", now=NOW, state=State.PROPOSED)
    assert f"See {settings.SITE_URL}/en/campaigns/{campaign.slug}/\n" in plain(message)
    campaign.published_on = date(2027, 1, 1)
    campaign.save()
    assert outdated(Message.objects.filter(pk=message.pk), Letters(campaign)) == {message.pk}


def test_a_single_letter_is_what_its_writer_wrote(approach):
    letter = Letter.objects.create(
        campaign=approach.campaign, language="pt", subject="A {company}", body="Caro {contact_name|senhor}",
        by=make_user(), made_at=NOW,
    )  # fmt: skip
    message = compose(approach, f"batch:{letter.pk}", "letter", now=NOW, state=State.PROPOSED)
    assert (message.letter, message.language, message.subject) == (letter, "pt", f"A {approach.listed_as}")
    assert outdated(Message.objects.filter(pk=message.pk), Letters(approach.campaign)) == set()
    recompose(message, NOW)
    assert plain(message).startswith("Caro ")
