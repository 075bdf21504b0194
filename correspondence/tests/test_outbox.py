from datetime import timedelta

import pytest

from campaigns import status
from campaigns.models import Event
from campaigns.status import Reach, Reply
from campaigns.tests.make import NOW, invite, make_approach, make_contact, make_invited, make_user, reply
from companies.models import Health
from correspondence import claims, control, outbox, relay
from correspondence.doubts import rested
from correspondence.models import Message, State
from correspondence.relay import Answer

from .fakes import FakeRelay
from .make import make_sending_campaign, queue, queue_invitations

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def sweep(way_out=None, now=NOW):
    way_out = way_out or FakeRelay()
    return way_out, outbox.sweep(now, way_out=way_out)


def test_what_is_due_is_sent_once():
    messages = queue_invitations(3)
    way_out, counts = sweep()
    assert counts == {"sent": 3}
    assert sorted(mime for _to, mime in way_out.sent) == sorted(bytes(m.mime) for m in messages)
    assert sweep(way_out)[1] == {}
    assert len(way_out.sent) == 3


def test_the_first_accepted_attempt_writes_the_invitation():
    [message] = queue_invitations()
    sweep()
    approach = message.approach
    approach.refresh_from_db()
    event = approach.events.get()
    assert (approach.reach, event.kind, event.attempt) == (Reach.INVITED, "invited", message.pk)
    assert (event.result, event.channel, event.step) == ("accepted", "email", "invitation")


def test_a_reminder_is_logged_and_moves_nothing():
    campaign, _none = make_sending_campaign(0)
    approach = make_invited(campaign)
    queue(approach, "reminder:1", "reminder")
    assert sweep()[1] == {"sent": 1}
    approach.refresh_from_db()
    assert [event.kind for event in approach.events.all()] == ["invited", "reminded"]
    assert approach.reach == Reach.INVITED


def test_stored_counts_follow_a_sweep():
    [message] = queue_invitations()
    sweep()
    assert message.approach.campaign.count.approached == 1


def test_nothing_leaves_before_its_time():
    [_message] = queue_invitations()
    Message.objects.update(not_before=LATER)
    assert sweep()[1] == {}


def stop_by_reply(approach):
    reply(approach, Reply.RESPONDED)


def stop_by_receipt(approach):
    reply(approach, Reply.ACKNOWLEDGED)


def stop_by_bounce(approach):
    approach.company.contacts.update(health=Health.BOUNCED)


def stop_by_return(approach):
    status.record(approach, "returned", now=NOW)


def stop_by_opt_out(approach):
    approach.company.contacts.update(health=Health.OPTED_OUT)


def stop_by_close(approach):
    approach.campaign.closes_on = NOW.date() - timedelta(days=1)
    approach.campaign.save()


STOPS = [stop_by_reply, stop_by_receipt, stop_by_bounce, stop_by_return, stop_by_opt_out, stop_by_close]


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_cancels_a_queued_reminder(stop):
    campaign, _none = make_sending_campaign(0)
    approach = make_invited(campaign)
    message = queue(approach, "reminder:1", "reminder")
    stop(approach)
    way_out, counts = sweep()
    assert (way_out.sent, counts) == ([], {"cancelled": 1})
    message.refresh_from_db()
    assert message.state == State.CANCELLED and message.stop_reason


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_between_rcpt_and_data_is_seen(stop):
    campaign, _none = make_sending_campaign(0)
    approach = make_invited(campaign)
    queue(approach, "reminder:1", "reminder")

    class Interrupted(FakeRelay):
        def envelope(self, sender, addresses):
            stop(approach)
            return super().envelope(sender, addresses)

    way_out, counts = sweep(Interrupted())
    assert (way_out.sent, way_out.resets, counts) == ([], 1, {"cancelled": 1})


def test_a_reminder_that_a_person_set_after_a_receipt_leaves():
    campaign, _none = make_sending_campaign(0)
    approach = reply(make_invited(campaign), Reply.ACKNOWLEDGED)
    queue(approach, "reminder:1", "reminder", now=LATER)
    assert sweep(now=LATER)[1] == {"sent": 1}


def test_a_reply_does_not_stop_thanks():
    campaign, _none = make_sending_campaign(0)
    queue(reply(make_invited(campaign)), "thanks", "thanks")
    assert sweep()[1] == {"sent": 1}


def test_an_invitation_is_not_sent_to_the_invited():
    _campaign, [approach] = make_sending_campaign(1)
    queue(approach)
    invite(approach)
    assert sweep()[1] == {"cancelled": 1}


@pytest.mark.parametrize("noun", ["approach", "campaign"])
def test_a_pause_sends_the_mail_back_to_the_queue(noun):
    [message] = queue_invitations()
    paused = message.approach if noun == "approach" else message.approach.campaign
    type(paused).objects.filter(pk=paused.pk).update(paused_at=NOW)
    assert sweep()[1] == {"queued": 1}
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    assert message.not_before > NOW and message.stop_reason
    type(paused).objects.filter(pk=paused.pk).update(paused_at=None)
    assert sweep(now=LATER)[1] == {"sent": 1}


def test_the_kill_switch_in_mid_batch_stops_the_rest():
    queue_invitations(5)

    class Switched(FakeRelay):
        def data(self, mime, name):
            control.hold("Stop.", by=None, now=NOW)
            return super().data(mime, name)

    way_out, counts = sweep(Switched())
    assert (len(way_out.sent), counts) == (1, {"sent": 1, "queued": 4})
    assert sweep()[1] == {"held": 1}


def test_the_setting_holds_everything(settings):
    queue_invitations()
    settings.OUTREACH_HOLD = True
    assert sweep()[1] == {"held": 1}


def test_a_site_that_may_write_to_some_keeps_the_mail_to_others_and_blames_nobody(settings):
    messages = queue_invitations(3)
    first, second, third = (message.recipients.get() for message in messages)
    type(second).objects.filter(pk=second.pk).update(address="ana@Team.example")
    settings.OUTREACH_ONLY_TO = frozenset({first.address, "team.example"})
    assert sweep()[1] == {"sent": 2, "queued": 1}
    message = Message.objects.get(state=State.QUEUED)
    assert (message, message.attempts) == (third.message, 0) and "OUTREACH_ONLY_TO" in message.stop_reason
    assert third.contact.health == Health.WORKING
    settings.OUTREACH_ONLY_TO = frozenset()
    assert sweep(now=LATER)[1] == {"queued": 1}
    settings.OUTREACH_ONLY_TO = None
    assert sweep(now=LATER + timedelta(hours=1))[1] == {"sent": 1}


def test_one_recipient_who_is_not_on_the_list_keeps_the_whole_mail(settings):
    message, _copy = two_recipients()
    settings.OUTREACH_ONLY_TO = frozenset({message.recipients.first().address})
    assert sweep()[1] == {"queued": 1}


def test_after_its_hours_a_reminder_waits_for_the_next_working_day():
    campaign, _none = make_sending_campaign(0)
    message = queue(make_invited(campaign), "reminder:1", "reminder")
    Message.objects.update(leaves_until=NOW + timedelta(hours=5))
    assert sweep(now=NOW + timedelta(hours=6))[1] == {"queued": 1}  # a Friday, 18:00
    message.refresh_from_db()
    monday = NOW.replace(day=23, hour=9)
    assert (message.not_before, message.leaves_until) == (monday, monday.replace(hour=17))
    assert message.attempts == 0 and "over for this day" in message.stop_reason
    assert sweep(now=monday)[1] == {"sent": 1}


def test_a_contact_rests_a_day_between_automatic_mails():
    campaign, _none = make_sending_campaign(0)
    one, other = make_sending_campaign(0)[0], make_invited(campaign)
    same = make_approach(one, other.company, contact=False)
    same.chosen.create(contact=other.company.contacts.get())
    queue(invite(same), "reminder:1", "reminder")
    queue(other, "reminder:2", "reminder")
    assert sweep()[1] == {"sent": 1, "queued": 1}
    assert sweep(now=NOW + timedelta(hours=25))[1] == {"sent": 1}


@pytest.mark.parametrize("state", ["data", "unknown"])
@pytest.mark.parametrize("step", ["reminder:2", "promise:2026-03-19"])
def test_a_contact_rests_also_from_a_mail_that_is_leaving_or_may_have_been_sent(state, step):
    campaign, _none = make_sending_campaign(0)
    one, other = make_sending_campaign(0)[0], make_invited(campaign)
    same = make_approach(one, other.company, contact=False)
    same.chosen.create(contact=other.company.contacts.get())
    leaving = queue(invite(same), "reminder:1", "reminder")
    lease = {"lease_token": leaving.pk, "lease_until": NOW + timedelta(days=9000)} if state == "data" else {}
    Message.objects.update(state=state, data_at=NOW, domain="elsewhere.example", **lease)
    queue(other, step, "reminder")
    assert rested(other.company.contacts.all(), NOW) == NOW + timedelta(days=1)
    assert sweep()[1] == {"queued": 1}
    assert sweep(now=NOW + timedelta(hours=25))[1] == {"sent": 1}


def test_a_contact_need_not_rest_from_a_mail_that_was_refused():
    campaign, _none = make_sending_campaign(0)
    approach = make_invited(campaign)
    queue(approach, "reminder:1", "reminder").recipients.update(result="refused")
    Message.objects.update(state="sent", data_at=NOW, sent_at=NOW)
    queue(approach, "reminder:2", "reminder")
    assert sweep()[1] == {"sent": 1}


def test_what_a_person_writes_does_not_wait_for_the_rest():
    campaign, _none = make_sending_campaign(0)
    approach = make_invited(campaign)
    queue(approach, "reminder:1", "reminder")
    assert sweep()[1] == {"sent": 1}
    queue(approach, "batch:1", "correction")
    assert sweep()[1] == {"sent": 1}


def two_recipients():
    _campaign, [approach] = make_sending_campaign(1)
    copy = make_contact(approach.company, email="copy@company.example")
    approach.chosen.create(contact=copy, use="cc")
    return queue(approach), copy


def test_a_recipient_refused_for_good_does_not_keep_the_mail_from_the_other():
    message, copy = two_recipients()
    _way_out, counts = sweep(FakeRelay({copy.email: Answer(550, "5.1.1 no such user")}))
    assert counts == {"sent": 1}
    copy.refresh_from_db()
    assert copy.health == Health.BOUNCED
    assert [(r.use, r.result) for r in message.recipients.all()] == [("to", "accepted"), ("cc", "refused")]


def test_a_recipient_refused_for_now_holds_the_mail_back_for_four_hours():
    message, copy = two_recipients()
    busy = FakeRelay({copy.email: Answer(450, "busy")})
    assert sweep(busy)[1] == {"queued": 1}
    message.refresh_from_db()
    assert message.state == State.QUEUED and timedelta(minutes=3) < message.not_before - NOW < timedelta(minutes=7)
    assert sweep(busy, NOW + timedelta(hours=3))[1] == {"queued": 1}
    assert busy.sent == []
    assert sweep(busy, NOW + timedelta(hours=5))[1] == {"sent": 1}
    assert [r.result for r in message.recipients.all()] == ["accepted", "temporary"]


def test_all_recipients_refused_is_failed():
    [message] = queue_invitations()
    address = message.recipients.get().address
    assert sweep(FakeRelay({address: Answer(550, "no such user")}))[1] == {"failed": 1}
    message.refresh_from_db()
    assert (message.last_code, message.recipients.get().contact.health) == (550, Health.BOUNCED)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "answers", [{"mail": Answer(554, "5.7.1 go away")}, {"answers": "all"}, {"opening": relay.Refused(535, "login")}]
)
def test_a_refusal_of_ourselves_holds_all_mail_and_blames_no_contact(answers):
    messages = queue_invitations(3)
    if "answers" in answers:
        answers = {"answers": {m.recipients.get().address: Answer(554, "5.7.1 policy") for m in messages}}
    sweep(FakeRelay(**answers))
    assert control.row().held_at
    assert not any(m.recipients.get().contact.health == Health.BOUNCED for m in messages)
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}


def test_a_refused_text_fails_and_holds_all_mail():
    queue_invitations(2)
    _way_out, counts = sweep(FakeRelay(last=Answer(554, "spam")))
    assert counts == {"failed": 1, "queued": 1} and control.row().held_at


def test_a_text_refused_for_now_is_tried_later_and_ever_more_seldom():
    [message] = queue_invitations()
    now, waits = NOW, []
    for _ in range(7):
        assert sweep(FakeRelay(last=Answer(451, "later")), now)[1] == {"queued": 1}
        message.refresh_from_db()
        waits.append(message.not_before - now)
        now = message.not_before
    assert all(0.8 <= wait / timedelta(minutes=5 * 2**k) <= 1.2 for k, wait in enumerate(waits[:6]))
    assert waits[6] <= timedelta(hours=4.8)
    assert not Event.objects.exists()


def test_a_mail_that_is_put_off_is_tried_for_five_days_and_then_has_failed():
    [message] = queue_invitations()
    now, waits = NOW, []
    while message.state != State.FAILED:
        sweep(FakeRelay(last=Answer(451, "later")), now)
        message.refresh_from_db()
        waits.append(message.not_before - now)
        now = max(message.not_before, now)
    curve = [timedelta(minutes=min(5 * 2**k, 240)) for k in range(len(waits) - 1)]
    assert all(0.8 <= wait / wanted <= 1.2 for wait, wanted in zip(waits[:-1], curve, strict=True))
    assert len({wait / wanted for wait, wanted in zip(waits[:-1], curve, strict=True)}) > 20  # none in step
    assert timedelta(days=4) < now - NOW < timedelta(days=6) and message.attempts == 35
    assert message.last_code == 451


def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself():
    [message] = queue_invitations()
    assert sweep(FakeRelay(last=relay.Uncertain("gone")))[1] == {"unknown": 1}
    assert sweep(now=NOW + timedelta(days=1))[1] == {}
    message.approach.refresh_from_db()
    assert message.approach.reach == Reach.PLANNED


def test_a_connection_cut_in_the_text_was_not_sent():
    queue_invitations(2)
    assert sweep(FakeRelay(last=relay.Broken("cut")))[1] == {"queued": 2}
    assert sweep(now=LATER)[1] == {"sent": 2}


def test_an_unreachable_server_costs_no_attempt():
    [message] = queue_invitations()
    sweep(FakeRelay(opening=relay.Broken("refused")))
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    assert sweep(now=LATER)[1] == {"sent": 1}


def test_expired_leases_are_swept(monkeypatch):
    one, two = queue_invitations(2)
    monkeypatch.setattr(claims, "LEASE", timedelta(0))
    claim = claims.claim(NOW)
    monkeypatch.undo()
    Message.objects.filter(pk=two.pk).update(state="data", data_at=NOW)
    assert claims.sweep(NOW) == (1, 1)
    assert dict(Message.objects.values_list("pk", "state")) == {one.pk: "queued", two.pk: "unknown"}
    assert not claims.pass_point(one, claim.token, NOW)
    assert not claims.leave(two, claim.token, State.DATA, State.SENT, sent_at=NOW)


def test_mails_to_one_domain_do_not_follow_each_other():
    class Mail:
        def __init__(self, domain):
            self.domain = domain

    order = claims.interleave([Mail(domain) for domain in "aaabbc"])
    assert "".join(mail.domain for mail in order) == "abcaba"


def test_what_a_test_mail_does():
    from correspondence import batches

    _campaign, [approach] = make_sending_campaign(1)
    user = make_user(email="me@team.example")
    message = batches.send_test(approach, "invitation", user, now=NOW)
    way_out, counts = sweep()
    assert counts == {"sent": 1} and way_out.sent[0][0] == ("me@team.example",)
    assert not Event.objects.exists() and not hasattr(message, "reply_link")
    assert message.subject.startswith("[Test]")
