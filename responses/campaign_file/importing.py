"""Campaign files in: all of a file or nothing, and every fault of it in one report."""

from dataclasses import dataclass, field

from django.db import transaction

from campaigns.campaign_file import write as campaigns_part
from campaigns.campaign_file.document import read_document
from campaigns.campaign_file.read import Unreadable, read_file
from campaigns.models import Campaign
from correspondence import campaign_file as correspondence_part
from correspondence.wording import unknown_fields

from .alike import names_alike
from .digest import digest
from .exporting import document_of
from .replace import TouchedByAPerson, remove_untouched
from .responses_part import write_responses

MOST_ALIKE = 40  # warnings of names that look alike; a list of numbered names would drown the others


@dataclass
class Outcome:
    """What became of one file. `done`: imported, replaced, unchanged, checked (dry run) or refused."""

    slug: str = ""
    done: str = "refused"
    companies: int = 0
    faults: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


class _Undo(Exception):
    """Ends the transaction without a trace."""


def import_file(path, *, now, dry_run=False, replace=False):
    """Import one campaign file; return an Outcome. Nothing is written on a fault or in a dry run."""
    try:
        tree = read_file(path)
    except Unreadable as error:
        return Outcome(faults=list(error.args))
    return import_tree(tree, now=now, dry_run=dry_run, replace=replace)


def import_tree(tree, *, now, dry_run=False, replace=False):
    """Import what read_file() returned."""
    document, report = read_document(tree, now)
    if document is None:
        return Outcome(faults=report.faults, warnings=report.warnings)
    outcome = Outcome(slug=document.slug, companies=len(document.companies))
    try:
        with transaction.atomic():
            outcome.done = _write(document, report, now, replace)
            if report.faults or dry_run:
                raise _Undo
    except _Undo:
        outcome.done = "refused" if report.faults else "unchanged" if outcome.done == "unchanged" else "checked"
    outcome.faults, outcome.warnings = report.faults, report.warnings
    return outcome


def _write(document, report, now, replace):
    mark, done = digest(document), "imported"
    _warn(document, report)
    known = Campaign.objects.select_for_update().filter(slug=document.slug).first()
    if known and mark in (known.file_digest, digest(document_of(known, now))):
        return "unchanged"
    if known and not replace:
        report.fault("slug", f"a campaign {document.slug!r} exists and says something else; --replace would replace it")
        return "refused"
    if known:
        try:
            remove_untouched(known)
        except TouchedByAPerson as error:
            report.fault("slug", f"{document.slug!r} cannot be replaced: {error}")
            return "refused"
        done = "replaced"
    written = campaigns_part.write(document, report, now=now, digest=mark)
    if report.faults:
        return "refused"
    correspondence_part.write(written.campaign, document.wording)
    write_responses(document, written, report, now)
    written.campaign.refresh_count()
    return done


def _warn(document, report):
    """What looks odd and stops nothing: totals that differ, names that look alike, merge fields that do not exist."""
    asked = [company for company in document.companies if company.reach == "invited"]
    responded = [company for company in asked if company.reply in document.counts_as_response]
    for key, stated, listed in (
        ("approached", document.stated_approached, len(asked)),
        ("responded", document.stated_responded, len(responded)),
    ):
        if stated is not None and stated != listed:
            report.warn(f"stated_totals.{key}", f"the source states {stated}, the list gives {listed}; the list counts")
    alike = list(names_alike(document.companies))
    for place, name, other in alike[:MOST_ALIKE]:
        report.warn(place, f"{name!r} looks like {other!r}")
    if len(alike) > MOST_ALIKE:
        report.warn("companies", f"{len(alike) - MOST_ALIKE} more pairs of names look alike")
    for kind, languages in document.wording.items():
        for language, texts in languages.items():
            for name in sorted({name for text in texts for name in unknown_fields(text)}):
                report.warn(f"wording.{kind}.{language}", f"{name} is not a merge field and would block each mail")
