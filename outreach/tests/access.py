"""Who may open what, asked of the site itself: every address with its objects, every role, and what came back."""

import uuid
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from campaigns import roles
from campaigns.models import CampaignTopic, Finding, Membership, Question, SpreadsheetImport, TimelineEntry, Topic
from campaigns.tests.make import NOW, make_approach, make_campaign, make_company, make_user, reply
from campaigns.tests.make import invite as make_invitation
from companies.models import Affiliation, Sector
from correspondence import reply_links
from correspondence.desk import outgoing, plans, steps
from correspondence.models import Attachment, Batch, ByHand, Control, Letter, Message, ReplyLink, Wording
from responses.models import Document
from responses.tests.make import make_answer, make_response

ROLES = ("anonymous", "member", "outsider", "reviewer", "lead", "superuser", "disabled")
TITLE = "A campaign of theirs"
TOKEN = "a" * reply_links.LENGTH


@dataclass
class Address:
    """One entry of the URLconf: `key` is its name, or its pattern where it has none; `route` its pattern."""

    key: str
    route: str
    converters: dict


def addresses(patterns=None, route="", namespace="", converters=None):
    """Yield an Address for every entry of the URLconf, the admin included."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        here = route + str(one.pattern)
        known = (converters or {}) | getattr(one.pattern, "converters", {})
        if hasattr(one, "url_patterns"):
            inside = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from addresses(one.url_patterns, here, inside, known)
        else:
            name = f"{namespace}{one.name}" if one.name else here
            yield Address(name, here, known)


def people():
    """Return {role: user or None}; member and outsider are researchers, of this campaign and of another one."""
    found = {"anonymous": None}
    for role, group in (
        ("member", roles.RESEARCHER),
        ("outsider", roles.RESEARCHER),
        ("reviewer", roles.REVIEWER),
        ("lead", roles.LEAD),
        ("superuser", None),
        ("disabled", roles.LEAD),
    ):
        found[role] = make_user(username=role, is_staff=True, is_superuser=role == "superuser")
        if group:
            found[role].groups.add(Group.objects.get(name=group))
    return found


def records(team):
    """Make one of everything in an unpublished campaign of the member's; return {model: its object}."""
    campaign = make_campaign(slug="theirs", title=TITLE, published_on=None)
    Membership.objects.create(campaign=campaign, user=team["member"])
    Membership.objects.create(campaign=make_campaign(slug="another"), user=team["outsider"])
    campaign.steps.create(anchor="after_invitation", days=7)
    company = make_company(slug="company")  # shared: its name is no secret among staff
    company.sectors.add(Sector.objects.create(name="Water"))
    Affiliation.objects.create(name="Compact")
    approach = reply(make_invitation(make_approach(campaign, company)))
    question = Question.objects.create(campaign=campaign, number="1", text="Why?")
    response = make_response(approach, public_id="response01")
    answer = make_answer(response, question)
    document = Document(response=response, name="letter.pdf")
    document.file.save("ignored", ContentFile(b"x"), save=False)
    document.save()
    batch = Batch.objects.create(
        campaign=campaign, idempotency_key="1", set_hash="x", approved_by=team["lead"], approved_at=NOW
    )
    message = Message.objects.create(
        approach=approach, batch=batch, step="invitation", mime=b"Subject: x\n\nx", message_id="<1@x>", created_at=NOW,
        state="failed",
    )  # fmt: skip
    ReplyLink.objects.create(message=message, digest=reply_links.digest(TOKEN))
    logged = Message.objects.create(approach=approach, step="log:1", mime=b"", created_at=NOW, state="logged")
    hand = ByHand.objects.create(
        message=logged, way="out", channel="phone", on=NOW.date(), stated="2026-03-20", file_name="letter.txt",
        content=b"x", by=team["lead"],
    )  # fmt: skip
    wording = Wording.objects.create(campaign=campaign, kind="invitation", language="en", subject="x", body="x")
    attached = {"wording": wording, "name": "a.pdf", "media_type": "application/pdf", "content": b"x", "size": 1}
    letter = {"campaign": campaign, "language": "en", "subject": "x", "body": "x", "by": team["lead"]}
    topic = Topic.objects.create(kind="issue", name="Water", slug="water")
    CampaignTopic.objects.create(campaign=campaign, topic=topic)
    made = [
        campaign, company, approach, question, response, answer, document, batch, message, topic, hand,
        company.contacts.first(), company.sectors.first(), Affiliation.objects.first(), approach.events.first(),
        Finding.objects.create(campaign=campaign, text="x"),
        SpreadsheetImport.objects.create(
            campaign=campaign, rows=[["Company"], ["Airbus"]], columns=["company"], made_by=team["lead"], made_at=NOW
        ),
        TimelineEntry.objects.create(campaign=campaign, on=NOW.date(), title="x"),
        wording, Attachment.objects.create(**attached), Letter.objects.create(**letter, made_at=NOW),
        Control.objects.get_or_create(pk=1)[0], Group.objects.first(), team["reviewer"],
    ]  # fmt: skip
    return {type(one): one for one in made}


def requests(made):
    """Yield (key, path) for every entry of the URLconf; an entry for many acts gives one key for each of them."""
    for address in addresses():
        acts = _acts(address)
        for act in acts or [""]:
            path = path_of(address, made, act)
            yield f"{address.key}:{act}" if act else address.key or "/", path


def _acts(address):
    """The acts that an entry serves: those of a ModelAdmin, or the verbs of a mail page."""
    if address.key.startswith("admin:") and address.key.endswith("_act"):
        name = address.key.removeprefix("admin:").removesuffix("_act")
        mine = (
            one for model, one in admin.site._registry.items() if model._meta.label_lower == name.replace("_", ".", 1)
        )
        return [act.name for act in next(mine).acts]
    verbs = {"mail_campaign_act": outgoing.VERBS, "mail_company_act": plans.VERBS, "mail_step_act": steps.VERBS}
    return list(verbs.get(address.key, ()))


def path_of(address, made, act=""):
    """Return a path that this entry serves, about the member's campaign where it is about one."""
    route = address.route.lstrip("^").replace("^", "").rstrip("$")
    if "(?P<url>" in route:
        return "/admin/no-such-page/"
    if "(?P<app_label>" in route:
        return "/admin/campaigns/"
    for name, kind in address.converters.items():
        written = next(part for part in _placeholders(route) if part.strip("<>").split(":")[-1] == name)
        route = route.replace(written, str(act if name in ("act", "verb") else _value(address, name, kind, made)), 1)
    if act and "/act/" in route:
        about = next(one for model, one in made.items() if f"/{model._meta.model_name}/act/" in route)
        return f"/{route}?id={about.pk}"
    return f"/{route}"


def _placeholders(route):
    return [f"<{part.split('>')[0]}>" for part in route.split("<")[1:]]


def _value(address, name, kind, made):
    """The object of the model that the admin's entry is about; else by the entry's own name."""
    named = {model._meta.model_name: one for model, one in made.items()}
    campaign, response = named["campaign"], named["response"]
    if name == "content_type_id":
        return ContentType.objects.get_for_model(type(campaign)).pk
    if name == "object_id" and "/r/" in address.route:
        return campaign.pk
    fixed = {
        "slug": "company" if "companies/" in address.route else campaign.slug,
        "number": "1", "public_id": response.public_id, "token": TOKEN, "page": "method", "kind": "invitation",
        "name": "none.eml", "ending": "csv", "sheet": named["spreadsheetimport"].pk, "key": named["byhand"].pk,
    }  # fmt: skip
    texts = {"which": "title", "language": "pt", "attachment": named["attachment"].pk, "letter": named["letter"].pk}
    fixed |= texts  # of a campaign's wordings, texts and single letters
    if name == "step":
        return campaign.steps.get().pk
    if name in fixed:
        return fixed[name]
    about = next((one for part, one in named.items() if f"/{part}/" in f"/{address.route}"), None)
    if "admin/mail/approved/" in address.route:
        about = named["batch"]
    elif "admin/mail/" in address.route:
        about = named["message"]
    elif "/documents/" in address.route:
        about = named["document"]
    elif "admin/staff/" in address.route:
        about = named["user"]
    elif about is None and "/auth/" in address.route:
        about = named["group"] if "/group/" in address.route else named["user"]
    return about.pk if about else uuid.uuid4() if type(kind).__name__ == "UUIDConverter" else 1


def sessions(team):
    """Return {role: the cookie of a signed-in browser}; the disabled person was signed in before."""
    cookies = {}
    for role, user in team.items():
        client = Client()
        if user:
            client.force_login(user)
        cookies[role] = {name: morsel.value for name, morsel in client.cookies.items()}
    get_user_model().objects.filter(pk=team["disabled"].pk).update(is_active=False)
    return cookies


def ask(path, cookies, method):
    """Return what came back as one word, see WORDS; nothing stays changed."""
    _client.cookies.clear()
    _client.cookies.load(cookies)
    with transaction.atomic():
        answer = _client.generic(method, path, secure=True)
        transaction.set_rollback(True)
    to = answer.headers.get("Location", "")
    if "/login/" in to:
        return "login"
    if answer.status_code < 400:
        return "no" if to == "/admin/" else "ok"  # the admin sends away from what one may not see
    return WORDS.get(answer.status_code, f"broken {answer.status_code}")


_client = Client(raise_request_exception=False)  # one for all: each new one reads the folder of static files
WORDS = {400: "bad", 403: "no", 404: "no", 405: "method", 409: "bad", 410: "gone"}


def page(path, cookies):
    """Return the body of an answer as text."""
    _client.cookies.clear()
    _client.cookies.load(cookies)
    return _client.get(path, secure=True).content.decode()
