from time import monotonic, sleep

from django.conf import settings
from django.core.management.base import BaseCommand

from campaigns import clock
from correspondence.tick import tick


class Command(BaseCommand):
    help = "Do what is due: write reminders, send mail, count. With --loop every minute, for a site without Celery."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="go on until interrupted")

    def handle(self, *, loop, **options):
        while True:
            began = monotonic()
            now = clock.now()
            for line in tick(now).lines():
                self.stdout.write(f"{now:%Y-%m-%d %H:%M}  {line}")
            if not loop:
                return
            try:
                sleep(max(0, settings.TICK_SECONDS - (monotonic() - began)))
            except KeyboardInterrupt:
                return
