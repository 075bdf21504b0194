"""The file that visitors may download. Nothing here reads what is private, so a public door may call it."""

from dataclasses import replace

from campaigns.campaign_file.collect import collect
from campaigns.campaign_file.dump import dump
from campaigns.campaign_file.entries import Sender, Sending

from .came_back import responses_of


def public_export(campaign, now):
    """Return a public campaign as a file: nothing about sending, no contact, no promise, no unpublished words."""
    responses = responses_of(campaign, now, public=True)
    document = collect(campaign, now, contacts=False, wording={}, responses=responses)
    companies = [replace(company, promised_for=None, deadline=None) for company in document.companies]
    return dump(replace(document, companies=companies, sender=Sender(), sending=Sending(), reminders=[]))
