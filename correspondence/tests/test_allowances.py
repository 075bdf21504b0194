from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.tests.make import NOW, make_invited
from correspondence import allowances, claims, outbox
from correspondence.models import Allowance, Message, State

from .fakes import FakeRelay
from .make import make_sending_campaign, queue, queue_invitations

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def sweep(now=NOW):
    return outbox.sweep(now, way_out=FakeRelay())


def used():
    return dict(Allowance.objects.values_list("key", "used"))


def test_a_domain_gets_so_many_mails_an_hour_and_the_rest_in_the_next(settings):
    settings.OUTREACH_DOMAIN_HOUR = 2
    queue_invitations(5)
    Message.objects.filter(pk=Message.objects.first().pk).update(domain="elsewhere.example")
    assert sweep() == {"sent": 3, "queued": 2}
    waiting = Message.objects.filter(state=State.QUEUED)
    assert {(m.not_before, m.attempts) for m in waiting} == {(NOW + HOUR, 0)}
    assert waiting.first().stop_reason == "At most 2 mails an hour go to company.example."
    assert used() == {"domain:company.example": 2, "domain:elsewhere.example": 1}
    assert sweep(NOW + timedelta(minutes=59)) == {}
    assert sweep(NOW + HOUR) == {"sent": 2}


def test_what_is_used_up_is_seen_before_the_server_hears_of_the_mail(settings):
    settings.OUTREACH_DOMAIN_HOUR = 2
    queue_invitations(2)
    assert sweep() == {"sent": 2}
    queue_invitations(1)
    way_out = FakeRelay()
    assert outbox.sweep(NOW, way_out=way_out) == {"queued": 1} and not way_out.opened


def test_a_campaign_sends_so_many_mails_a_day_of_its_own(settings):
    messages = queue_invitations(3, time_zone="Africa/Tunis")
    other = queue_invitations(1)
    Campaign.objects.filter(pk=messages[0].approach.campaign_id).update(daily_cap=2)
    assert sweep() == {"sent": 3, "queued": 1}
    waiting = Message.objects.get(state=State.QUEUED)
    assert waiting.approach.campaign != other[0].approach.campaign
    assert waiting.not_before == NOW.replace(hour=23)  # midnight in Tunis
    assert "at most 2 mails a day" in waiting.stop_reason
    assert sweep(NOW.replace(hour=23)) == {"sent": 1}


def test_a_campaign_whose_limit_is_nothing_sends_nothing():
    [message] = queue_invitations()
    Campaign.objects.filter(pk=message.approach.campaign_id).update(daily_cap=0)
    assert sweep() == {"queued": 1} and used() == {}


def test_a_mail_that_does_not_leave_uses_nothing_up():
    campaign, _none = make_sending_campaign(0, daily_cap=5)
    approach = make_invited(campaign)
    queue(approach, "reminder:1", "reminder")

    class Interrupted(FakeRelay):
        def envelope(self, sender, addresses):
            Campaign.objects.update(paused_at=NOW)
            return super().envelope(sender, addresses)

    assert outbox.sweep(NOW, way_out=Interrupted()) == {"queued": 1}
    assert set(used().values()) == {0}


def test_of_two_limits_both_are_taken_or_none():
    wanted = allowances.needs("a.example", 1, 5, "UTC", NOW)
    assert allowances.take(wanted) is None
    Allowance.objects.filter(key="domain:a.example").update(used=30)
    assert allowances.take(wanted).key == "domain:a.example"
    assert used() == {"campaign:1": 1, "domain:a.example": 30}


@pytest.mark.parametrize(("since", "goes"), [(timedelta(0), False), (timedelta(seconds=6), False), (None, True)])
def test_at_most_so_many_mails_leave_at_once_to_a_domain(settings, since, goes):
    settings.OUTREACH_DOMAIN_AT_ONCE = 2 if since else 1  # one that hangs takes all places
    leaving, _other = queue_invitations(2)
    if since is not None:
        claims.claim(NOW, 1)
        Message.objects.filter(pk=leaving.pk).update(state="queued", lease_token=None, lease_until=None)
        Message.objects.exclude(pk=leaving.pk).update(state="queued", lease_token=None, lease_until=None)
        lease = {"lease_token": leaving.pk, "lease_until": NOW + timedelta(days=9000)}
        Message.objects.filter(pk=leaving.pk).update(state="data", data_at=NOW - since, **lease)
    assert sweep() == ({"sent": 2} if goes else {"queued": 1})
    if not goes:
        assert used() == {"domain:company.example": 0}
        assert "just leaving to company.example" in Message.objects.get(state="queued").stop_reason


def test_limits_cost_one_query_a_mail(settings):
    def queries():
        queue_invitations(2)
        claim = claims.claim(NOW)
        with CaptureQueriesContext(connection) as captured:
            outbox.Sender(FakeRelay(), NOW).work(claim, float("inf"))
        return sum(not q["sql"].startswith(("BEGIN", "COMMIT")) for q in captured.captured_queries)

    limited = queries()
    settings.OUTREACH_DOMAIN_HOUR = settings.OUTREACH_DOMAIN_AT_ONCE = 0
    assert limited - queries() == 3  # one for each of two mails, and one look for both


def test_old_allowances_are_forgotten():
    for days in (0, 3):
        allowances.take(allowances.needs("a.example", 1, 5, "UTC", NOW - timedelta(days=days)))
    allowances.forget(NOW)
    assert Allowance.objects.count() == 2
