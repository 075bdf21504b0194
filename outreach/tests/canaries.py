"""A site in which every private field carries a string of its own, and every public one too."""

import uuid
from datetime import date
from itertools import count

from django.core.files.base import ContentFile

from campaigns import days, status
from campaigns.models import (
    Asker,
    CampaignTopic,
    ChosenContact,
    Event,
    Finding,
    Membership,
    TimelineEntry,
    Topic,
    Translation,
)
from campaigns.status import Reach
from campaigns.tests.make import (
    NOW,
    invite,
    make_approach,
    make_campaign,
    make_company,
    make_question,
    make_user,
    reply,
)
from companies.models import Alias, Contact, Sector
from correspondence import by_hand, reply_links
from correspondence.models import Batch, Control, Message, Recipient, ReplyLink, Wording
from responses.models import Coding, Document, Passage, Redaction, ResponseTranslation
from responses.tests.make import make_answer, make_response

_numbers = count(1)


class Canaries:
    """Makes and remembers them: `private` and `public` are {string: where it was put}."""

    def __init__(self):
        self.private, self.public = {}, {}

    def hide(self, place):
        return self._new(self.private, "Hide", place)

    def show(self, place):
        return self._new(self.public, "Show", place)

    def _new(self, its, word, place):
        canary = f"{word}{next(_numbers):04}canary"
        its[canary] = place
        return canary


def seed():
    """Fill the database; return (Canaries, paths that are not linked anywhere and must tell nothing)."""
    birds = Canaries()
    person = make_user(
        username=birds.hide("user.username"),
        first_name=birds.hide("user.first_name"),
        last_name=birds.hide("user.last_name"),
        email=f"{birds.hide('user.email')}@desk.example",
        is_staff=True,
    )
    campaign = _campaign(birds, birds.show, "public-campaign")
    Membership.objects.create(campaign=campaign, user=person)
    Wording.objects.create(
        campaign=campaign, kind="invitation", language="en",
        subject=birds.hide("wording.subject"), body=birds.hide("wording.body"),
    )  # fmt: skip
    question = make_question(campaign, "1", text=birds.show("question.text"), label=birds.show("question.label"))
    approach = _approach(birds, campaign, birds.show, person)
    reply(approach, by=person, reason=birds.hide("event.reason"), remark=birds.show("event.remark"))
    _mail(birds, approach, person)
    paths = _responses(birds, approach, question, person)
    _apart(birds, campaign)
    hidden = _campaign(birds, birds.hide, "hidden-campaign", published_on=None, previous_round="public-campaign")
    make_question(hidden, "1", text=birds.hide("hidden question.text"), label=birds.hide("hidden question.label"))
    other = _approach(birds, hidden, birds.hide, person)
    secret = make_response(reply(other), text=birds.hide("response of a hidden campaign"))
    paths += ["campaigns/hidden-campaign/", f"companies/{other.company.slug}/", f"responses/{secret.public_id}/"]
    ahead = make_campaign(slug="ahead", title=birds.hide("campaign of tomorrow"), published_on=date(2026, 4, 1))
    gone = make_campaign(
        slug="gone", title=birds.hide("withdrawn campaign.title"), withdrawn_at=NOW,
        withdrawn_because=birds.show("campaign.withdrawn_because"),
    )  # fmt: skip
    held = {"held_at": NOW, "held_because": birds.hide("control.held_because")}
    Control.objects.update_or_create(pk=1, defaults=held)
    return birds, [*paths, f"campaigns/{ahead.slug}/", f"campaigns/{gone.slug}/", "reply/no-such-token/"]


def _campaign(birds, mark, slug, **values):
    campaign = make_campaign(
        slug=slug,
        title=mark("campaign.title"),
        headline=mark("campaign.headline"),
        summary=mark("campaign.summary"),
        context=mark("campaign.context"),
        notice=mark("campaign.notice"),
        trigger_title=mark("campaign.trigger_title"),
        trigger_author=mark("campaign.trigger_author"),
        source_url=f"https://source.example/{mark('campaign.source_url').lower()}",
        signature=birds.hide("campaign.signature"),
        file_digest="",
        **values,
    )
    Asker.objects.create(campaign=campaign, name=mark("asker.name"))
    Finding.objects.create(campaign=campaign, text=mark("finding.text"))
    TimelineEntry.objects.create(
        campaign=campaign, on=date(2026, 3, 1), title=mark("timeline.title"), text=mark("timeline.text")
    )
    Translation.objects.create(campaign=campaign, field="summary", language="ar", text=mark("translation.text"))
    for kind in ("region", "issue"):
        topic = Topic.objects.create(kind=kind, name=mark(f"topic {kind}"), slug=f"{slug}-{kind}")
        CampaignTopic.objects.create(campaign=campaign, topic=topic)
    return campaign


def _approach(birds, campaign, mark, person):
    company = make_company(mark("company.name"), website=f"https://{mark('company.website').lower()}.example/")
    Alias.objects.create(company=company, name=mark("alias.name"))
    company.sectors.add(Sector.objects.create(name=mark("sector.name")))
    contact = Contact.objects.create(
        company=company,
        name=birds.hide("contact.name"),
        role=birds.hide("contact.role"),
        email=f"{birds.hide('contact.email').lower()}@company.example",
        phone=birds.hide("contact.phone"),
        web_form=f"https://form.example/{birds.hide('contact.web_form')}",
        found_at=birds.hide("contact.found_at"),
    )
    approach = make_approach(
        campaign, company, contact=False, listed_as=mark("approach.listed_as"), group=mark("approach.group"),
        reason=mark("approach.reason"), remark=mark("approach.remark"), note=birds.hide("approach.note"),
        assigned=person,
    )  # fmt: skip
    ChosenContact.objects.create(approach=approach, contact=contact)
    return invite(approach, by=person, reason=birds.hide("event.reason"), source=birds.hide("event.source"))


def _mail(birds, approach, person):
    body, subject = birds.hide("message.mime"), birds.hide("message.subject")
    address = f"{birds.hide('recipient.address').lower()}@company.example"
    batch = Batch.objects.create(
        campaign=approach.campaign, idempotency_key="key", set_hash="x", approved_by=person, approved_at=NOW
    )
    message = Message.objects.create(
        approach=approach, batch=batch, step="invitation", kind="invitation", language="en", subject=subject,
        mime=f"From: desk@asker.example\r\nTo: {address}\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode(),
        message_id="<1@asker.example>", state="failed", last_code=550, last_text=birds.hide("message.last_text"),
        stop_reason=birds.hide("message.stop_reason"), created_at=NOW,
    )  # fmt: skip
    said = birds.hide("recipient.last_text")
    Recipient.objects.create(message=message, address=address, result="refused", last_text=said)
    ReplyLink.objects.create(message=message, digest=reply_links.digest("secret"))
    letter = by_hand.Document(
        f"{birds.hide('byhand.file_name')}.txt", "text/plain", birds.hide("byhand.content").encode()
    )
    by_hand.log(
        approach, uuid.uuid4(), way="out", channel="phone", day=days.exactly(NOW.date()), result="accepted", by=person,
        now=NOW, contact=approach.company.contacts.first(), note=birds.hide("byhand.note"), document=letter,
    )  # fmt: skip


def _responses(birds, approach, question, person):
    """Every state of publication; return the paths of what is not public."""
    removed = birds.hide("what was removed")
    text = f"{birds.show('response.text')} {removed} end"
    response = make_response(approach, text=text, author=birds.show("response.author"))
    Redaction.objects.create(
        response=response, start=text.index(removed), end=text.index(removed) + len(removed),
        label=birds.show("redaction.label"),
    )  # fmt: skip
    answer = make_answer(response, question, text=birds.show("answer.text"))
    Coding.objects.create(answer=answer, coder=person, code="answered", remark=birds.hide("coding.remark"))
    ResponseTranslation.objects.create(
        response=response, language="pt", label="machine", text=f"{birds.show('response translation')} {removed}"
    )
    second = make_answer(response, make_question_after(question), text=f"{removed} end")
    Passage.objects.create(answer=second, start=text.index(removed) + 3, end=len(text))
    _document(response, birds.show, person)
    unchecked = _document(response, birds.hide, None)
    by, said = birds.show("rejoinder.author"), birds.show("rejoinder.text")
    make_response(approach, kind="rejoinder", position=1, author=by, text=said)
    paths = [f"responses/{response.public_id}/documents/{unchecked.pk}/"]
    for number, publication in enumerate(("draft", "in_review", "withheld", "embargoed", "withheld"), 2):
        mark = birds.show if publication == "withheld" else birds.hide
        because = mark(f"{publication} response.withheld_because")
        one = make_response(
            approach, position=number, publication=publication, text=birds.hide(f"{publication} response.text"),
            author=birds.hide(f"{publication} response.author"), withheld_because=because,
            embargo_until=date(2026, 4, 1) if publication == "embargoed" else None,
            first_public_at=NOW if number == 6 else None, withheld_at=NOW if number == 6 else None,
        )  # fmt: skip
        make_answer(one, question, text=birds.hide(f"{publication} answer.text"))
        ResponseTranslation.objects.create(
            response=one, language="pt", label="official", text=birds.hide(f"{publication} translation")
        )
        document = _document(one, birds.hide, person)
        paths += [f"responses/{one.public_id}/", f"responses/{one.public_id}/documents/{document.pk}/"]
    return paths


def make_question_after(question):
    return make_question(question.campaign, "2", position=1)


def _document(response, mark, person):
    document = Document(response=response, name=f"{mark('document.name')}.pdf", text=mark("document.text"))
    document.file.save("ignored", ContentFile(mark("document.file").encode()), save=False)
    if person:
        document.checked_at, document.checked_by = NOW, person
    document.save()
    return document


def _apart(birds, campaign):
    """A company that was not asked, and one that was not reached; an event that was taken back."""
    unreached = make_approach(campaign, remark=birds.show("remark on the unreached"))
    assert status.advance(unreached, Reach.UNREACHED, now=NOW, reason=birds.hide("event.reason"))
    left_out = make_approach(campaign, remark=birds.show("remark on the left out"))
    assert status.advance(left_out, Reach.NOT_APPROACHED, now=NOW)
    silent = invite(make_approach(campaign, remark=birds.show("remark on the silent")))
    wrong = status.record(
        silent,
        Event.Kind.REMINDED,
        now=NOW,
        on=days.exactly(NOW.date()),
        remark=birds.hide("event that was taken back"),
    )
    status.retract(wrong, now=NOW, reason=birds.hide("retraction.reason"))
