from django.core.management.base import BaseCommand, CommandError

from campaigns import clock
from responses.campaign_file.importing import import_file


class Command(BaseCommand):
    """Reads campaign files. One bad file stops nothing but itself; the exit status is 1 if there was one."""

    help = "Import campaign files (docs/campaign-file.md). Nothing is ever sent by an import."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="report, and write nothing")
        parser.add_argument("--replace", action="store_true", help="replace a campaign that nobody has worked on")

    def handle(self, *, files, dry_run, replace, **options):
        refused = 0
        for number, path in enumerate(files, 1):
            outcome = import_file(path, now=clock.now(), dry_run=dry_run, replace=replace)
            place = f"[{number}/{len(files)}] {path}"
            for warning in outcome.warnings:
                self.stdout.write(self.style.WARNING(f"{path}: warning: {warning}"))
            for fault in outcome.faults:
                self.stderr.write(self.style.ERROR(f"{path}: {fault}"))
            refused += outcome.done == "refused"
            companies = f", {outcome.companies} companies" if outcome.companies else ""
            self.stdout.write(f"{place}: {outcome.done}{companies}")
        if refused:
            raise CommandError(f"{refused} of {len(files)} files were refused; nothing of them was written.")
