"""Every kind of record that staff can open, `number` of each, with `number` of everything that hangs on it."""

from datetime import date, timedelta

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile

from campaigns import status
from campaigns.models import (
    Asker,
    CampaignTopic,
    ChosenContact,
    Finding,
    Membership,
    Question,
    ReminderStep,
    TimelineEntry,
    Topic,
    Translation,
)
from campaigns.tests.make import NOW, invite, make_approach, make_campaign, make_company, make_contact, reply
from companies.models import Affiliation, Alias, FormerSlug, Sector
from correspondence import control
from correspondence.models import WORDED, Batch, Message, Recipient, ReplyLink, Wording
from responses.models import Coding, Document, Passage, Redaction, ResponseTranslation
from responses.tests.make import make_answer, make_response

LANGUAGES = ("pt", "es", "fr")


def fill(number, start=0):
    """Make rows `start` to `number` of every model; return nothing: the lists show them."""
    control.row()
    for one in range(start, number):
        campaign = make_campaign(slug=f"full-{one}")
        _parts(campaign, one, number)
        for _each in range(number):
            _approach(campaign, number)
        Group.objects.create(name=f"Group {one}")


def _user():
    return User.objects.create(username=f"full{User.objects.count()}", is_staff=True)


def _parts(campaign, one, number):
    users = [_user() for _each in range(number)]
    for each in range(number):
        Asker.objects.create(campaign=campaign, name=f"Asker {each}")
        question = Question.objects.create(campaign=campaign, number=str(each), text="Why?", position=each)
        Question.objects.create(campaign=campaign, number=f"{each}.a", text="How?", position=each, parent=question)
        finding = Finding.objects.create(campaign=campaign, text="A finding", position=each)
        entry = TimelineEntry.objects.create(campaign=campaign, on=date(2026, 3, 3), title="A report")
        topic = Topic.objects.create(kind="issue", name=f"Topic {one} {each}", slug=f"topic-{one}-{each}")
        CampaignTopic.objects.create(campaign=campaign, topic=topic)
        ReminderStep.objects.create(campaign=campaign, anchor="after_invitation", days=7 + each)
        Membership.objects.create(campaign=campaign, user=users[each])
        Translation.objects.create(campaign=campaign, field="title", language=LANGUAGES[each], text="Título")
        for noun in ({"question": question}, {"finding": finding}, {"timeline_entry": entry}):
            for language in LANGUAGES[:number]:
                Translation.objects.create(campaign=campaign, field="text", language=language, text="Texto", **noun)
        Wording.objects.create(campaign=campaign, kind=WORDED[each], language="en", subject="S", body="B")
        Batch.objects.create(
            campaign=campaign, idempotency_key=f"{one} {each}", set_hash="x", approved_by=users[0], approved_at=NOW
        )
        LogEntry.objects.log_actions(users[0].pk, [campaign], ADDITION, "made", single_object=True)


def _approach(campaign, number):
    company = make_company()
    for each in range(number):
        Alias.objects.create(company=company, name=f"{company.name} alias {each}")
        FormerSlug.objects.create(company=company, slug=f"{company.slug}-{each}")
        company.sectors.add(Sector.objects.get_or_create(name=f"Sector {each}")[0])
        company.affiliations.add(Affiliation.objects.get_or_create(name=f"Affiliation {each}")[0])
    approach = invite(make_approach(campaign, company, contact=False))
    for each in range(number):
        contact = make_contact(company, name=f"Contact {each}")
        ChosenContact.objects.create(approach=approach, contact=contact)
        status.record(approach, "contacted", now=NOW, result="accepted", by=_user())
        Translation.objects.create(
            campaign=campaign, approach=approach, field="remark", language=LANGUAGES[each], text="R"
        )
        _message(approach, contact, each, number)
    reply(approach)
    for each in range(number):
        _response(approach, each, number)


def _message(approach, contact, each, number):
    message = Message.objects.create(
        approach=approach,
        step=f"batch:{each}",
        subject="Questions",
        mime=b"Subject: Questions\nContent-Type: text/plain\n\nDear all",
        message_id=f"{approach.pk}-{each}@outreach.test",
        created_at=NOW + timedelta(seconds=each),
    )
    ReplyLink.objects.create(message=message, digest=f"{approach.pk}-{each}")
    for other in range(number):
        Recipient.objects.create(message=message, contact=contact, address=f"press{other}@company.example")


def _response(approach, each, number):
    coders = [_user() for _each in range(number)]
    response = make_response(approach, position=each, publication="draft", logged_by=coders[0])
    response.covers.set(approach.campaign.approaches.exclude(pk=approach.pk))
    for place, question in enumerate(approach.campaign.questions.all()[:number]):
        answer = make_answer(response, question, position=place)
        Passage.objects.create(answer=answer, start=0, end=2)
        for coder in coders:
            Coding.objects.create(answer=answer, coder=coder, code="answered")
    for place in range(number):
        ResponseTranslation.objects.create(response=response, language=LANGUAGES[place], label="official", text="T")
        Redaction.objects.create(response=response, start=place, end=place + 1, label="removed")
        document = Document(response=response, name=f"letter{place}.pdf", media_type="application/pdf", size=3)
        document.file.save("letter.pdf", ContentFile(b"%PDF"), save=True)
