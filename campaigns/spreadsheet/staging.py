"""A spreadsheet on its way: kept until a person accepts it, a week at most, and without those who were erased."""

from datetime import timedelta

from django.db import transaction

from campaigns.models import SpreadsheetImport
from companies.names import fold

from . import columns
from .rows import OF_CONTACT

KEPT = timedelta(days=7)
_PERSONAL = {*OF_CONTACT, "cc", "escalation", "note", ""}  # an unnamed column may hold anything


def stage(campaign, table, name, by, now):
    """Store a Table that was read; return the SpreadsheetImport with its columns guessed."""
    place = columns.head_row(table.rows)
    if place is None:
        width = max(map(len, table.rows))
        rows, first = [[""] * width, *table.rows], 1
    else:
        rows, first = table.rows[place:], place + 2
    guessed = columns.guess_from_values(table.rows) if place is None else columns.guess(rows[0])
    guessed += [""] * (max(map(len, rows)) - len(guessed))
    report = {"first": first, "notes": table.notes}
    return SpreadsheetImport.objects.create(
        campaign=campaign, name=name[:200], rows=rows, columns=guessed, report=report, made_by=by, made_at=now
    )


def delete_old(now):
    """Delete what nobody accepted within a week; return how many. It holds contacts, and nobody works on it."""
    old = SpreadsheetImport.objects.filter(accepted_at=None, made_at__lt=now - KEPT)
    return old.delete()[0]


def forget(contact):
    """Blank what staged spreadsheets say of a contact that is being erased, in the caller's transaction."""
    with transaction.atomic():
        for sheet in SpreadsheetImport.objects.select_for_update().filter(accepted_at=None).order_by("pk"):
            about = [row for row in sheet.rows[1:] if _is_about(row, contact)]
            for row in about:
                row[:] = _blanked(row, sheet.columns)
            if about:
                sheet.save(update_fields=["rows"])


def _is_about(row, contact):
    address, name, phone = contact.email.lower(), fold(contact.name), contact.phone
    return any(
        (address and address in cell.lower()) or (name and fold(cell) == name) or (phone and cell == phone)
        for cell in row
    )


def _blanked(row, chosen):
    return ["" if key in _PERSONAL else cell for cell, key in zip(row, chosen, strict=False)]
