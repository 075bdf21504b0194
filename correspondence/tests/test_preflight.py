from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import roles
from campaigns.models import Approach, Campaign, ChosenContact, Membership, Question
from campaigns.tests.make import NOW, make_approach, make_question, make_user
from campaigns.tests.staff import make_staff, signed_in
from companies.models import Company, Contact
from correspondence import control, preflight
from correspondence.models import Control, Message, Wording
from correspondence.obstacles import Level

from .make import make_sending_campaign, make_step, make_wording, queue

pytestmark = pytest.mark.django_db


def make_ready(companies=2):
    """A campaign that nothing stands in the way of."""
    campaign, approaches = make_sending_campaign(companies)
    make_question(campaign)
    make_step(campaign)
    Membership.objects.create(campaign=campaign, user=make_user())
    control.row()
    return campaign, approaches


def found(campaign, now=NOW):
    return preflight.obstacles(Campaign.objects.get(pk=campaign.pk), now)


def without_files(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:2525"
    Contact.objects.update(email="press@real.org")
    Control.objects.update(relay_checked_at=NOW)


def test_nothing_stands_in_the_way_of_a_campaign_that_is_ready(settings):
    campaign, _approaches = make_ready(1)
    without_files(settings)
    assert {one.level for one in found(campaign)} == {Level.DONE} and not preflight.shut(campaign, NOW)


def change(**values):
    def spoil(campaign):
        Campaign.objects.filter(pk=campaign.pk).update(**values)

    return spoil


def first(model, **values):
    """Change one of the two companies, or their contacts."""
    return lambda campaign: model.objects.filter(pk=model.objects.order_by("pk")[0].pk).update(**values)


def asked_elsewhere(campaign):
    other, _none = make_sending_campaign(0)
    queue(make_approach(other, campaign.approaches.first().company))


def without_wording(campaign):
    campaign.wordings.filter(kind="invitation").delete()


def test_what_is_mended_once_on_the_campaign_is_said_once_for_all_languages():
    campaign, approaches = make_ready()
    make_wording(campaign, language="fr", body="{signature}")
    Contact.objects.filter(company=approaches[0].company).update(language="fr")
    change(signature="")(campaign)
    [one] = [one for one in found(campaign) if "{signature} is empty" in one.sentence]
    assert len(one.companies) == len(approaches)


ALL, SOME, LOOK = "all", "some", "look"  # what it keeps from leaving


def leads(address):
    """Say whether a lead who follows a link finds the page, and the place on it."""
    path, _hash, place = address.partition("#")
    page = signed_in(make_staff(roles.LEAD)).get(path) if path else None
    return page is None or (page.status_code == 200 and f'id="{place}"' in page.content.decode() + 'id=""')


@pytest.mark.parametrize(
    ("spoil", "said", "stops"),
    [
        (lambda campaign: ChosenContact.objects.order_by("pk")[0].delete(), "no contact with an e-mail address", SOME),
        (first(Contact, health="opted_out"), "asked not to be written to", SOME),
        (lambda campaign: Contact.objects.update(email="same@one.org"), "share an address", LOOK),
        (without_wording, "no wording of the invitation", ALL),
        (first(Contact, language="pt"), "which these read, of: Invitation, Reminder.", LOOK),
        (lambda campaign: Wording.objects.filter(kind="invitation").update(body="{compnay}"), "{compnay}", SOME),
        (lambda campaign: Wording.objects.filter(kind="invitation").update(body="{reason}"), "{reason} is empty", SOME),
        (lambda campaign: Wording.objects.filter(kind="invitation").update(body="{asker}"), "{asker} is empty", SOME),
        (change(signature=""), "{signature} is empty", SOME),
        (
            lambda campaign: Wording.objects.filter(kind="reminder").update(body="{x}"),
            "{x}, which is not a field",
            LOOK,
        ),
        (lambda campaign: campaign.wordings.exclude(kind="invitation").delete(), "no wording of the step", LOOK),
        (lambda campaign: Question.objects.all().delete(), "No question is asked yet", ALL),
        (change(deadline=None, deadline_stated=""), "no day to reply by", LOOK),
        (change(deadline=date(2026, 3, 19), deadline_stated="2026-03-19"), "The day to reply by is over", ALL),
        (change(deadline=date(2026, 3, 28), deadline_stated="2026-03-28"), "is no working day", LOOK),
        (change(deadline=date(2026, 5, 5), deadline_stated="2026-05-05"), "before the day to reply by", ALL),
        (first(Company, headquarters="MT"), "no working day where these", LOOK),
        (change(closed_at=NOW), "The campaign is closed", ALL),
        (change(from_address=""), "no sender's address", ALL),
        (change(reply_to=""), "does not say where replies go", ALL),
        (asked_elsewhere, "asked by another campaign of ours", LOOK),
        (lambda campaign: Control.objects.update(relay_fault="535 no"), "does not let us in: 535 no", ALL),
        (lambda campaign: Control.objects.update(relay_checked_at=None), "was not asked yet", LOOK),
        (lambda campaign: Control.objects.update(held_at=NOW), "All mail is held", LOOK),
        (lambda campaign: Control.objects.update(breaker_opened_at=NOW), "given up for now", LOOK),
        (change(paused_at=NOW), "is paused", LOOK),
        (lambda campaign: campaign.steps.all().delete(), "No reminder is planned", LOOK),
        (lambda campaign: campaign.memberships.all().delete(), "Nobody is on the team", LOOK),
        (lambda campaign: Contact.objects.update(email="a@company.example"), "made for examples", LOOK),
        (lambda campaign: Approach.objects.update(reach="unreached"), "No company waits", ALL),
    ],
)
def test_each_obstacle_is_named_and_stops_no_more_than_it_must(spoil, said, stops, settings):
    campaign, approaches = make_ready()
    without_files(settings)
    Contact.objects.filter(company=approaches[1].company).update(email="press@another.org")
    if "no working day where" in said:  # Independence Day of Malta, 21 September
        change(deadline=date(2026, 9, 21), deadline_stated="2026-09-21", closes_on=None, closes_stated="")(campaign)
    assert not any(said in one.sentence for one in found(campaign))
    spoil(campaign)
    [one] = [one for one in found(campaign) if said in one.sentence]
    assert {ALL: one.shuts, SOME: one.level == Level.LEFT_OUT and one.companies, LOOK: one.level == Level.LOOK}[stops]
    assert bool(preflight.shut(Campaign.objects.get(pk=campaign.pk), NOW)) == (stops == ALL and "waits" not in said)
    assert one.url or one.companies, "nobody is led to where it is mended"
    for address in [one.url, *(address for _name, address in one.companies)]:
        assert leads(address), address


def test_companies_are_named_beside_what_concerns_them():
    campaign, [one, _other] = make_ready()
    ChosenContact.objects.filter(approach=one).delete()
    [obstacle] = [each for each in found(campaign) if each.level == Level.LEFT_OUT]
    assert obstacle.companies == [(one.listed_as, f"/admin/campaigns/approach/{one.pk}/contacts/")]
    assert obstacle.sentence.startswith("1 company cannot be written to.") and not obstacle.shuts


def test_what_cannot_be_filled_in_leads_to_where_it_is_filled_in():
    campaign, _approaches = make_ready()
    change, wordings = f"/admin/campaigns/campaign/{campaign.pk}/change/", f"/admin/campaigns/campaign/{campaign.pk}/"
    for field, address in (
        ("asker", f"{change}#askers-group"),
        ("closes_on", f"{change}#id_closes_on"),
        ("contact_name", f"{wordings}wordings/invitation/en/"),
        ("public_page", f"{wordings}wordings/invitation/en/"),
    ):
        campaign.wordings.filter(kind="invitation").update(body=f"{{{field}}}")
        Campaign.objects.update(closes_on=None, closes_stated="", published_on=None, published_stated="")
        Contact.objects.update(name="")
        [obstacle] = [one for one in found(campaign) if f"{{{field}}}" in one.sentence]
        assert obstacle.url == address and "fallback." in obstacle.sentence.removesuffix("no fallback.")


def test_an_address_is_shared_with_a_company_that_was_written_to_before():
    campaign, [one, other] = make_ready()
    Contact.objects.update(email="same@one.org")
    queue(one)
    for _again in range(2):
        [obstacle] = [each for each in found(campaign) if "an address with another" in each.sentence]
        assert [name for name, _address in obstacle.companies] == [other.listed_as]
        Message.objects.all().delete()
        Approach.objects.filter(pk=one.pk).update(reach="invited")


def test_a_campaign_whose_companies_are_all_invited_has_nothing_left_to_mend():
    campaign, [one, other] = make_ready()
    queue(one)
    queue(other)
    assert any("is invited, or its invitation is on its way" in each.sentence for each in found(campaign))
    assert not any(each.shuts or each.companies for each in found(campaign))


def test_questions_in_another_language_are_looked_for():
    campaign, [one, _other] = make_ready()
    make_wording(campaign, language="pt")
    make_wording(campaign, "reminder", language="pt")
    Contact.objects.filter(company=one.company).update(language="pt")
    said = "The questions are not translated into Portuguese"
    assert any(said in each.sentence for each in found(campaign))
    campaign.translations.create(question=campaign.questions.get(), field="text", language="pt", text="Porquê?")
    assert not any(said in each.sentence for each in found(campaign))


def test_mail_into_files_needs_no_sender_and_says_so():
    campaign, _approaches = make_ready()
    change(reply_to="", from_address="")(campaign)
    assert any("written to files" in one.sentence for one in found(campaign)) and not preflight.shut(campaign, NOW)


def test_looking_costs_the_same_for_two_companies_and_for_sixty():
    counts = []
    for companies in (2, 60):
        campaign, approaches = make_ready(companies)
        other, _none = make_sending_campaign(0)
        for approach in approaches:
            queue(make_approach(other, approach.company), now=NOW + timedelta(days=1))
        campaign = Campaign.objects.get(pk=campaign.pk)
        with CaptureQueriesContext(connection) as queries:
            assert any(len(one.companies) == companies for one in preflight.obstacles(campaign, NOW))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25
