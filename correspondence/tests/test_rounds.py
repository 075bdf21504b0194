from datetime import date

import pytest

from campaigns import days, status
from campaigns.models import (
    Approach,
    Asker,
    Campaign,
    CampaignTopic,
    ChosenContact,
    Event,
    Membership,
    Topic,
    Translation,
)
from campaigns.tests.make import (
    NOW,
    make_approach,
    make_campaign,
    make_company,
    make_contact,
    make_invited,
    make_question,
    make_user,
    reply,
)
from correspondence import rounds
from correspondence.models import Attachment, Message
from correspondence.rounds import Part

from .make import make_sending_campaign, make_step, queue

pytestmark = pytest.mark.django_db


def make_earlier():
    """A campaign with something of everything, in which everything has happened."""
    campaign, [planned] = make_sending_campaign(1, context="About rivers.", headline="Rivers")
    parent = make_question(campaign, "1", position=1)
    old = make_question(campaign, "1.a", position=2, parent=parent, text="Old?", replaced_at=NOW)
    new = make_question(campaign, "1.a", position=3, parent=parent, text="New?", replaces=old, label="New")
    Translation.objects.create(question=new, field="text", language="pt", text="Novo?")
    answered = reply(make_invited(campaign, group="Mills", reason="Has a mill.", note="private", remark="public"))
    Translation.objects.create(approach=answered, field="reason", language="pt", text="Tem um moinho.")
    Translation.objects.create(campaign=campaign, field="context", language="pt", text="Sobre rios.")
    Translation.objects.create(campaign=campaign, field="title", language="pt", text="Rios 2026")
    ChosenContact.objects.create(approach=answered, contact=make_contact(answered.company), use="cc")
    queue(planned)
    unasked = make_approach(campaign)
    status.advance(unasked, status.Reach.NOT_APPROACHED, now=NOW, on=days.exactly(date(2026, 3, 3)))
    Attachment.objects.create(
        wording=campaign.wordings.get(kind="invitation"),
        name="a.txt",
        media_type="text/plain",
        content=b"x",
        size=1,
        sha256="x",
    )
    make_step(campaign, 14)
    make_step(campaign, 7, retired_at=NOW)
    Asker.objects.create(campaign=campaign, name="Open Questions Desk")
    Membership.objects.create(campaign=campaign, user=make_user())
    topic = Topic.objects.create(kind="issue", name="Water", slug="water")
    CampaignTopic.objects.create(campaign=campaign, topic=topic)
    return campaign


def again(source, *parts, **values):
    values = {"title": "Rivers again", "slug": "again", "by": make_user()} | values
    return rounds.new_round(source, parts or list(Part), now=NOW, **values)


def test_a_new_round_takes_what_was_asked_of_whom_and_nothing_that_happened():
    source = make_earlier()
    before = Event.objects.count(), Message.objects.count()
    campaign, taken = again(source, deadline=days.read("2027-03-30"), closes_on=days.read("2027-04"))
    assert {one.part: (one.added, one.there) for one in taken} == {
        Part.QUESTIONS: (2, 0), Part.COMPANIES: (2, 0), Part.WORDINGS: (5, 0), Part.STEPS: (1, 0),
        Part.TEXTS: (1, 0), Part.ASKERS: (1, 0), Part.TEAM: (1, 0), Part.TOPICS: (1, 0),
    }  # fmt: skip
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert (campaign.previous_round, campaign.stage, campaign.published_on) == (source.slug, "draft", None)
    assert (campaign.deadline, campaign.closes_stated) == (date(2027, 3, 30), "2027-04")
    assert (campaign.from_address, campaign.context) == (source.from_address, source.context)
    assert campaign.headline == ""  # it says what came out
    assert (Event.objects.count(), Message.objects.count()) == before
    assert campaign.memberships.count() == 2 and campaign.wordings.get(kind="invitation").attachments.count() == 1
    for approach in campaign.approaches.all():
        assert (approach.reach, approach.reply, approach.note, approach.remark) == ("planned", "none", "", "")
    own = campaign.translations.filter(question=None, approach=None).values_list("field", "text")
    assert list(own) == [("context", "Sobre rios.")]


def test_questions_name_the_ones_that_they_continue():
    source = make_earlier()
    campaign, _taken = again(source, Part.QUESTIONS)
    first, second = campaign.questions.order_by("position")
    assert (first.number, second.number, second.text, second.label) == ("1", "1.a", "New?", "New")
    assert second.parent == first and second.continues.text == "New?" and second.continuity == "same_wording"
    assert second.translations.get().text == "Novo?" and not campaign.approaches.exists()


def test_companies_come_with_contacts_group_and_reason():
    source = make_earlier()
    campaign, _taken = again(source, Part.COMPANIES)
    copy = campaign.approaches.get(group="Mills")
    assert copy.reason == "Has a mill." and copy.translations.get().text == "Tem um moinho."
    earlier = source.approaches.get(company=copy.company)
    assert list(copy.chosen.values_list("contact", "use")) == list(earlier.chosen.values_list("contact", "use"))
    assert copy.reply_token != earlier.reply_token and len({one.reply_token for one in Approach.objects.all()}) == 5


def test_an_erased_contact_is_not_taken():
    source = make_earlier()
    contact = source.approaches.get(group="Mills").chosen.first().contact
    type(contact).objects.filter(pk=contact.pk).update(erased_at=NOW, name="", email="")
    campaign, _taken = again(source, Part.COMPANIES)
    assert campaign.approaches.get(group="Mills").chosen.count() == 1


def test_what_a_campaign_has_stays():
    source, campaign = make_earlier(), make_campaign(context="Own.")
    own = make_question(campaign, "1", text="Own question?")
    make_approach(campaign, source.approaches.get(group="Mills").company)
    make_approach(campaign, make_company(), listed_as=source.approaches.first().listed_as)
    taken = rounds.take(source, campaign, [Part.QUESTIONS, Part.COMPANIES, Part.TEXTS], now=NOW)
    assert [one[1:] for one in taken] == [(1, 1), (0, 2), (0, 1)]
    campaign.refresh_from_db()
    assert campaign.context == "Own." and campaign.questions.get(number="1") == own
    assert campaign.questions.get(number="1.a").parent == own
    assert [one[1] for one in rounds.take(source, campaign, [Part.QUESTIONS], now=NOW)] == [0]


def test_questions_of_a_campaign_that_is_out_or_in_another_language_stay_as_they_are():
    source, out = make_earlier(), make_campaign()
    make_invited(out)
    with pytest.raises(rounds.CannotBeTaken, match="is out"):
        rounds.take(source, out, [Part.STEPS, Part.QUESTIONS], now=NOW)
    with pytest.raises(rounds.CannotBeTaken, match="different languages"):
        rounds.take(source, make_campaign(language="pt"), [Part.TEXTS], now=NOW)
    assert not out.questions.exists() and not out.steps.exists()
