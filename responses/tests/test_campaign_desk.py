"""The desk of a campaign: what it counts, lists, says and does, for one company and for many."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from campaigns import days, planning, roles
from campaigns.models import Campaign
from campaigns.status import Reach, Reply
from campaigns.tests.make import NOW, invite, make_approach, make_campaign, make_user, reply
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Health
from correspondence.models import Message, State
from correspondence.tests.desk import freeze, text_of
from correspondence.tests.make import make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(days=14)  # 3 April: the day to reply by is over, the campaign is open


@pytest.fixture(autouse=True)
def still(monkeypatch):
    freeze(monkeypatch, LATE)


def address(campaign, rest=""):
    return f"/admin/campaigns/campaign/{campaign.pk}/desk/{rest}"


def invited(campaign, name=None):
    approach = invite(make_approach(campaign))
    if name:
        approach.listed_as = name
        approach.save()
    return approach


def situations(campaign):
    """One company for each thing that the desk tells apart; return {word: approach}."""
    made = {"overdue": invited(campaign), "time": invited(campaign), "held": invited(campaign)}
    planning.give_time(made["time"], days.read("2026-04-20"), by=make_user(), now=LATE)
    planning.give_time(made["held"], days.read("2026-04-20"), by=make_user(), now=LATE)
    planning.pause(made["held"], now=LATE)
    made["bounced"] = invited(campaign)
    made["bounced"].company.contacts.update(health=Health.BOUNCED)
    made["approval"] = invited(campaign)
    queue(made["approval"], now=LATE)
    made["approval"].messages.update(state=State.PROPOSED, not_before=None)
    made["back"] = reply(invited(campaign), Reply.ENGAGED)
    made["responded"] = reply(invited(campaign))
    made["planned"] = make_approach(campaign)
    return made


def make_desk():
    campaign, _none = make_sending_campaign(0)
    make_step(campaign)
    return campaign, situations(campaign), signed_in(make_staff(roles.LEAD))


def listed(page):
    return [line.approach.pk for line in page.context["lines"]]


def act(client, campaign, approaches, do, **fields):
    fields = {"do": do, "c": [approach.pk for approach in approaches], **fields}
    return client.post(address(campaign, "act/"), fields, follow=True)


def test_tiles_count_and_lead_to_those_they_count():
    campaign, made, client = make_desk()
    page = client.get(address(campaign))
    tiles = {tile["name"]: tile["number"] for tile in page.context["tiles"]}
    assert tiles == {"overdue": 4, "time": 2, "bounced": 1, "silent": 5, "approval": 1}
    assert "1 of 7" in text_of(page) and "Overdue since 30 March 2026" in text_of(page)
    for name, number in tiles.items():
        shown = client.get(address(campaign), {"show": name})
        assert len(listed(shown)) == number and made[name if name != "silent" else "held"].pk in listed(shown)


def test_each_company_has_the_word_of_what_is_most_pressing_and_a_next_step():
    campaign, made, client = make_desk()
    lines = {line.approach.pk: line for line in client.get(address(campaign)).context["lines"]}
    said = {name: lines[approach.pk].standing for name, approach in made.items()}
    assert said == {**{name: name for name in made}, "back": "overdue", "approval": "overdue"}
    assert lines[made["overdue"].pk].word == "Overdue 4 days"
    assert lines[made["time"].pk].word == "More time until 20 April 2026"
    assert lines[made["bounced"].pk].do[:2] == ("Mend the address", "approach_contacts")
    assert lines[made["approval"].pk].why == "A mail waits for approval."
    assert lines[made["held"].pk].why == "On hold."
    assert (lines[made["overdue"].pk].sent, lines[made["overdue"].pk].planned) == (1, 2)


def test_a_promise_that_is_ahead_is_not_overdue():
    campaign, made, client = make_desk()
    planning.give_time(made["overdue"], days.read("2026-04-10"), by=make_user(), now=LATE, promised=True)
    campaign.approaches.filter(pk=made["overdue"].pk).update(deadline=None, deadline_stated="")
    assert made["overdue"].pk not in listed(client.get(address(campaign), {"show": "overdue"}))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "ACME"}, ["Acme"]),
        ({"q": "whispered"}, ["Beta"]),
        ({"q": "press@gamma"}, ["Gamma"]),
        ({"owner": "mine"}, ["Acme"]),
        ({"owner": "nobody", "sort": "-name"}, ["Gamma", "Beta"]),
        ({"group": "North"}, ["Beta"]),
        ({"country": "FR"}, ["Gamma"]),
        ({"show": "nonsense", "sort": "nonsense", "owner": "7", "page": "x"}, ["Acme", "Beta", "Gamma"]),
    ],
)
def test_search_and_filters_find_companies(query, names):
    campaign, user = make_campaign(), make_staff(roles.LEAD)
    acme, beta, gamma = (invited(campaign, name) for name in ("Acme", "Beta", "Gamma"))
    planning.assign(acme, user)
    campaign.approaches.filter(pk=beta.pk).update(note="They whispered.", group="North")
    gamma.company.headquarters = "FR"
    gamma.company.save()
    gamma.company.contacts.update(email="press@gamma.example")
    page = signed_in(user).get(address(campaign), query)
    assert [line.approach.listed_as for line in page.context["lines"]] == names


def test_the_desk_asks_as_often_for_three_of_each_as_for_one():
    counts = []
    for number in (1, 3):
        campaign, _none = make_sending_campaign(0)
        make_step(campaign)
        for _each in range(number):
            situations(campaign)
        client = signed_in(make_staff(roles.LEAD))
        client.get(address(campaign))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address(campaign)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 60


def test_companies_come_fifty_a_page():
    campaign = make_campaign()
    for _each in range(51):
        invited(campaign)
    client = signed_in(make_staff(roles.LEAD))
    assert [len(listed(client.get(address(campaign), {"page": page}))) for page in (1, 2)] == [50, 1]


def test_what_leaves_next_and_how_far_it_is_come_from_the_records():
    campaign, made, client = make_desk()
    campaign.approaches.filter(pk=made["overdue"].pk).update(
        remind_at=LATE + timedelta(days=3), next_step=campaign.steps.get().key
    )
    queue(made["back"], "batch:1", "correction", now=LATE + timedelta(days=1))
    page = client.get(address(campaign))
    leaving = [(day.on, day.what) for day in page.context["coming"]]
    assert (date(2026, 4, 4), [("Correction", 1)]) in leaving
    assert any(("Reminder", 1) in what for on, what in leaving if on == date(2026, 4, 6))
    assert [stage.number for stage in page.context["funnel"]] == [8, 7, 2, 1]
    over_time = page.context["progress"]
    assert over_time.points == [(date(2026, 3, 9), 1)] and over_time.invited == 7
    assert "Sent 2 March 2026 to 7." in text_of(page)


def test_what_happened_last_is_told_together_where_it_is_the_same():
    campaign, lead = make_campaign(), make_staff(roles.LEAD, first_name="Nadia")
    acme, beta = invited(campaign, "Acme"), invited(campaign, "Beta")
    planning.give_time(acme, days.read("2026-04-20"), by=lead, now=LATE)
    reply(beta, Reply.ACKNOWLEDGED)
    invited(make_campaign(), "Stranger")
    page = signed_in(lead).get(address(campaign))
    said = [(line.said, re.sub("</?bdi>", "", line.who), line.by) for line in page.context["lately"]]
    assert said == [
        ("Acknowledged", "Beta", ""),
        ("More time given", "Acme", "Nadia"),
        ("Invited", "Beta and 1 more", ""),
    ]
    assert "What happened last" in text_of(page)


def test_before_the_first_invitation_the_desk_is_a_checklist():
    campaign, [approach] = make_sending_campaign(1, deadline=None)
    page = signed_in(make_staff(roles.LEAD)).get(address(campaign))
    done = [item.done for item in page.context["checklist"]]
    assert done == [False, True, True, False, True] and "Check and launch" in text_of(page)
    ways = [item.url.removeprefix(f"/admin/campaigns/campaign/{campaign.pk}/") for item in page.context["checklist"]]
    assert ways == ["questions/", "companies/", "wordings/", "change/", "change/"]
    approach.chosen.all().delete()
    page = signed_in(make_staff(roles.LEAD)).get(address(campaign))
    assert "1 company, 1 without a contact to write to" in text_of(page)


def test_what_waits_in_this_campaign_stands_on_it_and_nothing_else():
    campaign, made, client = make_desk()
    _other, [stranger] = make_sending_campaign(1)
    stranger.chosen.all().delete()
    needs = text_of(client.get(address(campaign)))
    assert made["bounced"].listed_as in needs and stranger.listed_as not in needs


def test_ticked_companies_are_given_to_a_person():
    campaign, made, client = make_desk()
    owner = make_staff(roles.RESEARCHER)
    page = act(client, campaign, [made["overdue"], made["time"]], "assign", owner=owner.pk)
    assert campaign.approaches.filter(assigned=owner).count() == 2
    assert problems(page)[0].count(f"owner {owner}.") == 2
    assert LogEntry.objects.filter(object_id=str(made["time"].pk)).exists()


def test_all_that_are_listed_are_meant_also_those_of_other_pages():
    campaign, made, client = make_desk()
    act(client, campaign, [], "hold", every="1", kept="show=overdue")
    held = set(campaign.approaches.exclude(paused_at=None).values_list("pk", flat=True))
    assert held == {made[name].pk for name in ("overdue", "bounced", "approval", "back", "held")}


def test_who_cannot_bear_an_act_is_named_and_the_others_are_done():
    campaign, made, client = make_desk()
    page = act(client, campaign, [made["overdue"], made["responded"]], "time", until="2026-04-20")
    made["overdue"].refresh_from_db()
    assert made["overdue"].deadline == date(2026, 4, 20)
    assert any(made["responded"].listed_as in said for said in problems(page)) and len(problems(page)) == 2


def test_unreached_needs_a_proof_and_keeps_it_to_the_team():
    campaign, made, client = make_desk()
    page = act(client, campaign, [made["bounced"]], "unreached")
    assert "Enter how you know that they could not be reached" in text_of(page)
    act(client, campaign, [made["bounced"]], "unreached", reason="Three addresses came back.")
    made["bounced"].refresh_from_db()
    assert made["bounced"].reach == Reach.UNREACHED
    assert made["bounced"].events.get(after=Reach.UNREACHED).reason == "Three addresses came back."


@pytest.mark.parametrize(
    ("name", "fields", "fault"),
    [
        ("overdue", {"do": "", "reason": "They called."}, "Choose an action"),
        ("overdue", {"do": "time", "until": "31 soon"}, "The date must be real"),
        ("overdue", {"do": "time", "until": "2026-04-02"}, "2 April 2026 is over."),
        ("overdue", {"do": "time", "until": "2026-06-01"}, "The campaign closes on 30 April 2026."),
        ("responded", {"do": "unreached", "reason": "It came back."}, "has replied, so it was reached"),
        ("responded", {"do": "hold", "reason": "It came back."}, "Nothing is awaited from"),
        ("overdue", {"do": "release", "reason": "It came back."}, "is not on hold"),
        ("held", {"do": "remind", "reason": "Now."}, "is on hold"),
        (None, {"do": "hold", "reason": "They called."}, "tick the companies first"),
    ],
)
def test_what_was_ticked_and_typed_stays_where_nothing_could_be_done(name, fields, fault):
    campaign, made, client = make_desk()
    chosen = [made[name]] if name else []
    page = act(client, campaign, chosen, kept="q=Company&sort=-name", **fields)
    html = page.content.decode()
    assert "<title>Error: " in html and fault in text_of(page)
    assert all(str(page.context["form"][field].value()) == value for field, value in fields.items())
    ticked = set(re.findall(r'name="c" value="(\d+)" checked', html))
    assert ticked == {str(approach.pk) for approach in chosen}
    assert page.context["sift"].q == "Company" and page.context["sift"].sort == "-name"
    assert not LogEntry.objects.exists()


def test_a_faulty_page_keeps_that_all_listed_were_meant_and_its_address_leads_to_the_desk():
    campaign, _made, client = make_desk()
    page = act(client, campaign, [], "time", every="1", kept="show=overdue&page=1")
    assert re.search(r'name="every" value="1" checked', page.content.decode())
    assert client.get(address(campaign, "act/?show=overdue"), follow=True).context["sift"].show == "overdue"


def test_skip_hold_and_release_are_the_verbs_of_planning():
    campaign, made, client = make_desk()
    campaign.approaches.filter(pk=made["overdue"].pk).update(remind_at=LATE, next_step=campaign.steps.get().key)
    act(client, campaign, [made["overdue"]], "skip", reason="They called.")
    assert made["overdue"].events.get(kind="skipped").reason == "They called."
    act(client, campaign, [made["held"]], "release")
    made["held"].refresh_from_db()
    assert made["held"].paused_at is None


@pytest.mark.parametrize("automatic", [True, False])
def test_remind_now_merges_the_next_reminder_and_leads_to_the_check_page(automatic):
    campaign, made, client = make_desk()
    if automatic:
        Campaign.objects.filter(pk=campaign.pk).update(reminders_leave=Campaign.ReminderMode.AUTOMATIC)
    step = campaign.steps.get().key
    campaign.approaches.filter(pk=made["overdue"].pk).update(remind_at=LATE + timedelta(days=2), next_step=step)
    page = act(client, campaign, [made["overdue"], made["held"]], "remind")
    [mail] = Message.objects.filter(approach=made["overdue"])
    assert (mail.step, mail.state) == (step, State.PROPOSED)
    assert not Message.objects.filter(approach=made["held"]).exists()
    assert page.request["PATH_INFO"].endswith("/send/reminder/") and "Approve 1 mail" in text_of(page)
    made["overdue"].refresh_from_db()
    assert made["overdue"].next_step != step  # it does not come a second time
    assert any("on hold" in said for said in problems(page))


def test_an_act_is_for_those_who_may_and_for_companies_of_this_campaign():
    campaign, made, _client = make_desk()
    stranger = invited(make_campaign())
    lead = signed_in(make_staff(roles.LEAD))
    act(lead, campaign, [stranger], "hold")
    stranger.refresh_from_db()
    assert stranger.paused_at is None
    outsider = signed_in(make_staff(roles.RESEARCHER))
    assert outsider.get(address(campaign)).status_code == 404
    assert act(outsider, campaign, [made["overdue"]], "hold").status_code == 404
    made["overdue"].refresh_from_db()
    assert made["overdue"].paused_at is None


def sheet(client, campaign, query=""):
    answer = client.post(address(campaign, f"companies.xlsx{query}"))
    rows = list(load_workbook(BytesIO(answer.getvalue())).active.iter_rows())
    assert all(cell.data_type != "f" and isinstance(cell.value, str | None) for row in rows for cell in row)
    return [[cell.value or "" for cell in row] for row in rows]


def test_the_list_leaves_as_text_with_private_notes_and_is_logged():
    campaign = make_campaign()
    approach = invited(campaign, "=Acme")
    campaign.approaches.update(note='=cmd|"/c calc"!A1')
    [heads, row] = sheet(signed_in(make_staff(roles.LEAD)), campaign)
    facts = dict(zip(heads, row, strict=True))
    assert facts["Company"] == "'=Acme" and facts["Private note"] == "'" + '=cmd|"/c calc"!A1'
    assert facts["E-mail"] == approach.company.contacts.get().email
    assert "Exported 1 companies" in LogEntry.objects.get(object_id=str(campaign.pk)).change_message


def test_contacts_leave_only_with_those_who_may_export_them():
    campaign = make_campaign()
    approach = invited(campaign)
    heads, row = sheet(signed_in(make_staff(roles.RESEARCHER, campaign)), campaign)
    assert "E-mail" not in heads and approach.company.contacts.get().email not in row


def test_the_sheet_has_what_the_list_shows_over_all_pages():
    campaign, made, client = make_desk()
    rows = sheet(client, campaign, "?show=overdue")
    assert {row[0] for row in rows[1:]} == {made[n].listed_as for n in ("overdue", "bounced", "approval", "back")}
    assert re.fullmatch(r"[0-9]+", rows[1][8])


def test_the_page_of_one_company_has_the_way_to_write_remind_and_choose_contacts():
    campaign, made, client = make_desk()
    page = client.get(f"/admin/campaigns/approach/{made['overdue'].pk}/outgoing/").content.decode()
    assert f'action="{address(campaign, "act/")}"' in page and 'name="do" value="remind"' in page
    assert f"/admin/campaigns/campaign/{campaign.pk}/write/?approach={made['overdue'].pk}" in page
    assert f"/admin/campaigns/approach/{made['overdue'].pk}/contacts/" in page
    replied = client.get(f"/admin/campaigns/approach/{made['responded'].pk}/outgoing/").content.decode()
    assert 'value="remind"' not in replied


def test_a_closed_campaign_that_nobody_can_read_yet_is_published_from_its_desk():
    campaign = make_campaign(published_on=None)
    publish = f"/admin/campaigns/campaign/act/publish/?id={campaign.pk}"
    lead, researcher = signed_in(make_staff(roles.LEAD)), signed_in(make_staff(roles.RESEARCHER, campaign))
    assert publish not in lead.get(address(campaign)).content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=NOW)
    assert publish in lead.get(address(campaign)).content.decode()
    assert publish not in researcher.get(address(campaign)).content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(published_on=NOW.date(), published_stated=str(NOW.date()))
    assert publish not in lead.get(address(campaign)).content.decode()
