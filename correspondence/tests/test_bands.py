"""The red line on every staff page, drawn by what the database says at each look: it comes and goes by itself."""

from datetime import timedelta

import pytest

from campaigns import roles
from campaigns.models import Campaign
from campaigns.tests.make import NOW, make_campaign
from campaigns.tests.staff import make_staff, signed_in
from correspondence import control
from correspondence.models import Message
from correspondence.templatetags.outgoing import SILENCE

from .desk import freeze, text_of
from .make import queue_invitations

pytestmark = pytest.mark.django_db
PAGES = ("/admin/", "/admin/records/", "/admin/campaigns/campaign/", "/admin/mail/", "/admin/mail/ledger/")
RED = "Mail is not leaving."


def test_it_appears_two_minutes_after_the_last_sign_of_a_worker_and_vanishes_with_the_next(monkeypatch):
    client = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    queue_invitations(1)
    freeze(monkeypatch)
    control.tick(NOW)
    assert timedelta(minutes=2) >= SILENCE
    for after, red in ((timedelta(), False), (SILENCE, False), (SILENCE + timedelta(seconds=1), True)):
        freeze(monkeypatch, NOW + after)
        for page in PAGES:
            assert (RED in text_of(client.get(page))) is red, (page, after)
    assert "The worker last reported at 12:00; 1 mail waits." in text_of(client.get("/admin/"))
    control.tick(NOW + SILENCE + timedelta(seconds=1))
    assert all(RED not in text_of(client.get(page)) for page in PAGES)


def test_mail_that_can_be_taken_back_bears_the_name_that_its_campaign_has_everywhere(monkeypatch):
    [mail] = queue_invitations(1)
    campaign = mail.approach.campaign
    Message.objects.filter(pk=mail.pk).update(not_before=NOW + timedelta(minutes=9))
    client = signed_in(make_staff(roles.RESEARCHER, campaign))
    freeze(monkeypatch)
    assert f"1 mail of “{campaign.title}” leaves at 12:09" in text_of(client.get("/admin/mail/"))
    Campaign.objects.filter(pk=campaign.pk).update(headline="Half of them told us")
    assert "1 mail of “Half of them told us” leaves at 12:09" in text_of(client.get("/admin/mail/"))
