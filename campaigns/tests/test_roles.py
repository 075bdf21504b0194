from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from campaigns import roles
from campaigns.models import Approach, Campaign, Event, Question

from .make import make_approach, make_campaign, make_contact, make_invited, make_question
from .staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
CAMPAIGNS = reverse("admin:campaigns_campaign_changelist")
APPROACHES = reverse("admin:campaigns_approach_changelist")


@pytest.fixture
def own():
    return make_campaign(title="Own campaign")


@pytest.fixture
def other():
    return make_campaign(title="Other campaign")


@pytest.fixture
def researcher(own):
    return signed_in(make_staff(roles.RESEARCHER, own))


def test_every_role_has_exactly_its_permissions():
    known = {
        f"{one.content_type.app_label}.{one.codename}" for one in Permission.objects.select_related("content_type")
    }
    for name, granted in roles.GRANTS.items():
        assert granted <= known
        held = Group.objects.get(name=name).permissions.select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in held} == granted


def test_roles_differ_in_what_leaves_the_house():
    def holds(name, permission):
        return permission in roles.GRANTS[name]

    assert [holds(name, "responses.publish_response") for name in roles.GRANTS] == [False, True, True]
    assert [holds(name, "campaigns.see_all_campaigns") for name in roles.GRANTS] == [False, True, True]
    for permission in ("campaigns.send_mail", "campaigns.close_campaign", "campaigns.publish_campaign"):
        assert [holds(name, permission) for name in roles.GRANTS] == [False, False, True]


def test_a_researcher_lists_only_the_campaigns_of_their_teams(researcher, own, other):
    page = researcher.get(CAMPAIGNS).content.decode()
    assert own.title in page
    assert other.title not in page


def test_a_reviewer_lists_all_campaigns(own, other):
    page = signed_in(make_staff(roles.REVIEWER)).get(CAMPAIGNS).content.decode()
    assert own.title in page
    assert other.title in page


def test_the_filters_of_a_list_name_no_other_campaign(researcher, own, other):
    make_approach(own), make_approach(own), make_approach(other)
    page = researcher.get(APPROACHES).content.decode()
    assert other.title not in page


def test_another_campaigns_page_is_not_there(researcher, other):
    answer = researcher.get(reverse("admin:campaigns_campaign_change", args=[other.pk]))
    assert (answer.status_code, answer.url) == (302, "/admin/")


def test_a_choice_offers_and_accepts_only_own_campaigns(researcher, own, other):
    company = make_approach(own).company
    form = {"company": make_approach(other).company.pk, "campaign": other.pk, "position": 0}
    page = researcher.post(reverse("admin:campaigns_approach_add"), form)
    assert "campaign" in page.context["adminform"].form.errors
    form = {"company": make_approach(other).company.pk, "campaign": own.pk, "position": 0}
    assert researcher.post(reverse("admin:campaigns_approach_add"), form).status_code == 302
    found = researcher.get(
        reverse("admin:autocomplete"), {"app_label": "campaigns", "model_name": "approach", "field_name": "campaign"}
    )
    assert [one["id"] for one in found.json()["results"]] == [str(own.pk)]
    assert company.approaches.count() == 1


def test_a_researcher_sees_contacts_of_companies_that_they_ask(researcher, own, other):
    mine = make_contact(make_approach(own).company, email="mine@company.example")
    theirs = make_contact(make_approach(other).company, email="theirs@company.example")
    page = researcher.get(reverse("admin:companies_contact_changelist")).content.decode()
    assert mine.email in page
    assert theirs.email not in page
    company = researcher.get(reverse("admin:companies_company_change", args=[theirs.company_id])).content.decode()
    assert theirs.email not in company


@pytest.mark.parametrize(
    "lookup",
    [
        "note__startswith",
        "reply_token__startswith",
        "company__contacts__email__startswith",
        "campaign__signature__contains",
    ],
)
def test_a_list_cannot_be_asked_what_its_filters_do_not_offer(researcher, own, lookup):
    make_approach(own, note="secret")
    answers = [researcher.get(APPROACHES, {lookup: guess}) for guess in ("secret", "random")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content


def test_a_lists_own_filters_work(researcher, own):
    make_approach(own, listed_as="Asked Ltd")
    for filters in ({"campaign__id__exact": own.pk}, {"reply__exact": "none"}, {"look": "mine"}):
        assert researcher.get(APPROACHES, filters).status_code == 200


def test_an_act_on_another_campaigns_company_finds_nothing(researcher, other):
    approach = make_invited(other)
    address = reverse("admin:campaigns_approach_act", args=["unreached"])
    form = {"_selected_action": approach.pk, "day": "2026-03-20", "reason": "Every address bounced"}
    assert researcher.post(address, form).status_code == 404
    assert Approach.objects.get(pk=approach.pk).reach == "invited"


def test_the_record_is_neither_added_to_nor_changed_nor_deleted_by_hand(own):
    event = make_invited(own).events.get()
    client = signed_in(make_staff(is_superuser=True))
    page = reverse("admin:campaigns_event_change", args=[event.pk])
    assert client.post(page, {"remark": "rewritten"}).status_code == 403
    assert client.get(reverse("admin:campaigns_event_add")).status_code == 403
    assert client.post(reverse("admin:campaigns_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert list(Event.objects.values_list("pk", "remark")) == [(event.pk, "")]


def test_a_campaign_opens_its_switches_only_to_those_who_may(researcher, own):
    page = researcher.get(reverse("admin:campaigns_campaign_change", args=[own.pk]))
    fields = set(page.context["adminform"].form.fields)
    assert "title" in fields
    assert not fields & {
        "published_on",
        "closes_by_itself",
        "reminders_leave",
        "counts_as_response",
        "withdrawn_because",
    }


def test_whoever_makes_a_campaign_is_on_its_team():
    lead = make_staff(roles.LEAD)
    client = signed_in(lead)
    parts = {}
    for prefix in ("askers", "questions"):
        parts |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    form = {
        "title": "New",
        "slug": "new",
        "language": "en",
        "kind": "survey",
        "time_zone": "Europe/Berlin",
        "asked_on": "2026-03",
        "counts_as_response": ["responded"],
        "reminders_leave": "approved",
        "window_from": "09:00",
        "window_until": "17:00",
        **parts,
    }
    assert client.post(reverse("admin:campaigns_campaign_add"), form).status_code == 302
    campaign = Campaign.objects.get(slug="new")
    assert [one.user for one in campaign.memberships.all()] == [lead]
    assert (campaign.asked_on, campaign.asked_stated) == (date(2026, 3, 31), "2026-03")


def test_what_was_asked_is_replaced_not_rewritten(own):
    question = make_question(own, "1.a", text="Old words?")
    make_invited(own)
    client = signed_in(make_staff(roles.RESEARCHER, own))
    page = client.get(reverse("admin:campaigns_question_change", args=[question.pk]))
    assert not {"number", "text", "parent"} & set(page.context["adminform"].form.fields)
    assert (
        client.post(reverse("admin:campaigns_question_delete", args=[question.pk]), {"post": "yes"}).status_code == 403
    )
    form = {"campaign": own.pk, "number": "1.a", "text": "New words?", "replaces": question.pk, "position": ""}
    assert client.post(reverse("admin:campaigns_question_add"), form).status_code == 302
    new = Question.objects.current().get(campaign=own)
    assert (new.text, new.replaces) == ("New words?", question)


def test_a_correction_takes_no_other_questions_number(own):
    question, taken = make_question(own, "1.a"), make_question(own, "1.b")
    client = signed_in(make_staff(roles.RESEARCHER, own))
    form = {"campaign": own.pk, "number": taken.number, "text": "New?", "replaces": question.pk, "position": ""}
    page = client.post(reverse("admin:campaigns_question_add"), form)
    assert "number" in page.context["adminform"].form.errors
