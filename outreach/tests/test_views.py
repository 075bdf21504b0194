"""The first redirect, the pages for what goes wrong, the headers, and that visitors get no cookie."""

import logging
import re

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from campaigns.labels import WORDS
from outreach import urls
from outreach.about import MEANINGS, PAGES
from outreach.views import LETTERS

SECURE = {"secure": True, "headers": {"host": "outreach.test"}}


def broken(request):
    raise ValueError("the detail that nobody should read")


def busy(request):
    raise OperationalError("database is locked")


def refused(request):
    raise PermissionDenied


urlpatterns = [
    path("broken/", broken, name="broken"),
    path("busy/", busy),
    path("refused/", refused),
    path("posted/", lambda request: HttpResponse()),
    *urls.urlpatterns,
]
handler403, handler500 = urls.handler403, urls.handler500
here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("wanted", "got"), [("pt-BR,en;q=0.5", "/pt/"), ("ar", "/ar/"), ("de", "/en/"), ("", "/en/"), ("x" * 5000, "/en/")]
)
def test_the_first_page_follows_the_browsers_language(visitor, wanted, got):
    answer = visitor.get("/", secure=True, headers={"host": "outreach.test", "accept-language": wanted})
    assert (answer.status_code, answer["Location"]) == (302, got)
    assert answer["Vary"] == "Accept-Language"
    assert not answer.cookies


@pytest.mark.parametrize("language", ["en", "pt", "es", "fr", "ar"])
def test_a_missing_page_keeps_the_readers_language_and_offers_ways_on(visitor, language):
    answer = visitor.get(f"/{language}/nothing-here/", **SECURE)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert page.count("<h1") == 1
    assert {f"/{language}/campaigns/", f"/{language}/companies/", f"/{language}/search/"} <= set(
        re.findall(r'(?:href|action)="([^"]+)"', page)
    )
    assert not answer.cookies


@here
@pytest.mark.parametrize(("where", "status"), [("broken", 500), ("busy", 503), ("refused", 403)])
def test_what_goes_wrong_is_said_in_all_languages_with_a_reference(visitor, caplog, where, status):
    with caplog.at_level(logging.WARNING, "outreach.views"):
        answer = visitor.get(f"/{where}/", **SECURE)
    page = answer.content.decode()
    assert answer.status_code == status
    assert re.findall(r'<section lang="(\w+)"', page) == ["en", "pt", "es", "fr", "ar"]
    (number,) = set(re.findall(rf'<strong class="ltr">([{LETTERS}]{{4}})</strong>', page))
    assert f"Reference {number}: answered {status}" in caplog.text
    assert "the detail" not in page
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@here
def test_a_busy_database_asks_to_come_back(visitor):
    assert visitor.get("/busy/", **SECURE)["Retry-After"] == "60"


@here
def test_a_form_without_its_token_gets_the_same_page_as_a_missing_permission():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/posted/", **SECURE)
    assert answer.status_code == 403
    assert "لا يمكنك فتح هذه الصفحة" in answer.content.decode()


def test_every_answer_is_inert_and_asks_for_no_devices(visitor):
    answer = visitor.get("/en/nothing-here/", **SECURE)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_staff_pages_are_stored_nowhere(visitor, db):
    assert "no-store" in visitor.get("/admin/login/", **SECURE)["Cache-Control"]


def test_the_theme_is_remembered_for_staff_pages_only(admin_client):
    answer = admin_client.post("/admin/theme/", {"theme": "dark", "next": "/admin/auth/"}, **SECURE)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/auth/")
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["path"], cookie["samesite"], cookie["secure"]) == ("dark", "/admin/", "Lax", True)


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_choice_of_theme_leads_nowhere_else(admin_client, back):
    assert admin_client.post("/admin/theme/", {"theme": "light", "next": back}, **SECURE)["Location"] == "/admin/"


def test_an_unknown_theme_is_refused(admin_client):
    assert admin_client.post("/admin/theme/", {"theme": "pink"}, **SECURE).status_code == 400


def test_visitors_have_no_theme_to_choose(visitor, db):
    answer = visitor.post("/admin/theme/", {"theme": "dark"}, **SECURE)
    assert answer["Location"].startswith("/admin/login/")
    assert "theme" not in answer.cookies


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_about_the_site_need_no_database_and_no_cookie(visitor, page, language):
    answer = visitor.get(f"/{language}/about/{page}/", **SECURE)
    assert answer.status_code == 200
    assert answer.content.count(b"<h1") == 1
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_every_label_is_explained(visitor):
    assert set(MEANINGS) == set(WORDS)
    page = visitor.get("/en/about/labels/", **SECURE).content.decode()
    shapes = (settings.BASE_DIR / "static/icons.svg").read_text()
    for key, word in WORDS.items():
        assert f"#i-{key}" in page
        assert f'id="i-{key}"' in shapes
        assert str(word) in page


def test_an_unknown_page_about_the_site_is_missing(visitor):
    assert visitor.get("/en/about/../../base/", **SECURE).status_code == 404
    assert visitor.get("/en/about/base/", **SECURE).status_code == 404
