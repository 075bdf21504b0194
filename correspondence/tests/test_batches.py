from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Approach
from campaigns.tests.make import NOW, make_approach, make_contact, make_invited, make_user, reply
from correspondence import batches, outbox, reminders, unknown
from correspondence.models import Batch, Message, State

from .fakes import FakeRelay
from .make import approve, make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db
HELD = NOW + timedelta(minutes=10)


def propose(campaign, kind="invitation", **values):
    return batches.propose(campaign, kind, now=NOW, **values)


def test_proposing_twice_makes_no_mail_twice():
    campaign, approaches = make_sending_campaign(3)
    first, second = propose(campaign), propose(campaign)
    assert [message.approach for message in first.messages] == approaches
    assert [m.pk for m in first.messages] == [m.pk for m in second.messages]
    assert batches.set_hash(first.messages) == batches.set_hash(second.messages)
    assert Message.objects.count() == 3


@pytest.mark.parametrize("kind", ["reminder", "correction"])
def test_letters_of_other_kinds_are_proposed_once_until_approved(kind):
    campaign, _none = make_sending_campaign(0)
    make_invited(campaign)
    first = propose(campaign, kind).messages
    assert [m.pk for m in propose(campaign, kind).messages] == [m.pk for m in first]
    approve(campaign, first)
    assert [m.pk for m in propose(campaign, kind).messages] != [m.pk for m in first]


def test_thanks_go_once_to_those_who_answered():
    campaign, _none = make_sending_campaign(0)
    answered, _awaited = reply(make_invited(campaign)), make_invited(campaign)
    proposal = propose(campaign, "thanks")
    assert [message.approach for message in proposal.messages] == [answered]
    approve(campaign, proposal.messages)
    assert propose(campaign, "thanks").messages == []


def test_what_cannot_be_merged_is_listed_with_its_reason():
    campaign, [approach] = make_sending_campaign(1)
    alone = make_approach(campaign, contact=False)
    proposal = propose(campaign)
    assert [message.approach for message in proposal.messages] == [approach]
    [(blocked, reason)] = proposal.blocked
    assert blocked == alone and "no contact" in reason


def test_merging_again_takes_the_edited_wording():
    campaign, _approaches = make_sending_campaign(1)
    [before] = propose(campaign).messages
    campaign.wordings.filter(kind="invitation").update(subject="Edited")
    assert propose(campaign).messages[0].subject == before.subject
    assert propose(campaign, again=True).messages[0].subject == "Edited"


@pytest.mark.parametrize("rows", [10, 30])
def test_proposing_costs_a_constant_number_of_queries_a_mail(rows, django_assert_max_num_queries):
    campaign, _approaches = make_sending_campaign(rows)
    with django_assert_max_num_queries(10 * rows + 20):
        propose(campaign)


def test_progress_is_told():
    campaign, _approaches = make_sending_campaign(60)
    told = []
    messages = propose(campaign, progress=lambda *pair: told.append(pair)).messages
    assert told == [(50, 60), (60, 60)]
    told.clear()
    approve(campaign, messages, progress=lambda *pair: told.append(pair))
    assert told == [(60, 60)]


def test_an_approval_queues_exactly_the_set_after_the_undo_window():
    campaign, _approaches = make_sending_campaign(3)
    one, two, _three = propose(campaign).messages
    batch = approve(campaign, [one, two], hold=batches.UNDO_WINDOW)
    states = Message.objects.values_list("state", "not_before", "batch")
    assert sorted(states, key=str) == sorted([("queued", HELD, batch.pk)] * 2 + [("proposed", None, None)], key=str)


def test_an_approval_may_name_a_later_time():
    campaign, _approaches = make_sending_campaign(1)
    monday = NOW + timedelta(days=3)
    approve(campaign, propose(campaign).messages, not_before=monday)
    assert Message.objects.get().not_before == monday


def test_the_same_key_is_the_same_act():
    campaign, _approaches = make_sending_campaign(2)
    messages = propose(campaign).messages
    assert approve(campaign, messages, key="k") == approve(campaign, messages, key="k")
    assert Batch.objects.count() == 1


def changed_by_merging(campaign, messages):
    propose(campaign, again=True)


def changed_by_stopping(campaign, messages):
    batches.stop(messages[0], by=None, now=NOW, reason="no")


def changed_by_approval(campaign, messages):
    approve(campaign, messages[:1])


def changed_by_deletion(campaign, messages):
    Message.objects.filter(pk=messages[0].pk).delete()


@pytest.mark.parametrize("change", [changed_by_merging, changed_by_stopping, changed_by_approval, changed_by_deletion])
def test_a_set_that_changed_is_refused_whole(change):
    campaign, _approaches = make_sending_campaign(2)
    messages = propose(campaign).messages
    shown = batches.set_hash(messages)
    change(campaign, messages)
    before = list(Message.objects.values_list("pk", "state").order_by("pk"))
    with pytest.raises(batches.SetChanged):
        batches.approve(campaign, messages, shown, by=make_user(), key="k", now=NOW)
    assert list(Message.objects.values_list("pk", "state").order_by("pk")) == before
    assert not Batch.objects.filter(idempotency_key="k").exists()


def test_mails_of_another_campaign_are_refused():
    campaign, _approaches = make_sending_campaign(1)
    other, _approaches = make_sending_campaign(1)
    with pytest.raises(batches.SetChanged):
        approve(campaign, propose(other).messages)


def test_what_leaves_is_what_was_approved():
    campaign, approaches = make_sending_campaign(1)
    messages = propose(campaign).messages
    approve(campaign, messages)
    campaign.wordings.update(subject="Edited", body="Edited")
    Approach.objects.update(listed_as="Edited")
    make_contact(approaches[0].company)
    way_out = FakeRelay()
    outbox.sweep(NOW, way_out=way_out)
    assert [mime for _to, mime in way_out.sent] == [bytes(messages[0].mime)]


def test_undo_takes_back_what_has_not_left():
    campaign, _approaches = make_sending_campaign(3)
    messages = propose(campaign).messages
    batch = approve(campaign, messages, hold=batches.UNDO_WINDOW)
    Message.objects.filter(pk=messages[0].pk).update(not_before=NOW)
    outbox.sweep(NOW, way_out=FakeRelay())
    batch = batches.undo(batch, by=make_user(), now=NOW)
    assert (batch.undone_at, batch.undone_count) == (NOW, 2)
    rows = Message.objects.filter(state=State.PROPOSED)
    assert rows.count() == 2 and set(rows.values_list("batch", "not_before")) == {(None, None)}
    hashes = {message.pk: message.sha256 for message in messages}
    assert all(row.sha256 != hashes[row.pk] for row in rows)  # a new reply link
    approve(campaign, rows)
    assert batches.undo(batch, by=make_user(), now=NOW).undone_count == 2


def test_undo_stops_every_mail_at_once_and_merges_what_the_time_suffices_for(monkeypatch):
    monkeypatch.setattr(batches, "TOGETHER", 1)
    campaign, _approaches = make_sending_campaign(3)
    messages = propose(campaign).messages
    batch = batches.undo(approve(campaign, messages, hold=batches.UNDO_WINDOW), by=make_user(), now=NOW, seconds=0)
    assert batch.undone_count == Message.objects.filter(state=State.PROPOSED, batch=None).count() == 3
    before = {message.pk: message.sha256 for message in messages}
    assert sum(row.sha256 == before[row.pk] for row in Message.objects.all()) >= 2


def test_undo_is_too_late_once_the_window_is_over():
    campaign, _approaches = make_sending_campaign(1)
    batch = approve(campaign, propose(campaign).messages, hold=batches.UNDO_WINDOW)
    assert batches.undo(batch, by=None, now=HELD).undone_count == 0


def test_a_sent_mail_cannot_be_stopped():
    message = queue(make_sending_campaign(1)[1][0])
    outbox.sweep(NOW, way_out=FakeRelay())
    assert batches.stop(message, by=None, now=NOW, reason="no") is False


def test_a_resend_needs_a_reason_and_waits_for_approval():
    message = queue(make_sending_campaign(1)[1][0])
    with pytest.raises(ValueError):
        batches.resend(message, "lost", by=None, now=NOW)  # it has not left yet
    outbox.sweep(NOW, way_out=FakeRelay())
    with pytest.raises(ValueError):
        batches.resend(message, " ", by=None, now=NOW)
    again = batches.resend(message, "The company asks for it.", by=None, now=NOW)
    assert (again.state, again.resend_no, again.step) == (State.PROPOSED, 1, "invitation")
    assert again.message_id != message.message_id


@pytest.mark.parametrize(("arrived", "state", "reach"), [(True, "sent", "invited"), (False, "queued", "planned")])
def test_a_person_settles_what_is_unknown(arrived, state, reach):
    message = queue(make_sending_campaign(1)[1][0])
    Message.objects.update(state="unknown", data_at=NOW)
    with pytest.raises(ValueError):
        unknown.settle_unknown(message, arrived, by=None, now=NOW, reason="")
    unknown.settle_unknown(message, arrived, by=None, now=NOW, reason="They said so by telephone.")
    message.approach.refresh_from_db()
    assert (message.state, message.approach.reach) == (state, reach)
    with pytest.raises(ValueError):
        unknown.settle_unknown(message, arrived, by=None, now=NOW, reason="Again.")


def test_a_reminder_that_a_person_prepares_takes_the_place_of_the_planned_one():
    campaign, _none = make_sending_campaign(0)
    near, far = make_step(campaign, 20), make_step(campaign, 25)
    approach = make_invited(campaign)
    reminders.start(campaign, by=None, now=NOW)
    [message] = propose(campaign, "reminder").messages
    assert [m.pk for m in propose(campaign, "reminder").messages] == [message.pk]
    approach.refresh_from_db()
    assert (message.step, approach.next_step) == (near.key, far.key)


def test_a_last_notice_leaves_a_planned_reminder_where_it_is():
    campaign, _none = make_sending_campaign(0)
    step = make_step(campaign, 20)
    approach = make_invited(campaign)
    reminders.start(campaign, by=None, now=NOW)
    [message] = propose(campaign, "last_notice").messages
    approach.refresh_from_db()
    assert message.step.startswith("batch:") and approach.next_step == step.key


def test_an_approved_mail_waits_for_the_working_hours_of_its_company():
    campaign, [here, there] = make_sending_campaign(2)
    here.company.contacts.update(time_zone="UTC")
    there.company.contacts.update(time_zone="Asia/Tokyo")  # 21:00 on a Friday
    mails = propose(campaign).messages
    batch = approve(campaign, mails, in_hours=True)
    leaves = dict(batch.messages.values_list("approach", "not_before"))
    assert leaves == {here.pk: NOW, there.pk: datetime(2026, 3, 23, tzinfo=UTC)}
    ends = dict(batch.messages.values_list("approach", "leaves_until"))
    assert ends == {here.pk: datetime(2026, 3, 20, 17, tzinfo=UTC), there.pk: datetime(2026, 3, 23, 8, tzinfo=UTC)}
    outbox.sweep(NOW, way_out=FakeRelay())
    batches.undo(batch, by=None, now=NOW)
    assert list(Message.objects.order_by("approach").values_list("state", "leaves_until")) == [
        ("sent", ends[here.pk]),
        ("proposed", None),
    ]
