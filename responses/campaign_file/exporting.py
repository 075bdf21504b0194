"""Campaign files out, for staff: everything, whatever its publication; contacts only for those with the right."""

from campaigns.campaign_file.collect import collect
from campaigns.campaign_file.dump import dump
from correspondence import campaign_file as correspondence_part

from .came_back import responses_of


def export(campaign, now, *, contacts=False):
    """Return the whole campaign as a file; with its private contacts where asked for."""
    return dump(document_of(campaign, now, contacts=contacts))


def document_of(campaign, now, *, contacts=True):
    """Return a campaign's Document, whole."""
    wording = correspondence_part.read(campaign)
    return collect(campaign, now, contacts=contacts, wording=wording, responses=responses_of(campaign, now))
