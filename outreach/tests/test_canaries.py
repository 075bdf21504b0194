"""S2: what is private is on no public page, in no header, in no file; what is public is found, so the crawl looks."""

import html
import re
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from campaigns.tests.make import NOW

from .canaries import seed

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "ar")  # the others are linked from these
MOST = 3000  # pages; more than that means that the crawl runs in circles


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)


def crawl(client, starts, within):
    """Fetch everything that is linked below `within`; return {path: status line, headers and body as text}."""
    waiting, seen = list(starts), {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        assert len(seen) < MOST
        answer = client.get(path, secure=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[path] = f"{answer.status_code} {answer.headers} {answer.cookies}\n{body.decode('utf-8', 'replace')}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [link for link in links(path, body.decode()) if within(link)]
    return seen


def links(path, page):
    """Every address of this site on a page: links, forms that are sent by GET, and each choice of theirs."""
    found = [html.unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', page)]
    for form in re.findall(r'(?s)<form[^>]*method="get".*?</form>', page):
        for name, options in re.findall(r'(?s)<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form):
            found += [f"?{name}={html.unescape(value)}" for value in re.findall(r'value="([^"]+)"', options)]
    for link in found:
        target = urlsplit(urljoin(path, urldefrag(link)[0]))
        if not target.scheme and not target.netloc and target.path:
            yield target.path + (f"?{target.query}" if target.query else "")


def is_public(path):
    """What the crawl follows: no more than two parameters at once, and no search in all five languages."""
    return not path.startswith(("/admin", "/static")) and path.count("&") < 2 and "q=" not in path


def is_of_mail(path):
    return path.startswith("/admin/mail/") or path.endswith(("/outgoing/", "/file/"))


def found(canaries, pages):
    everything = "\n".join(pages.values())
    lower = everything.lower()
    return {canary for canary in canaries if canary in everything or canary.lower() in lower}


def test_no_public_page_shows_what_is_private():
    birds, unlinked = seed()
    client = Client()
    starts = [f"/{code}/" for code in LANGUAGES] + [f"/{code}/{path}" for code in ("en", "ar") for path in unlinked]
    starts += [f"/en/search/?q={canary}" for canary in [*birds.private, *birds.public]]
    starts += [f"/en/companies/?q={canary}" for canary in birds.private]
    pages = crawl(client, starts, is_public)
    leaked = {}
    for path, page in pages.items():
        asked = path.partition("?q=")[2]  # a search page repeats what was typed
        for canary in birds.private:
            if canary != asked and canary.lower() in page.lower():
                leaked.setdefault(birds.private[canary], path)
    assert leaked == {}
    missing = birds.public.keys() - found(birds.public, {p: page for p, page in pages.items() if "?q=" not in p})
    assert {birds.public[canary] for canary in missing} == set()
    assert not client.cookies
    dead = [path for path, page in pages.items() if page.startswith(("404", "500"))]
    assert [path for path in dead if not path.endswith(tuple(unlinked))] == []


def test_the_desk_finds_what_the_public_does_not(db):
    birds, _unlinked = seed()
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root-of-all"))
    pages = crawl(client, ["/admin/", *changes()], is_of_mail)
    seen = found(birds.private, pages)
    unseen = sorted(birds.private[canary] for canary in birds.private.keys() - seen)
    assert len(seen) >= 0.95 * len(birds.private), unseen


def changes():
    """The change page of everything that the desk knows."""
    for model in apps.get_models():
        if admin.site.is_registered(model):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            yield from (reverse(name, args=[pk]) for pk in model._default_manager.values_list("pk", flat=True))
