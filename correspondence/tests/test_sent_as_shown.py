"""What a person saw on the page is what a mail server is given, byte for byte, nothing else, and not before."""

import socket
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from campaigns.models import ChosenContact
from campaigns.tests.make import NOW, make_contact
from companies.models import Contact
from correspondence import control, outbox
from correspondence.batches import UNDO_WINDOW
from correspondence.desk.showing import source
from correspondence.models import Message, State

from .desk import form_of, freeze, make_desk, merged, send_address, text_of
from .make import make_wording


class Taken:
    """aiosmtpd's handler: keeps what it is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((tuple(envelope.rcpt_tos), envelope.original_content))
        return "250 OK"


@pytest.fixture
def taken(settings, monkeypatch):
    """A mail server at the end of the outbox."""
    handler = Taken()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    freeze(monkeypatch)
    yield handler.mails
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_every_mail_is_sent_as_it_was_shown_and_none_before_its_time(taken):
    control.row()
    campaign, [first, second, third], client = make_desk(3)
    Contact.objects.filter(chosen__approach=second).update(language="ar", name="مكتب الإعلام")
    make_wording(
        campaign, language="ar", subject="أسئلة إلى {company}", body="{questions}\n\n{reply_link}\n" + "س" * 200
    )
    ChosenContact.objects.create(approach=third, contact=make_contact(third.company, name="Zoë Ünal"), use="cc")
    form = form_of(merged(client, campaign))
    outbox.sweep(NOW)
    assert not taken  # merged, and nobody has approved it

    shown = {
        mail: client.get(f"{send_address(campaign)}?mail={mail}").context["shown"].source for mail in form["listed"]
    }
    button = text_of(client.get(send_address(campaign)))
    assert len(shown) == 3 and "Approve 3 mails for now" in button
    client.post(send_address(campaign), {**form, "do": "approve"})
    assert Message.objects.filter(state=State.QUEUED).count() == 3  # the number on the button
    outbox.sweep(NOW + UNDO_WINDOW - timedelta(seconds=1))
    assert not taken  # within the ten minutes

    outbox.sweep(NOW + UNDO_WINDOW)
    outbox.sweep(NOW + UNDO_WINDOW)
    approved = {bytes(mail.mime): str(mail.pk) for mail in Message.objects.all()}
    assert sorted(sent for _to, sent in taken) == sorted(approved)
    for to, sent in taken:
        assert source(sent) == shown[approved[sent]]
        mail = message_from_bytes(sent, policy=policy.default)
        addresses = [one.addr_spec for head in ("To", "Cc") for one in (mail[head].addresses if mail[head] else ())]
        assert sorted(to) == sorted(addresses)
    assert sorted(len(to) for to, _sent in taken) == [1, 1, 2] and first.messages.get().state == State.SENT
