"""The way out: one open connection to the mail server, or a folder of .eml files (EMAIL_URL, see relay_url.py).

A relay's methods stand for the steps of one mail, so that the outbox can commit between them:
open() · envelope(sender, addresses) · data(mime, name) · reset() · close(), or drop() after a failure.
"""

import os
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from . import relay_url

COMMANDS_WAIT = 60  # seconds for the answer to a command
LAST_ANSWER_WAITS = 600  # seconds for the answer to the final dot (RFC 5321, 4.5.3.2)


class Answer(NamedTuple):
    """What the server said."""

    code: int
    text: str


class Broken(Exception):
    """The connection failed, and nothing was sent: up to and including the last byte's way out of this machine."""


class Refused(Exception):
    """The server did not let us in (its greeting, TLS or login); args: code, text."""


class Uncertain(Exception):
    """The last byte left and no answer came: the mail may have arrived."""


def chosen(most=1, wait=COMMANDS_WAIT):
    """Return the relays that EMAIL_URL names, not yet open: up to `most` connections to a mail server, or one folder.

    wait  seconds for the answer to a command
    """
    relay = relay_url.parse(settings.EMAIL_URL)
    if relay.kind == "file":
        return [FileRelay(Path(relay.folder or settings.MAIL_DIR))]
    return [SmtpRelay(relay, wait) for _ in range(most)]


class _Session(smtplib.SMTP):
    """smtplib's client with its DATA in two parts: its own raises the same error for "not sent" and for "who knows"."""

    def envelope(self, sender, addresses):
        """Return (the answer to MAIL, {address: the answer to RCPT})."""
        options = ["BODY=8BITMIME"] if self.has_extn("8bitmime") else []
        first = Answer(*_text(self.mail(sender, options)))
        if first.code != 250:
            return first, {}
        return first, {address: Answer(*_text(self.rcpt(address))) for address in addresses}

    def send_data(self, mime):
        """Send a mail (bytes, CRLF) and return the server's answer, which is to DATA itself where that was refused."""
        self.putcmd("data")
        ready = Answer(*_text(self.getreply()))
        if ready.code >= 400:
            return ready
        if ready.code != 354:
            raise smtplib.SMTPServerDisconnected(f"{ready.code} is no answer to DATA")
        dotted = re.sub(rb"(?m)^\.", b"..", mime)
        if not dotted.endswith(b"\r\n"):
            dotted += b"\r\n"
        self.sock.sendall(dotted + b".\r\n")
        self.sock.settimeout(LAST_ANSWER_WAITS)
        try:
            answer = Answer(*_text(self.getreply()))
            self.sock.settimeout(COMMANDS_WAIT)
        except (OSError, smtplib.SMTPException) as fault:
            raise Uncertain(str(fault)) from fault
        if answer.code == -1:
            raise Uncertain(answer.text)
        return answer


class _SecureSession(_Session, smtplib.SMTP_SSL):
    pass


class SmtpRelay:
    """One SMTP connection. Every method may raise Broken, data() also Uncertain; afterwards open a new one."""

    def __init__(self, relay, wait=COMMANDS_WAIT):
        self.relay, self.wait, self.session = relay, wait, None

    def open(self):
        """Connect, with TLS and login as EMAIL_URL says; Refused where the server says no."""
        to, context = self.relay, ssl.create_default_context()
        try:
            if to.security == "ssl":
                self.session = _SecureSession(to.host, to.port, timeout=self.wait, context=context)
            else:
                self.session = _Session(to.host, to.port, timeout=self.wait)
            self.session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.session.ehlo_or_helo_if_needed()
            if to.security == "starttls":
                self.session.starttls(context=context)
            if to.user:
                self.session.login(to.user, to.password)
        except smtplib.SMTPResponseException as fault:
            raise Refused(fault.smtp_code, _plain(fault.smtp_error)) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise Refused(530, str(fault)) from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise Broken(str(fault)) from fault

    def envelope(self, sender, addresses):
        """Return (Answer to MAIL, {address: Answer to RCPT}); the second is empty where MAIL was refused."""
        return self._say(self.session.envelope, sender, addresses)

    def data(self, mime, name):
        """Send the mail and return the Answer."""
        return self._say(self.session.send_data, mime)

    def reset(self):
        """Take the envelope back."""
        self._say(self.session.rset)

    def close(self):
        """Hang up; a server that is already gone is no fault."""
        if self.session:
            with suppress(OSError, smtplib.SMTPException):
                self.session.quit()
            self.drop()

    def drop(self):
        """Leave a connection that failed, without a word."""
        if self.session:
            self.session.close()
            self.session = None

    def _say(self, step, *args):
        try:
            return step(*args)
        except (OSError, smtplib.SMTPException) as fault:
            raise Broken(str(fault)) from fault


class FileRelay:
    """Writes each mail to a folder that only its owner reads. A mail's file has one name, however often it is tried."""

    def __init__(self, folder):
        self.folder = folder

    def open(self):
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise Broken(str(fault)) from fault
        if not os.access(self.folder, os.W_OK):
            raise Broken(f"{self.folder} cannot be written to")

    def envelope(self, sender, addresses):
        return Answer(250, "OK"), {address: Answer(250, "OK") for address in addresses}

    def data(self, mime, name):
        """Write the file under another name first, so that nobody reads half a mail."""
        unfinished = self.folder / f"{name}.tmp"
        try:
            with open(unfinished, "wb") as file:
                file.write(mime)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self.folder / f"{name}.eml")
        except OSError as fault:
            raise Broken(str(fault)) from fault
        return Answer(250, "written")

    def has(self, message_id):
        """Say whether the mail of the message with this id was written."""
        return any(self.folder.glob(f"*{message_id}.eml"))

    def reset(self):
        pass

    def close(self):
        pass

    drop = close


def _text(reply):
    code, said = reply
    return code, _plain(said)


def _plain(said):
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)[:500]
