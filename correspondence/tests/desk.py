"""What tests of the staff's mail pages are made of: people, a campaign at a frozen instant, and the form of a page."""

import re
from html import unescape

from campaigns import clock, roles
from campaigns.tests.make import NOW, make_question
from campaigns.tests.staff import make_staff, signed_in

from .make import make_sending_campaign


def freeze(monkeypatch, at=NOW):
    """Let the clock stand at an instant for everything that asks it."""
    monkeypatch.setattr(clock, "real_now", lambda: at)


def make_desk(companies=1, **values):
    """Return (campaign, approaches, a campaign lead's client); nothing keeps its invitations from being approved."""
    campaign, approaches = make_sending_campaign(companies, **values)
    make_question(campaign)
    return campaign, approaches, signed_in(make_staff(roles.LEAD))


def send_address(campaign, kind="invitation"):
    return f"/admin/campaigns/campaign/{campaign.pk}/send/{kind}/"


def merged(client, campaign, kind="invitation"):
    """Merge the mails of a kind, and return the page that shows them."""
    client.post(send_address(campaign, kind), {"do": "prepare"})
    return client.get(send_address(campaign, kind))


def form_of(page):
    """Return the fields of the page's approval form as a browser would send them, without a button."""
    html = page.content.decode()
    html = html[html.index('<form class="card"') :]
    fields = {}
    for tag in re.findall(r"<input[^>]+>", html[: html.index("</form>")]):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if facts["type"] == "hidden" or (facts["type"] == "checkbox" and " checked" in tag):
            fields.setdefault(facts["name"], []).append(facts["value"])
    return fields


def text_of(page):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode())))
