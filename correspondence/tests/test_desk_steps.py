from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from campaigns import roles
from campaigns.models import ReminderStep
from campaigns.tests.make import NOW, make_company, make_invited
from campaigns.tests.staff import make_staff, problems, signed_in

from .desk import freeze, make_desk, text_of
from .make import make_step, queue


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)


def address(campaign, *rest):
    return "/".join(["/admin/campaigns/campaign", str(campaign.pk), "reminders", *map(str, rest), ""])


STEP = {"days": 30, "anchor": "after_invitation", "wording": "last_notice", "escalates": "on"}


def test_a_step_is_added_and_everybody_is_planned_anew():
    campaign, _approaches, client = make_desk(0)
    make_step(campaign, 40)
    approach = make_invited(campaign)
    page = client.post(address(campaign), STEP, follow=True)
    step = campaign.steps.get(days=30)
    approach.refresh_from_db()
    assert approach.next_step == step.key and step.escalates and step.position > 40
    assert "1 company is planned anew." in problems(page)[0] and LogEntry.objects.count() == 1
    text = text_of(page)
    assert "1 April 2026" in text and "Last notice" in text and "Also to the contacts for escalation" in text


def test_a_step_twice_on_a_day_is_refused():
    campaign, _approaches, client = make_desk(0)
    make_step(campaign, 30)
    assert "There is a step for this day already" in text_of(client.post(address(campaign), STEP))
    assert campaign.steps.count() == 1


def test_a_step_changes_until_mail_of_it_was_made():
    campaign, [approach], client = make_desk()
    step = make_step(campaign, 30)
    assert client.get(f"{address(campaign)}?step={step.pk}").context["chosen"] == step
    client.post(f"{address(campaign)}?step={step.pk}", STEP | {"days": 31})
    step.refresh_from_db()
    assert (step.days, step.wording, campaign.steps.count()) == (31, "last_notice", 1)
    queue(approach, step=step.key, kind="reminder")
    assert client.post(f"{address(campaign)}?step={step.pk}", STEP).status_code == 404
    page = client.post(address(campaign, step.pk, "remove"), follow=True)
    assert "it can be retired" in problems(page)[0] and campaign.steps.exists()
    client.post(address(campaign, step.pk, "retire"))
    step.refresh_from_db()
    assert step.retired_at == NOW
    make_step(campaign, 31)
    page = client.post(address(campaign, step.pk, "restore"), follow=True)
    assert "Another step has its day." in problems(page)[-1]
    campaign.steps.filter(retired_at=None).delete()
    client.post(address(campaign, step.pk, "restore"))
    assert not ReminderStep.objects.get().retired_at


def test_why_a_step_reaches_nobody_is_said():
    campaign, _approaches, client = make_desk(0, deadline=None, closes_on=date(2026, 3, 20))
    make_step(campaign, 3, "after_deadline")
    make_step(campaign, 60)
    text = text_of(client.get(address(campaign)))
    assert "The campaign has no day to reply by." in text and "It would come after the close." in text


def test_what_would_be_sent_is_a_table_by_day_in_both_times():
    campaign, _approaches, client = make_desk(0, time_zone="Europe/Berlin")
    make_step(campaign, 30)
    fine = make_invited(campaign, company=make_company(headquarters="BR"))
    held = make_invited(campaign, paused_at=NOW)
    text = text_of(client.get(address(campaign, "foretold")))
    assert "1 mail would be sent on 1 day; 1 company would get nothing." in text
    assert "Wednesday, 1 April 2026: 1 mail" in text
    row = text[text.index(fine.listed_as) :]
    assert "14:00 Wed 1 April, 09:00 America/Sao Paulo 1 address" in row
    assert f"{held.listed_as} Reminder 09:00" in text and "On hold." in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_any_number(rows, django_assert_max_num_queries):
    campaign, _approaches, client = make_desk(0)
    for number in range(rows):
        make_step(campaign, 30 + number)
        make_invited(campaign)
    for page in ((), ("foretold",)):
        with django_assert_max_num_queries(50) as seen:
            client.get(address(campaign, *page))
        assert len(seen) == QUERIES.setdefault(page, len(seen))


QUERIES = {}  # of the pages of the first run


def test_strangers_see_and_change_nothing():
    campaign, _approaches, _client = make_desk(0)
    step = make_step(campaign)
    stranger = signed_in(make_staff(roles.RESEARCHER))
    for page in (address(campaign), address(campaign, "foretold")):
        assert stranger.get(page).status_code == 404
    assert stranger.post(address(campaign), STEP).status_code == 404
    assert stranger.post(address(campaign, step.pk, "retire")).status_code == 404
    assert campaign.steps.get().retired_at is None


def test_before_the_launch_the_plan_of_the_whole_campaign_is_shown():
    campaign, _approaches, client = make_desk(2)
    make_step(campaign, 14)
    text = text_of(client.get(address(campaign, "foretold")))
    assert "4 mails would be sent on 2 days. 2 companies are not invited yet" in text
    assert text.count("Invitation As if it were approved now.") == 2 and "No company is awaited" not in text


@pytest.mark.parametrize("days", ["-1", "366", "soon"])
def test_days_that_cannot_be_are_refused_in_words(days):
    campaign, _approaches, client = make_desk(0)
    page = client.post(address(campaign), STEP | {"days": days})
    assert "Enter a number of days from 0 to 365" in text_of(page) and f'value="{days}"' in page.content.decode()
    page = client.post(address(campaign), STEP | {"anchor": ""})
    assert "Choose what the days are counted from" in text_of(page) and not campaign.steps.exists()


def test_one_day_is_named_as_one():
    assert str(ReminderStep(days=1, anchor="before_deadline")) == "1 day before the day to reply by"
    assert str(ReminderStep(days=2, anchor="after_invitation")) == "2 days after the invitation"
