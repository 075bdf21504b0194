from django.core.management.base import BaseCommand, CommandError

from campaigns import clock
from campaigns.models import Campaign
from responses.campaign_file.exporting import export


class Command(BaseCommand):
    """Writes a campaign file to standard output, whatever its publication; contacts only with --with-contacts."""

    help = "Write a campaign as a file (docs/campaign-file.md) to standard output."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--with-contacts", action="store_true", help="with the private contacts")

    def handle(self, *, slug, with_contacts, **options):
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {slug!r}.")
        self.stdout.write(export(campaign, clock.now(), contacts=with_contacts), ending="")
