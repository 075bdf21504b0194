from django.core.management.base import BaseCommand, CommandError

from campaigns import clock
from outreach import demo


class Command(BaseCommand):
    """Loads the demo, prints its logins, and turns its clock."""

    help = "The demo (DEMO=1): load it, print its logins, turn its clock forward."

    def add_arguments(self, parser):
        parser.add_argument("--load", action="store_true", help="load the campaigns and users, once")
        parser.add_argument("--logins", action="store_true", help="print one login for each role")
        parser.add_argument("--days", type=int, default=0, metavar="N", help="turn the clock forward by N days")

    def handle(self, *, load, logins, days, **options):
        try:
            if load:
                demo.load(self.stdout.write)
            if logins:
                for role, name, password in demo.logins():
                    self.stdout.write(f"{role:<15} {name:<12} {password}")
            if days < 0:
                raise CommandError("The clock goes forward only.")
            if days:
                for line in demo.turn_clock(days * 24):
                    self.stdout.write(line)
                self.stdout.write(f"It is now {clock.now():%Y-%m-%d %H:%M} (UTC).")
        except demo.NoDemo as error:
            raise CommandError(str(error)) from None
