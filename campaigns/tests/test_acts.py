from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import roles
from campaigns.closing import close
from campaigns.models import Approach, Campaign

from .make import NOW, make_approach, make_campaign, make_invited, reply
from .staff import make_staff, problems, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th_of_march(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def researcher(campaign):
    return signed_in(make_staff(roles.RESEARCHER, campaign))


@pytest.fixture
def lead():
    return signed_in(make_staff(roles.LEAD))


def act(client, model, name, rows, **form):
    address = reverse(f"admin:campaigns_{model}_act", args=[name])
    keys = {"_selected_action": [row.pk for row in rows]}
    return client.post(address, keys | form, follow=True)


def fresh(approach):
    return Approach.objects.get(pk=approach.pk)


def test_the_action_of_a_list_shows_the_rows_and_changes_nothing(researcher, campaign):
    approach = make_approach(campaign)
    form = {"action": "act_invited", "_selected_action": [approach.pk]}
    page = researcher.post(reverse("admin:campaigns_approach_changelist"), form)
    text = page.content.decode()
    assert approach.listed_as in text
    assert "Record 1 invitation" in text
    assert 'value="2026-03-20"' in text
    assert fresh(approach).reach == "planned"


def test_an_invitation_by_hand_counts_as_delivered(researcher, campaign):
    approaches = [make_approach(campaign), make_approach(campaign)]
    act(researcher, "approach", "invited", approaches, day="2026-03-11", channel="post", reason="By courier")
    event = approaches[0].events.get()
    assert (event.kind, event.channel, event.result, event.on) == ("invited", "post", "accepted", date(2026, 3, 11))
    assert (event.by.groups.get().name, event.reason) == (roles.RESEARCHER, "By courier")
    assert [fresh(one).reach for one in approaches] == ["invited", "invited"]
    assert LogEntry.objects.count() == 2


def test_of_many_rows_those_that_cannot_bear_it_are_named_and_the_rest_is_done(researcher, campaign):
    good, answered = make_invited(campaign), reply(make_invited(campaign))
    page = act(researcher, "approach", "unreached", [good, answered], day="2026-03-20", reason="All bounced")
    assert [fresh(good).reach, fresh(answered).reach] == ["unreached", "invited"]
    assert f"{answered.listed_as} has replied, so it was reached." in problems(page)


def test_where_nothing_can_be_done_the_form_comes_back_with_what_was_typed(researcher, campaign):
    answered = reply(make_invited(campaign))
    page = act(researcher, "approach", "unreached", [answered], day="2026-03-20", reason="All bounced")
    text = page.content.decode()
    assert "Nothing was changed" in text
    assert "All bounced" in text


@pytest.mark.parametrize(("day", "said"), [("", "Enter the day"), ("2026-02-30", "The date must be real")])
def test_a_move_needs_a_real_day_and_a_reason(researcher, campaign, day, said):
    approach = make_approach(campaign)
    page = act(researcher, "approach", "unreached", [approach], day=day, reason="").content.decode()
    assert said in page
    assert "Enter the reason" in page
    assert fresh(approach).reach == "planned"


@pytest.mark.parametrize(
    ("name", "form", "field", "value"),
    [
        (
            "not-asked",
            {"because": "litigation", "reason": "Told by the lawyer"},
            "not_approached_because",
            "litigation",
        ),
        ("hold", {}, "paused_at", NOW),
        ("reply", {"reply": "declined", "reason": "By telephone"}, "reply", "declined"),
    ],
)
def test_acts_of_one_company(researcher, campaign, name, form, field, value):
    approach = make_approach(campaign)
    act(researcher, "approach", name, [approach], day="2026-03-20", **form)
    assert getattr(fresh(approach), field) == value


def test_more_time_and_an_attempt_and_a_return_are_recorded(researcher, campaign):
    approach = make_invited(campaign)
    act(researcher, "approach", "time", [approach], day="2026-04-10")
    act(researcher, "approach", "attempted", [approach], day="2026-03-19", channel="phone", result="accepted")
    act(researcher, "approach", "returned", [approach], day="2026-03-20", reason="Unknown at this address")
    assert [event.kind for event in approach.events.all()] == ["invited", "extended", "contacted", "returned"]
    assert fresh(approach).deadline == date(2026, 4, 10)


def test_an_event_is_taken_back_with_a_reason_and_the_status_follows(researcher, campaign):
    approach = reply(make_invited(campaign))
    moved = approach.events.get(kind="moved")
    act(researcher, "event", "take-back", [moved], reason="It was another company's letter")
    assert fresh(approach).reply == "none"
    page = act(researcher, "event", "take-back", [moved], reason="Again").content.decode()
    assert "This was already taken back." in page


def test_an_invitation_under_a_reply_is_not_taken_back(researcher, campaign):
    approach = reply(make_invited(campaign))
    invited = approach.events.get(kind="invited")
    page = act(researcher, "event", "take-back", [invited], reason="Wrong").content.decode()
    assert "has a reply, so it stays invited" in page
    assert fresh(approach).reach == "invited"


def test_a_rows_own_page_offers_what_fits(researcher, campaign):
    approach = make_approach(campaign)
    page = researcher.get(reverse("admin:campaigns_approach_change", args=[approach.pk])).content.decode()
    assert "Record an invitation made by hand" in page
    assert "Take off hold" not in page
    assert f"{reverse('log_reply')}?approach={approach.pk}" in page


@pytest.mark.parametrize("name", ["publish", "withdraw", "reopen"])
def test_a_researcher_neither_publishes_nor_reopens(researcher, campaign, name):
    page = researcher.get(reverse("admin:campaigns_campaign_act", args=[name]), {"id": campaign.pk})
    assert page.status_code == 403
    form = {"_selected_action": campaign.pk, "day": "2026-03-20", "because": "x", "reason": "x"}
    assert researcher.post(reverse("admin:campaigns_campaign_act", args=[name]), form).status_code == 403


def test_a_lead_publishes_withdraws_and_publishes_again(lead):
    campaign = make_campaign(published_on=None)
    act(lead, "campaign", "publish", [campaign], day="2026-03-20")
    assert Campaign.objects.public(NOW).exists()
    act(lead, "campaign", "withdraw", [campaign], because="A mistake in the list")
    assert not Campaign.objects.public(NOW).exists()
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")] == [
        "Published from 2026-03-20 on.",
        "Withdrawn. Its address says when and why.",
    ]


def test_moving_the_close_later_takes_no_response_back(lead, campaign):
    approach = make_invited(campaign)
    close(campaign, None, now=NOW)
    page = act(lead, "campaign", "reopen", [campaign], closes_on="2026-05-15", reason="Two more weeks were asked for")
    assert fresh(approach).reply == "none"
    campaign.refresh_from_db()
    assert (campaign.closed_at, campaign.closes_on) == (None, date(2026, 5, 15))
    assert "taken back for 1 company" in problems(page)[0]


def test_an_unknown_act_or_key_is_not_there(lead, campaign):
    assert lead.get("/admin/campaigns/campaign/act/explode/?id=1").status_code == 404
    assert lead.get("/admin/campaigns/campaign/act/publish/?id=x").status_code == 404
