"""The check, the new round, and what they keep from leaving, as a person meets them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import roles
from campaigns.models import Campaign, ChosenContact, Question
from campaigns.tests.make import NOW, make_campaign
from campaigns.tests.staff import make_staff, problems, signed_in
from companies.models import Contact
from correspondence import control
from correspondence.models import Batch, Message, State

from .desk import form_of, freeze, make_desk, merged, send_address, text_of
from .make import make_step, queue


@pytest.fixture(autouse=True)
def frozen(db, monkeypatch):
    freeze(monkeypatch)
    control.row()


def launch(campaign):
    return reverse("campaign_launch", args=[campaign.pk])


def test_the_check_names_what_blocks_and_leads_to_the_mails():
    campaign, [one, _other], client = make_desk(2)
    ChosenContact.objects.filter(approach=one).delete()
    page = client.get(launch(campaign))
    text = text_of(page)
    assert f"/admin/campaigns/campaign/{campaign.pk}/reminders/foretold/" in page.content.decode()
    assert "1 company cannot be written to." in text and one.listed_as in text
    assert "1 company is left out until it is mended" in text and "Nothing stands in the way" not in text
    assert "Look through 2 invitations" in text and "Invitations cannot be approved yet" not in text
    ChosenContact.objects.all().delete()
    assert "Nobody can be invited yet" in text_of(client.get(launch(campaign)))
    Question.objects.all().delete()
    assert "Invitations cannot be approved yet. No question is asked yet." in text_of(client.get(launch(campaign)))


def test_what_blocks_the_campaign_keeps_its_invitations_from_being_approved():
    campaign, _approaches, client = make_desk(1)
    form = form_of(merged(client, campaign))
    Question.objects.all().delete()
    page = client.get(send_address(campaign))
    assert "No question is asked yet." in text_of(page) and 'value="approve"' not in page.content.decode()
    page = client.post(send_address(campaign), {**form, "do": "approve"}, follow=True)
    assert problems(page) == ["Nothing was approved: something has to be mended first."]
    assert not Batch.objects.exists() and Message.objects.get().state == State.PROPOSED


def test_other_letters_are_not_kept_back_by_it():
    campaign, _approaches, client = make_desk(1)
    Question.objects.all().delete()
    assert "cannot be approved" not in text_of(client.get(send_address(campaign, "thanks")))


def test_a_test_of_one_invitation_goes_to_oneself():
    campaign, [one, other], _client = make_desk(2)
    ChosenContact.objects.filter(approach=one).delete()
    user = make_staff(roles.RESEARCHER, campaign, email="me@asker.example")
    page = signed_in(user).post(launch(campaign), {"do": "test"}, follow=True)
    assert f"The invitation to {other.listed_as} is on its way to me@asker.example" in problems(page)[0]
    assert [one.step.partition(":")[0] for one in Message.objects.all()] == ["test"]


def test_the_mail_server_is_asked_by_a_button(settings):
    campaign, _approaches, client = make_desk(1)
    assert "Ask the mail server" not in text_of(client.get(launch(campaign)))
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    assert "Ask the mail server" in text_of(client.get(launch(campaign)))
    page = client.post(launch(campaign), {"do": "ask"}, follow=True)
    assert problems(page)[0].startswith("The mail server does not let us in")
    assert "Invitations cannot be approved yet. The mail server does not let us in" in text_of(page)


def test_the_page_after_the_launch_says_how_far_it_came():
    campaign, _approaches, client = make_desk(2)
    client.post(send_address(campaign), {**form_of(merged(client, campaign)), "do": "approve"})
    text = text_of(client.get(launch(campaign)))
    assert "0 of 2 sent" in text and "Approved by" in text and "2 mails" in text and "Nobody is left to invite" in text


def test_the_check_costs_the_same_for_one_company_and_for_three():
    counts = []
    for companies in (1, 3):
        campaign, _approaches, client = make_desk(companies)
        make_step(campaign)
        client.get(launch(campaign))
        with CaptureQueriesContext(connection) as queries:
            client.get(launch(campaign))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_blocked_company_says_why_before_anybody_merges():
    campaign, [one, _other], client = make_desk(2)
    Contact.objects.filter(company=one.company).update(health="bounced")
    text = text_of(client.get(send_address(campaign)))
    assert "1 blocked" in text and "Mail to the contact's address came back." in text and "Merge 1 mail" in text
    other = text_of(signed_in(make_staff(roles.LEAD)).get(send_address(campaign)))
    assert "Mail to the contact's address came back." in other


def test_quiet_hours_at_the_company_are_shown():
    campaign, _approaches, client = make_desk(2)
    Contact.objects.filter(pk=Contact.objects.first().pk).update(time_zone="Asia/Tokyo")
    text = text_of(merged(client, campaign))  # Friday 12:00 in UTC
    assert "It will be Friday 21:10 at the company." in text and "outside working hours at 1 company" in text
    assert "Approve 2 mails for now" in text


def test_a_second_campaign_that_asks_within_a_month_is_a_warning_on_the_mail():
    campaign, [one, _other], client = make_desk(2)
    other = make_desk(0, title="Dirty coal")[0]
    approach = type(one).objects.create(campaign=other, company=one.company)
    ChosenContact.objects.create(approach=approach, contact=one.chosen.get().contact)
    queue(approach)
    page = merged(client, campaign)
    assert "“Dirty coal” will ask this company on 20 March 2026." in text_of(page) and len(form_of(page)["tick"]) == 1


def test_a_new_round_is_made_and_leads_to_its_set_up():
    campaign, _approaches, client = make_desk(2, slug="rivers-2024")
    address = reverse("campaign_new_round")
    assert f"?of={campaign.pk}" in client.get(address).content.decode()
    form = {"title": "Again", "slug": campaign.slug, "parts": ["questions", "companies"], "closes_on": "2027"}
    page = client.post(f"{address}?of={campaign.pk}", form)
    assert "Another campaign has this address" in text_of(page) and Campaign.objects.count() == 1
    page = client.post(f"{address}?of={campaign.pk}", {**form, "slug": "Again"}, follow=True)
    made = Campaign.objects.get(slug="again")
    assert page.redirect_chain[-1][0] == reverse("campaign_setup", args=[made.pk])
    assert made.approaches.count() == 2 and made.closes_stated == "2027"
    assert "Taken: questions 1, companies 2." in problems(page)[0]


def test_a_new_round_proposes_its_address_its_days_and_a_sender():
    make_desk(0, slug="last", from_name="Desk", from_address="desk@asker.example", reply_to="in@asker.example")
    old = make_campaign(slug="rivers-2024", from_address="")
    client, address = signed_in(make_staff(roles.LEAD)), f"{reverse('campaign_new_round')}?of={old.pk}"
    proposed = client.get(address).context["form"].initial
    assert proposed["slug"] == "rivers-2026" and proposed["closes_on"] > proposed["deadline"] > NOW.date()
    page = client.post(address, {"title": "Late", "slug": "late", "deadline": "2026-03-01", "parts": ["questions"]})
    assert "The day to reply by must lie ahead." in text_of(page)
    client.post(address, {"title": "Again", "slug": "again", "parts": ["questions"]})
    made = Campaign.objects.get(slug="again")
    assert (made.from_address, made.reply_to) == ("desk@asker.example", "in@asker.example")


def test_the_set_up_leads_to_what_can_be_taken_and_ticks_it():
    source, _approaches, client = make_desk(1, slug="rivers-2024")
    campaign = make_campaign(previous_round=source.slug, asked_on=None)
    steps = client.get(reverse("campaign_setup", args=[campaign.pk])).context["steps"]
    ways = [to for step in steps for _verb, to in step.acts if "copy-from" in to]
    assert [to.partition("?part=")[2] for to in ways] == ["questions", "companies", "wordings", "steps"]
    page = client.get(ways[1])
    assert page.context["form"].initial == {"parts": ["companies"], "source": source}
    assert f"{source} · rivers-2024" in text_of(page)


def test_a_team_is_taken_by_those_alone_who_may_let_people_in():
    source, campaign = make_campaign(), make_campaign()
    client = signed_in(make_staff(roles.RESEARCHER, campaign, source))
    source.memberships.create(user=make_staff(roles.RESEARCHER))
    address = reverse("campaign_copy_from", args=[campaign.pk])
    client.post(address, {"source": source.pk, "parts": ["team"]})
    assert campaign.memberships.count() == 1
    signed_in(make_staff(roles.LEAD)).post(address, {"source": source.pk, "parts": ["team"]})
    assert campaign.memberships.count() == 2


def test_a_round_is_made_by_leads_from_what_they_see():
    campaign, _approaches, _client = make_desk(1)
    address = f"{reverse('campaign_new_round')}?of={campaign.pk}"
    assert signed_in(make_staff(roles.RESEARCHER, campaign)).get(address).status_code == 403


def test_parts_are_taken_from_campaigns_that_one_sees():
    source, _approaches, _client = make_desk(2)
    campaign = make_campaign()
    client = signed_in(make_staff(roles.RESEARCHER, campaign))
    address, form = reverse("campaign_copy_from", args=[campaign.pk]), {"source": source.pk, "parts": ["companies"]}
    assert source.title not in text_of(client.get(address))
    assert client.post(address, form).status_code == 200 and not campaign.approaches.exists()
    lead = signed_in(make_staff(roles.LEAD))
    assert "companies 2" in problems(lead.post(address, form, follow=True))[0]
    assert campaign.approaches.count() == 2
    page = lead.post(address, form, follow=True)
    assert "2 were there already and stay as they are." in problems(page)[0]
