"""What the simulation says is what the clock does: weeks are run hour by hour, into a folder of mails."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from campaigns import days, planning, window
from campaigns.models import Campaign, ChosenContact
from campaigns.tests.make import invite, make_approach, make_campaign, make_company, make_contact
from companies.models import Health
from correspondence import batches, reminders, simulation
from correspondence.models import Message, State
from correspondence.tick import tick

from .make import approve, make_sending_campaign, make_step, make_wording, queue

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 16, 6, tzinfo=UTC)
COUNTRIES = ["", "DE", "EG", "AE", "US", "JP", "BR", "IL", "NZ", "IN", "ZA"]
ZONES = ["", "", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"]
ANCHORS = ["after_invitation", "before_deadline", "after_deadline"]


def any_campaign(dice, launched=True):
    """A campaign that somebody might make, with companies anywhere."""
    campaign, _none = make_sending_campaign(
        0,
        time_zone=dice.choice(["UTC", "Europe/Lisbon", "America/Bogota"]),
        deadline=dice.choice([None, date(2026, 4, 3), date(2026, 4, 11)]),
        closes_on=dice.choice([None, date(2026, 4, 14), date(2026, 4, 30)]),
        window_from=time(dice.choice([0, 8, 9])),
        window_until=time(dice.choice([14, 17, 23])),
        reminders_leave=Campaign.ReminderMode.AUTOMATIC,
    )
    kinds = {(dice.choice(ANCHORS), dice.randint(1, 21)): dice.choice(["reminder", "last_notice"]) for _ in range(5)}
    for (anchor, number), wording in kinds.items():
        make_step(campaign, number, anchor, wording=wording, escalates=dice.random() < 0.3)
    for _ in range(6):
        promised = date(2026, 4, dice.randint(1, 9)) if dice.random() < 0.2 else None
        company = make_company(headquarters=dice.choice(COUNTRIES))
        approach = make_approach(campaign, company, contact=False, promised_for=promised)
        for use in ChosenContact.Use.values[: dice.randint(1, 3)]:
            contact = make_contact(company, time_zone=dice.choice(ZONES))
            approach.chosen.create(contact=contact, use=use)
        on = date(2026, 3, dice.randint(8, 15))
        if launched:
            invite(approach, on=on, now=MONDAY)
        if dice.random() < 0.1:
            company.contacts.update(health=Health.BOUNCED)
        if dice.random() < 0.1:
            planning.pause(approach, now=MONDAY)
    return campaign


def run(hours):
    """Let the clock ring each hour in which there is something to do, and twice a day: the guard wants to hear it."""
    for hour in range(hours):
        now = MONDAY + timedelta(hours=hour)
        if hour % 12 == 0 or reminders.due(now).exists() or Message.objects.filter(state=State.QUEUED).exists():
            tick(now)


@pytest.mark.parametrize("seed", range(4))
def test_what_leaves_is_what_was_foretold(seed, settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    campaign = any_campaign(random.Random(seed))
    foretold = [row for row in simulation.rows(campaign, MONDAY) if not row.because]
    expected = {(row.approach.pk, row.step, days.today(row.at, row.zone), row.addresses) for row in foretold}
    run(24 * 54)
    left = set()
    sent = Message.objects.filter(state=State.SENT).select_related("approach__company", "approach__campaign")
    for mail in sent:
        mine = window.of(mail.approach)
        assert mine.next_opening(mail.sent_at) == mail.sent_at, "outside the company's hours"
        left.add((mail.approach_id, mail.step, mine.day(mail.sent_at), mail.recipients.count()))
    assert left == expected
    assert len({(key, day) for key, _step, day, _count in left}) == len(left), "two mails on one day"
    assert len(list(settings.MAIL_DIR.glob("*.eml"))) == len(left) == len(sent)


@pytest.mark.parametrize("seed", range(3))
def test_before_the_launch_it_foretells_what_follows_it(seed, settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    campaign = any_campaign(random.Random(seed), launched=False)
    foretold = [row for row in simulation.rows(campaign, MONDAY) if not row.because]
    assert {row.note for row in foretold if row.step == "invitation"} == {"As if it were approved now."}
    expected = {(row.approach.pk, row.step, days.today(row.at, row.zone), row.addresses) for row in foretold}
    approve(campaign, batches.propose(campaign, "invitation", now=MONDAY).messages, now=MONDAY)
    run(24 * 54)
    left = set()
    for mail in Message.objects.filter(state=State.SENT).select_related("approach__company", "approach__campaign"):
        day = window.of(mail.approach).day(mail.sent_at)
        left.add((mail.approach_id, mail.step, day, mail.recipients.count()))
    assert left == expected and len(left) > 5


def test_what_a_person_decided_is_said():
    campaign, _none = make_sending_campaign(0)
    first, second = make_step(campaign, 16), make_step(campaign, 23)
    skipped, promised, extended = [invite(make_approach(campaign), now=MONDAY) for _ in range(3)]
    reminders.start(campaign, by=None, now=MONDAY)
    reminders.skip(skipped, by=None, now=MONDAY)
    planning.give_time(promised, days.read("2026-04-02"), by=None, now=MONDAY, promised=True)
    planning.give_time(extended, days.read("2026-04-09"), by=None, now=MONDAY)
    said = {}
    for row in simulation.rows(campaign, MONDAY):
        said.setdefault(row.approach.pk, []).append((row.step, row.at.day, row.because, row.note))
    until = "It has time until 9 April 2026."
    assert said == {
        skipped.pk: [(first.key, 18, "A person left it out.", ""), (second.key, 25, "", "")],
        promised.pk: [(first.key, 3, "", "It promised an answer for 2 April 2026.")],
        extended.pk: [(first.key, 18, "", until), (second.key, 25, "", until)],
    }


def test_an_invitation_that_cannot_leave_says_why():
    campaign, [fine, held, queued, failed] = make_sending_campaign(4)
    alone = make_approach(campaign, contact=False)
    planning.pause(held, now=MONDAY)
    queue(queued, now=MONDAY + timedelta(days=1))
    mail = queue(failed)
    Message.objects.filter(pk=mail.pk).update(state=State.FAILED)
    found = simulation.rows(campaign, MONDAY)
    said = {row.approach.pk: (row.at.day, row.because, row.note) for row in found if row.step == "invitation"}
    assert said == {
        fine.pk: (16, "", "As if it were approved now."),
        held.pk: (16, "On hold.", ""),
        queued.pk: (17, "", ""),
        failed.pk: (16, "Failed.", ""),
        alone.pk: (16, "There is no contact with an e-mail address to write to.", ""),
    }


def test_each_reason_is_said():
    campaign = make_campaign(closes_on=date(2026, 3, 24))
    make_wording(campaign), make_wording(campaign, "reminder")
    for number in (14, 20, 40):
        make_step(campaign, number)
    fine, held, bounced, doubtful, finished = [make_approach(campaign) for _ in range(5)]
    for approach in (fine, held, bounced, doubtful, finished):
        invite(approach, now=MONDAY - timedelta(days=14))
    planning.pause(held, now=MONDAY)
    bounced.company.contacts.update(health=Health.BOUNCED)
    mail = queue(doubtful)
    Message.objects.filter(pk=mail.pk).update(state=State.UNKNOWN, data_at=MONDAY - timedelta(days=14))
    campaign.approaches.filter(pk=finished.pk).update(next_step="", remind_at=None)
    said = {}
    for row in simulation.rows(campaign, MONDAY):
        said.setdefault(row.approach.pk, []).append((row.at and row.at.day, row.because))
    after = "It would come after the close."
    assert said == {
        fine.pk: [(16, ""), (23, ""), (13, after)],
        held.pk: [(16, "On hold.")],
        bounced.pk: [(day, "Mail to the contact's address came back.") for day in (16, 23)] + [(13, after)],
        doubtful.pk: [(16, "It is not known whether the invitation arrived.")],
        finished.pk: [(None, "No step is left.")],
    }


def test_what_waits_for_approval_counts_as_approved(django_assert_num_queries):
    campaign, _none = make_sending_campaign(0)
    make_step(campaign, 14), make_step(campaign, 15)
    approach = invite(make_approach(campaign), now=MONDAY - timedelta(days=14))
    tick(MONDAY + timedelta(hours=3))
    approach.refresh_from_db()
    assert Message.objects.get().state == State.PROPOSED
    found = simulation.rows(campaign, MONDAY + timedelta(hours=4))
    assert [(row.at, row.because) for row in found] == [
        (MONDAY + timedelta(hours=4), ""),
        (MONDAY + timedelta(hours=28), ""),  # the contact rests a day
    ]


@pytest.mark.parametrize("companies", [1, 5])
def test_it_costs_the_same_for_any_number(companies, django_assert_max_num_queries):
    campaign, _none = make_sending_campaign(0)
    make_step(campaign, 14), make_step(campaign, 21)
    for _ in range(companies):
        invite(make_approach(campaign), now=MONDAY)
    with django_assert_max_num_queries(30):
        assert len(simulation.rows(campaign, MONDAY)) == 2 * companies
