"""Showing a campaign to the public from a day on, and withdrawing it with a reason that stays readable."""

from django.db import transaction

from . import days
from .models import Campaign


def publish(campaign, on, *, now):
    """Show the campaign from the day `on` (a days.Day) on; today where it is None. A withdrawal ends."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        on = on or days.exactly(days.today(now, campaign.time_zone))
        campaign.published_on, campaign.published_stated = on
        campaign.withdrawn_at, campaign.withdrawn_because = None, ""
        campaign.save()
    return campaign


def withdraw(campaign, because, *, now):
    """Take the campaign off the public pages; its address says when and why (410)."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        campaign.withdrawn_at, campaign.withdrawn_because = now, because
        campaign.save()
    return campaign
