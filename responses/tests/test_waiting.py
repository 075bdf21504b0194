from datetime import date, timedelta

import pytest
from django.utils.html import strip_tags

from campaigns import roles, status
from campaigns.models import Approach
from campaigns.status import Reply
from campaigns.tests.make import NOW, make_approach, make_campaign, make_invited, reply
from campaigns.tests.staff import make_staff
from companies.models import Contact
from correspondence import control
from correspondence.models import Control, Message
from correspondence.tests.make import make_wording, queue
from responses.desk.waiting import LATER, each, said, waiting

from .make import make_response

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make_staff(roles.LEAD)


def kinds(user, **values):
    return [row.kind for row in waiting(user, NOW, **values)]


def sentences(user, **values):
    return [strip_tags(row.sentence) for row in waiting(user, NOW, **values)]


def mail_in(state, approach, **values):
    make_wording(approach.campaign) if not approach.campaign.wordings.exists() else None
    mail = queue(approach)
    Message.objects.filter(pk=mail.pk).update(state=state, **values)
    return mail


def bounced(approach):
    Contact.objects.filter(chosen__approach=approach).update(health="bounced")


def promise(approach):
    Approach.objects.filter(pk=approach.pk).update(promised_for=date(2026, 3, 19), promised_stated="2026-03-19")


def came_back(approach):
    status.record(approach, "returned", now=NOW, result="returned")


MADE = {
    "unknown": lambda campaign: mail_in("unknown", make_approach(campaign), data_at=NOW),
    "approval": lambda campaign: mail_in("proposed", make_approach(campaign)),
    "failed": lambda campaign: mail_in("failed", make_approach(campaign)),
    "bounced": lambda campaign: bounced(make_approach(campaign)),
    "no_contact": lambda campaign: make_approach(campaign, contact=False),
    "not_reached": lambda campaign: came_back(make_invited(campaign)),
    "promise": lambda campaign: promise(make_invited(campaign)),
    "wrote_back": lambda campaign: reply(make_invited(campaign), Reply.ENGAGED),
    "review": lambda campaign: make_response(reply(make_invited(campaign)), publication="in_review"),
    "draft": lambda campaign: make_response(reply(make_invited(campaign)), publication="draft"),
}


def test_past_the_closing_date_no_reminder_waits_for_approval(lead):
    campaign = make_campaign()
    mail = mail_in("proposed", make_approach(campaign))
    [due] = waiting(lead, campaign.closes_at)
    assert due.kind == "closing_due"
    Message.objects.filter(pk=mail.pk).update(kind="thanks")
    assert {row.kind for row in waiting(lead, campaign.closes_at)} == {"approval", "closing_due"}


@pytest.mark.parametrize("kind", MADE)
def test_each_kind_is_listed_alone_and_grouped(lead, kind):
    campaign = make_campaign()
    make_invited(campaign)  # of which nothing waits
    MADE[kind](campaign)
    [one] = waiting(lead, NOW)
    assert (one.kind, one.count, one.campaign.title) == (kind, 1, campaign.title) and one.urgency < LATER
    MADE[kind](campaign)
    [two] = waiting(lead, NOW)
    assert (two.kind, two.count) == (kind, 2) and "2" in two.sentence
    rows = [said(row, lead) for row in each(lead, NOW, kind, campaign)]
    assert [row.count for row in rows] == [1, 1] and len({row.sentence for row in rows}) == (
        2 if kind != "approval" else 1
    )


def test_closing_is_due_when_its_day_is_over(lead):
    make_campaign(closes_on=date(2026, 3, 20))
    assert kinds(lead) == []
    assert [row.kind for row in waiting(lead, NOW + timedelta(days=1))] == ["closing_due"]


def test_before_a_close_those_whom_nothing_reached_come_earlier(lead):
    came_back(make_invited(make_campaign(closes_on=date(2026, 3, 25), deadline=None)))
    assert kinds(lead) == ["closing_soon"]


def test_the_most_urgent_comes_first(lead):
    campaign = make_campaign()
    for kind in reversed(MADE):
        MADE[kind](campaign)
    assert kinds(lead) == list(MADE)


def test_held_mail_is_above_everything_and_a_lead_releases_it(lead):
    MADE["unknown"](make_campaign())
    control.hold("The server is moved.", by=None, now=NOW)
    Control.objects.update(breaker_opened_at=NOW, breaker_because="No answer.")
    first, second, _third = waiting(lead, NOW)
    assert "The server is moved" in first.sentence and first.button == "Look, and release it"
    assert "No answer" in second.sentence
    assert waiting(make_staff(roles.RESEARCHER), NOW)[0].urgency < LATER * 2


def test_what_was_followed_is_over(lead):
    campaign = make_campaign()
    approach = make_approach(campaign)
    mail_in("failed", approach)
    later = queue(approach, "batch:1", "invitation", now=NOW + timedelta(hours=1))
    assert kinds(lead) == []
    later.delete()
    assert kinds(lead) == ["failed"]
    promised = make_invited(campaign)
    promise(promised)
    mail = queue(promised, "batch:2", "invitation", now=NOW)
    Message.objects.filter(pk=mail.pk).update(state="sent", data_at=NOW, sent_at=NOW)
    assert kinds(lead) == ["failed"]


def test_the_sentence_names_companies_and_escapes_them(lead):
    campaign = make_campaign()
    for name in ("Airbus", "<b>Thales</b>", "Cellebrite"):
        make_approach(campaign, contact=False, listed_as=name)
    [row] = waiting(lead, NOW)
    assert "&lt;b&gt;Thales&lt;/b&gt;</bdi> and 2 more" in row.sentence and row.button == "Choose 3 contacts"


def test_mine_are_the_assigned_and_nobodys_of_my_campaigns():
    campaign, other = make_campaign(), make_campaign()
    me, colleague = make_staff(roles.RESEARCHER, campaign, other), make_staff(roles.RESEARCHER, campaign)
    for owner in (me, colleague, None):
        make_approach(campaign, contact=False, assigned=owner)
    make_approach(other, contact=False, assigned=me)
    assert [row.count for row in waiting(me, NOW)] == [3, 1]
    assert [(row.count, row.owner_id) for row in waiting(me, NOW, own_only=True)] == [(2, None), (1, me.pk)]
    assert [row.count for row in waiting(colleague, NOW, own_only=True)] == [2]
    assert waiting(make_staff(roles.LEAD), NOW, own_only=True) == []


def test_researchers_learn_of_their_campaigns_and_who_must_act():
    campaign, hidden = make_campaign(), make_campaign(title="Hidden")
    researcher = make_staff(roles.RESEARCHER, campaign)
    for one in (campaign, hidden):
        MADE["approval"](one)
        MADE["no_contact"](one)
    first, second = waiting(researcher, NOW)
    assert (first.kind, first.button) == ("no_contact", "Choose a contact")
    assert second.urgency >= LATER and "A campaign lead must approve" in second.sentence
    assert second.button == "Look at it"


def test_one_campaigns_own_list(lead):
    campaign, other = make_campaign(), make_campaign()
    MADE["bounced"](campaign)
    MADE["bounced"](other)
    control.hold("x", by=None, now=NOW)
    [row] = waiting(lead, NOW, campaigns=[campaign])
    assert row.campaign.pk == campaign.pk


def test_it_costs_the_same_for_one_campaign_and_for_three(lead, django_assert_num_queries):
    lead.has_perm("x")
    for _campaign in range(3):
        campaign = make_campaign(closes_on=date(2026, 3, 10), deadline=None)
        for make in MADE.values():
            make(campaign)
        with django_assert_num_queries(4):
            waiting(lead, NOW)
