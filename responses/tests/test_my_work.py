from datetime import date, timedelta

import pytest

from campaigns import days, planning, roles
from campaigns.models import Approach, Campaign
from campaigns.tests.make import NOW, make_approach, make_campaign, make_company, make_invited, reply
from campaigns.tests.staff import make_staff, signed_in
from correspondence.tests.desk import freeze, text_of
from correspondence.tests.make import make_step, make_wording, queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def campaign():
    return make_campaign(title="Borders")


@pytest.fixture
def client(campaign):
    return signed_in(make_staff(roles.RESEARCHER, campaign))


def unreachable(campaign, name, **values):
    return make_approach(campaign, make_company(name), contact=False, **values)


def test_the_first_page_has_a_sentence_and_a_button_for_each_thing(client, campaign):
    approach = unreachable(campaign, "Airbus")
    page = client.get("/admin/")
    text = text_of(page)
    assert "Airbus has no contact to write to Borders Choose a contact" in text
    assert f'href="/admin/campaigns/approach/{approach.pk}/contacts/"' in page.content.decode()
    assert client.get(f"/admin/campaigns/approach/{approach.pk}/contacts/").status_code == 200


def test_many_of_one_kind_are_one_row_that_leads_to_each(client, campaign):
    for name in ("Airbus", "Cellebrite", "Thales"):
        unreachable(campaign, name)
    page = client.get("/admin/")
    assert "3 companies have no contact to write to: Airbus and 2 more" in text_of(page)
    [[row, _icon]] = page.context["rows"]
    singles = client.get(f"{row.url}&whose=mine")
    assert [row.button for row, _icon in singles.context["rows"]] == ["Choose a contact"] * 3
    assert "Thales has no contact" in text_of(singles)
    stranger = signed_in(make_staff(roles.RESEARCHER))
    assert stranger.get(row.url).status_code == 404
    assert client.get(f"/admin/?kind=nonsense&campaign={campaign.pk}").status_code == 404


def test_an_empty_list_says_when_mail_leaves_next(client, campaign):
    assert "Nothing needs you." in text_of(client.get("/admin/"))
    make_step(campaign, 30)
    make_invited(campaign)
    assert "Nothing needs you. Next planned send: Wednesday, 1 April 2026, 09:00." in text_of(client.get("/admin/"))
    make_wording(campaign)
    Approach.objects.update(remind_at=None, next_step="")
    queue(make_approach(campaign), not_before=NOW + timedelta(hours=1))
    assert "Next planned send: Friday, 20 March 2026, 13:00." in text_of(client.get("/admin/"))


def test_a_send_whose_time_has_come_is_said_to_be_now(client, campaign):
    make_wording(campaign)
    queue(make_approach(campaign), not_before=NOW - timedelta(days=10))
    assert "Next planned send: now." in text_of(client.get("/admin/"))


def test_open_campaigns_stand_beside_it_with_who_is_overdue_and_the_way_to_remind_them(client, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(deadline=date(2026, 3, 19))
    late, promised, _replied = make_invited(campaign), make_invited(campaign), reply(make_invited(campaign))
    planning.give_time(promised, days.read("2026-04-01"), by=None, now=NOW, promised=True)
    Approach.objects.filter(pk=promised.pk).update(deadline=None, deadline_stated="")
    campaign.refresh_count()
    make_campaign(title="Of another team")
    page = client.get("/admin/")
    text, desk = text_of(page), f"/admin/campaigns/campaign/{campaign.pk}/desk/"
    assert "1 of 3 responded · closes on 30 April 2026 1 overdue Send follow-up" in text
    assert "Of another team" not in text
    assert f'href="{desk}?show=overdue&amp;every=1&amp;do=remind#companies"' in page.content.decode()
    [one] = page.context["open"]
    shown = client.get(desk, {"show": "overdue"})
    assert [line.approach.pk for line in shown.context["lines"]] == [late.pk] and one.overdue == 1
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=NOW)
    page = client.get("/admin/")
    assert "1 of 3 responded · the closing date is over 1 overdue " in text_of(page)
    assert "Send follow-up" not in text_of(page) and "Send follow-up" not in text_of(client.get(desk))
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=NOW)
    assert not client.get("/admin/").context["open"]


def test_mine_and_all_are_links_and_whoever_has_nothing_sees_all(client, campaign):
    colleague = make_staff(roles.RESEARCHER, campaign)
    unreachable(campaign, "Airbus", assigned=colleague)
    assert "Nothing needs you." in text_of(client.get("/admin/"))
    assert "Airbus" in text_of(client.get("/admin/?whose=all"))
    lead = signed_in(make_staff(roles.LEAD))
    page = lead.get("/admin/")
    assert page.context["whose"] == "all" and "Airbus" in text_of(page)


def test_what_another_role_must_do_stands_apart_and_is_not_counted(client, campaign):
    make_wording(campaign)
    queue(make_approach(campaign))
    campaign.approaches.get().messages.update(state="proposed", not_before=None)
    page = client.get("/admin/")
    text = text_of(page)
    assert "Nothing needs you." in text and "Waits for somebody else" in text
    assert "A campaign lead must approve it." in text and "Check and approve" not in text
    assert page.context["staff_menu"][0]["count"] == 0
    lead = signed_in(make_staff(roles.LEAD)).get("/admin/")
    assert "Check and approve 1 mail" in text_of(lead) and lead.context["staff_menu"][0]["count"] == 1


def test_the_bar_counts_on_every_staff_page_and_marks_where_one_is(client, campaign):
    unreachable(campaign, "Airbus")
    for address, current in (
        ("/admin/", "My work"),
        ("/admin/campaigns/campaign/", "Campaigns"),
        (f"/admin/campaigns/campaign/{campaign.pk}/outgoing/", "Campaigns"),
        ("/admin/companies/company/", "Companies"),
        ("/admin/mail/ledger/", "Ledger"),
        ("/admin/mail/", "Outgoing mail"),
        ("/admin/records/", "All records"),
    ):
        menu = client.get(address).context["staff_menu"]
        assert [link["label"] for link in menu if link["current"]] == [current], address
        assert menu[0]["count"] == 1
    nobody = signed_in(make_staff()).get("/admin/").context["staff_menu"]
    assert [link["label"] for link in nobody] == ["My work", "All records"]


def test_all_records_are_the_admins_own_list(client):
    page = client.get("/admin/records/")
    assert "All records" in text_of(page) and "/admin/campaigns/approach/" in page.content.decode()
    assert client.get("/admin/").context["title"] == "My work"


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_three_campaigns_as_for_one(number, django_assert_num_queries):
    lead = signed_in(make_staff(roles.LEAD))
    for _each in range(number):
        campaign = make_campaign(closes_on=date(2026, 3, 10), deadline=None)
        for _company in range(number):
            make_approach(campaign, contact=False)
    with django_assert_num_queries(23):
        lead.get("/admin/")
