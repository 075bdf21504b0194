"""The ledger as a file, with contacts' addresses: rows leave as they are read; a long history needs no memory."""

import csv
import re
import tempfile

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from campaigns.spreadsheet.reading import defuse
from correspondence.by_hand import RESULTS
from correspondence.ledger import with_results

KINDS = ("csv", "xlsx")
TOGETHER = 1000  # entries that are read at once
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # characters that no spreadsheet file can hold


def answer(rows, kind, *, name, done):
    """Return the entries as a download.

    rows  of correspondence.ledger.entries()
    done  called with how many entries were written, at the end or where the reader hung up
    """
    if kind == "csv":
        page = StreamingHttpResponse(_csv(rows, done), content_type="text/csv; charset=utf-8")
    else:
        page = FileResponse(_xlsx(rows, done), content_type=_XLSX)
    page.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return page


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Line:
    """A file for csv.writer() that hands back what is written."""

    def write(self, text):
        return text


def _csv(rows, done):
    writer, number = csv.writer(_Line()), 0
    try:
        yield "\ufeff" + writer.writerow(_heads())  # the mark by which spreadsheets read UTF-8
        for cells in _cells(rows):
            yield writer.writerow(cells)
            number += 1
    finally:
        done(number)


def _xlsx(rows, done):
    from openpyxl import Workbook

    book, number = Workbook(write_only=True), 0
    sheet = book.create_sheet(_("Ledger"))
    sheet.append(_heads())
    for cells in _cells(rows):
        sheet.append(cells)
        number += 1
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed, and gone, when the answer was sent)
    book.save(file)
    file.seek(0)
    done(number)
    return file


def _heads():
    return [
        _("Made"), _("Sent"), _("Campaign"), _("Company"), _("To"), _("Copy"), _("Kind"), _("Language"), _("Subject"),
        _("State"), _("Results"), _("Last answer"), _("Why it waits or stopped"), _("Owner"), _("Message-ID"),
    ]  # fmt: skip


def _cells(rows):
    for mail in with_results(rows).iterator(chunk_size=TOGETHER):
        people, approach = list(mail.recipients.all()), mail.approach
        results = [f"{one.address}: {one.get_result_display()} {one.last_text}".strip() for one in people if one.result]
        hand = getattr(mail, "by_hand", None)
        if hand and mail.hand_result:
            results = [str(RESULTS[mail.hand_result])]
        yield [
            _plain(cell)
            for cell in (
                _at(mail.created_at), hand.stated if hand else _at(mail.sent_at), approach and str(approach.campaign),
                approach and approach.listed_as,
                hand.contact and str(hand.contact) if hand else _addresses(people, "to"),
                _addresses(people, "cc"), kind_of(mail), mail.language, mail.subject, mail.get_state_display(),
                "; ".join(results),
                f"{mail.last_code or ''} {mail.last_text}".strip(), mail.stop_reason,
                approach and approach.assigned and str(approach.assigned), mail.message_id,
            )
        ]  # fmt: skip


def kind_of(mail):
    """Return what an entry is: a kind of letter, the channel of a contact by hand, or mail to staff."""
    by_hand = getattr(mail, "by_hand", None)
    if by_hand:
        return by_hand.get_channel_display()
    if mail.approach_id is None:
        return _("Test") if mail.step.startswith("test:") else _("Mail to staff")
    return mail.get_kind_display() if mail.kind else mail.step


def _addresses(people, use):
    return ", ".join(one.address or "–" for one in people if one.use == use)


def _at(instant):
    return instant.isoformat(sep=" ", timespec="seconds") if instant else ""


def _plain(cell):
    """Return a cell as text that no spreadsheet takes for a formula (S13)."""
    return defuse(_CONTROL.sub("", str(cell or "")))
