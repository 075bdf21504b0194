import json

from django.core.management.base import BaseCommand, CommandError

from campaigns import days
from campaigns.figures import figures
from campaigns.models import Campaign


class Command(BaseCommand):
    """Prints a campaign's figures of today or of a past day."""

    help = "Print a campaign's figures."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--as-of", metavar="DAY", help="a past day, as 2022-09-28")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, slug, as_of, **options):
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {slug!r}.")
        try:
            day = days.read(as_of).on if as_of else None
        except ValueError as error:
            raise CommandError(f"--as-of: {error}") from None
        found = figures(campaign, day)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False))
            return
        self.stdout.write(f"{found.responded} of {found.approached} companies responded")
        for name, value in found.as_dict().items():
            self.stdout.write(f"{name}: {value}")
