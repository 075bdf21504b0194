"""What would leave now: the whole of planning and sending, in one transaction that is taken back.

A hold by the desk, the catch-up guard or the breaker does not count here: a dry run is how to look at what waits before
a release. The setting OUTREACH_HOLD does. Other workers skip the mails meanwhile; on SQLite every writer waits.
"""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from . import claims, control, generation, outbox, reminders
from .models import Control, Message, State
from .relay import Answer, FileRelay

SECONDS = 15  # for planning, and again for sending: other writers wait
LIST = "list.txt"


class Line(NamedTuple):
    """One mail that is due. `what` becomes of it is a sentence; `name` its file without ending, or "" if it stays."""

    what: str
    name: str
    company: str
    campaign: str
    step: str
    to: str
    subject: str

    def __str__(self):
        return "\t".join(" ".join(column.split()) for column in self)


class _Kept(FileRelay):
    """Keeps the mails until the transaction is over, then writes them, where there is a folder."""

    def __init__(self, folder):
        super().__init__(folder)
        self.mails = {}

    def open(self):
        if self.folder:
            super().open()

    def data(self, mime, name):
        self.mails[name] = mime
        return Answer(250, "OK")

    def write(self):
        for name, mime in self.mails.items():
            super().data(mime, name)


def rehearse(now, folder=None, seconds=SECONDS):
    """Find what would leave at `now`; no row changes.

    folder   where it is written to as .eml files, with every due mail in list.txt; None: nowhere
    seconds  for planning, and again for sending
    returns  (why mail is held, or ""; [Line])
    """
    way_out = _Kept(folder)
    way_out.open()
    with transaction.atomic():
        held = control.stopped(now)
        free = {"held_at": None, "breaker_opened_at": None, "generation": generation.current(), "last_tick_at": now}
        Control.objects.filter(pk=1).update(**free)
        claims.sweep(now)
        reminders.plan(now, seconds=seconds)
        due = list(Message.objects.filter(state=State.QUEUED, not_before__lte=now).values_list("pk", flat=True))
        outbox.Sender(way_out, now).run(seconds)
        mails = Message.objects.filter(pk__in=due).defer("mime").prefetch_related("recipients")
        lines = [_line(mail) for mail in mails.select_related("approach__campaign").order_by("approach_id", "pk")]
        transaction.set_rollback(True)
    if folder:
        way_out.write()
        (folder / LIST).write_text("".join(f"{line}\n" for line in [_HEAD, *lines]), encoding="utf-8")
    return held, lines


_HEAD = Line("what", "file", "company", "campaign", "step", "to", "subject")


def _line(mail):
    leaves, approach = mail.state == State.SENT, mail.approach
    what = _("would leave")
    if mail.state == State.CANCELLED:
        what = _("would be stopped: %(reason)s") % {"reason": mail.stop_reason}
    elif not leaves:
        what = _("would wait: %(reason)s") % {"reason": mail.stop_reason or _("there was no time to look at it")}
    to = ", ".join(one.address for one in mail.recipients.all())
    name = f"{outbox.file_name(mail)}.eml" if leaves else ""
    company, campaign = (approach.listed_as, approach.campaign.title) if approach else ("", "")
    return Line(what, name, company, campaign, mail.step, to, mail.subject)
