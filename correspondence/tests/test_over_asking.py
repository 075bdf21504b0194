from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import roles
from campaigns.models import ChosenContact
from campaigns.tests.make import NOW, invite, make_approach, make_campaign, make_company, make_contact
from campaigns.tests.staff import make_staff, signed_in
from correspondence import over_asking
from correspondence.models import Message, State

from .desk import freeze, text_of
from .make import make_sending_campaign, queue

pytestmark = pytest.mark.django_db


def make_other(approach, title="Dirty coal"):
    """Another campaign that asks the same company; return its approach."""
    campaign, _none = make_sending_campaign(0, title=title)
    return make_approach(campaign, approach.company)


def send(message, at):
    Message.objects.filter(pk=message.pk).update(state=State.SENT, data_at=at, sent_at=at)


def said(approach, now=NOW):
    return [one.sentence() for one in over_asking.recent(approach.campaign, now).get(approach.pk, [])]


def test_a_mail_counts_for_thirty_days_whoever_sent_it():
    approach = make_approach()
    send(queue(make_other(approach)), NOW - timedelta(days=29))
    assert said(approach) == ["“Dirty coal” asked this company on 19 February 2026."]
    assert said(approach, NOW + timedelta(days=2)) == []


def test_what_is_planned_counts_as_well():
    approach = make_approach()
    mail = queue(make_other(approach), not_before=NOW + timedelta(days=3))
    assert said(approach) == ["“Dirty coal” will ask this company on 23 March 2026."]
    Message.objects.filter(pk=mail.pk).update(state=State.PROPOSED, not_before=None)
    assert said(approach) == ["“Dirty coal” has a mail to this company that waits for approval."]
    Message.objects.filter(pk=mail.pk).update(state=State.CANCELLED)
    assert said(approach) == []


def test_a_planned_reminder_and_a_call_by_hand_count():
    approach = make_approach()
    other = invite(make_other(approach), on=date(2026, 2, 1))
    type(other).objects.filter(pk=other.pk).update(remind_at=NOW + timedelta(days=9), next_step="reminder:x")
    assert said(approach) == ["“Dirty coal” will ask this company on 29 March 2026."]
    invite(make_other(approach, "By telephone"), on=date(2026, 3, 1), channel="phone")
    assert "“By telephone” asked this company on 1 March 2026." in said(approach)


def test_an_address_that_two_companies_share_counts():
    approach, elsewhere = make_approach(), make_sending_campaign(0, title="Dirty coal")[0]
    address = approach.chosen.get().contact.email
    other = make_approach(elsewhere, contact=False)
    ChosenContact.objects.create(approach=other, contact=make_contact(other.company, email=address.upper()))
    send(queue(other), NOW - timedelta(days=1))
    assert said(approach) == ["“Dirty coal” wrote to the same address on 19 March 2026."]


def test_ones_own_campaign_and_thanks_are_no_second_asking():
    _campaign, [approach] = make_sending_campaign(1)
    queue(approach)
    other = invite(make_other(approach), on=date(2026, 1, 1))
    queue(other, "thanks", "thanks")
    assert said(approach) == []


def test_a_company_asked_by_one_campaign_in_many_ways_is_one_line():
    approach = make_approach()
    other = make_other(approach)
    send(queue(other), NOW - timedelta(days=20))
    send(queue(other, "reminder:1", "reminder"), NOW - timedelta(days=2))
    assert said(approach) == ["“Dirty coal” asked this company on 18 March 2026."]


def test_it_costs_the_same_for_one_company_and_for_three():
    counts = []
    for companies in (1, 3):
        campaign = make_campaign()
        for _each in range(companies):
            send(queue(make_other(make_approach(campaign))), NOW)
        with CaptureQueriesContext(connection) as queries:
            assert len(over_asking.recent(campaign, NOW)) == companies
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7


def test_the_calendar_says_of_other_campaigns_title_and_day_alone(monkeypatch):
    freeze(monkeypatch)
    approach = make_approach(make_campaign(title="Clean rivers"))
    mail = queue(make_other(approach))
    send(mail, NOW - timedelta(days=1))
    page = f"/admin/companies/company/{approach.company_id}/asked/"
    text = text_of(signed_in(make_staff(roles.RESEARCHER, approach.campaign)).get(page))
    assert "19 Mar Dirty coal A campaign of other colleagues" in text and "Invitation" not in text
    html = signed_in(make_staff(roles.REVIEWER)).get(page).content.decode()
    assert f"/admin/mail/{mail.pk}/" in html and "Invitation" in html


def test_the_calendar_is_by_month_and_for_one_address(monkeypatch):
    freeze(monkeypatch)
    approach = make_approach()
    other = make_other(approach)
    send(queue(other), NOW - timedelta(days=40))
    queue(make_other(approach, "Cobalt"), not_before=NOW + timedelta(days=40))
    client = signed_in(make_staff(roles.REVIEWER))
    page = f"/admin/companies/company/{approach.company_id}/asked/"
    text = text_of(client.get(page))
    assert text.index("April 2026") < text.index("Cobalt") < text.index("February 2026") < text.index("Dirty coal")
    narrowed = text_of(client.get(f"{page}?contact={other.chosen.get().contact_id}"))
    assert "Dirty coal" in narrowed and "Cobalt" not in narrowed
    assert "Cobalt" in text_of(client.get(f"{page}?contact={make_contact(make_company()).pk}"))  # not the company's


def test_the_calendar_costs_the_same_for_one_mail_and_for_three(monkeypatch):
    freeze(monkeypatch)
    counts, client = [], signed_in(make_staff(roles.REVIEWER))
    for mails in (1, 3):
        company = make_company()
        for _each in range(mails):
            send(queue(make_other(make_approach(company=company))), NOW)
        client.get("/admin/mail/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/companies/company/{company.pk}/asked/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_calendar_knows_what_went_to_the_same_address_at_another_company(monkeypatch):
    freeze(monkeypatch)
    approach, other = make_approach(), make_other(make_approach())
    make_contact(approach.company, email=other.chosen.get().contact.email.upper())
    send(queue(other), NOW)
    client = signed_in(make_staff(roles.REVIEWER))
    text = text_of(client.get(f"/admin/companies/company/{approach.company_id}/asked/"))
    assert "Dirty coal" in text and "to the same address at another company" in text
    assert "another company" not in text_of(client.get(f"/admin/companies/company/{other.company_id}/asked/"))


def test_the_calendar_is_found_from_the_company_and_from_its_mail(monkeypatch):
    freeze(monkeypatch)
    approach = make_approach()
    client, address = signed_in(make_staff(roles.LEAD)), f"/admin/companies/company/{approach.company_id}/asked/"
    company, mail = (
        f"/admin/companies/company/{approach.company_id}/change/",
        f"/admin/campaigns/approach/{approach.pk}/",
    )
    for page in (company, f"{mail}outgoing/", f"{mail}contacts/"):
        assert address in client.get(page).content.decode(), page
