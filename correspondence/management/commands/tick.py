from pathlib import Path
from time import monotonic, sleep

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns import clock, nightly
from correspondence import dry_run as dry
from correspondence.relay import Broken
from correspondence.tick import tick


class Command(BaseCommand):
    help = "Do what is due: write reminders, send mail, count. With --loop every minute, for a site without Celery."

    def add_arguments(self, parser):
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--loop", action="store_true", help="go on until interrupted")
        one.add_argument("--dry-run", action="store_true", help="write what would leave to a folder; nothing changes")
        parser.add_argument("--to", metavar="FOLDER", help="of the dry run; by default one in VAR_DIR/dry-run")

    def handle(self, *, loop, dry_run, to, **options):
        if dry_run or to:
            self.rehearse(to)
            return
        while True:
            began = monotonic()
            now = clock.now()
            for line in tick(now).lines():
                self.stdout.write(f"{now:%Y-%m-%d %H:%M}  {line}")
            nightly.work_once(now)
            if not loop:
                return
            try:
                sleep(max(0, settings.TICK_SECONDS - (monotonic() - began)))
            except KeyboardInterrupt:
                return

    def rehearse(self, to):
        now = clock.now()
        folder = Path(to) if to else settings.VAR_DIR / "dry-run" / f"{now:%Y%m%d-%H%M%S}"
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty.")
        try:
            held, lines = dry.rehearse(now, folder)
        except Broken as fault:
            raise CommandError(str(fault)) from None
        leave = sum(bool(line.name) for line in lines)
        if held:
            self.stdout.write(f"{held} After a release:")
        self.stdout.write(f"{leave} would leave, {len(lines) - leave} would not: {folder / dry.LIST}. None was sent.")
