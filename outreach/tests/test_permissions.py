"""S1: every address, as every role. permissions.toml says what must come back; an address that it lacks fails."""

import tomllib
from pathlib import Path

import pytest
from django.urls import reverse

from campaigns import days
from campaigns.tests.make import NOW

from . import access

pytestmark = pytest.mark.django_db
MATRIX = tomllib.loads(Path(__file__).with_name("permissions.toml").read_text())["rule"]
BLANK = "django.template.response.SimpleTemplateResponse.rendered_content"


@pytest.fixture
def site(monkeypatch):
    """({role: cookies}, {model: its object of the member's campaign})"""
    monkeypatch.setattr("campaigns.clock.now", lambda: NOW)
    team = access.people()
    made = access.records(team)
    return access.sessions(team), made


def expected():
    return {address: rule for rule in MATRIX for address in rule["addresses"]}


def test_every_address_is_listed_once_and_no_other(site):
    _cookies, made = site
    listed = [address for rule in MATRIX for address in rule["addresses"]]
    there = [key for key, _path in access.requests(made)]
    assert sorted(listed) == sorted(set(there))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_role_gets_what_the_matrix_says(site, method, monkeypatch):
    monkeypatch.setattr(BLANK, "")  # who may is decided before the page is drawn
    cookies, made = site
    rules, wrong = expected(), {}
    for key, path in access.requests(made):
        got = " ".join(access.ask(path, cookies[role], method) for role in access.ROLES)
        if key in rules and got != rules[key][method.lower()]:
            wrong[f"{key} {path}"] = got
    assert wrong == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_published_is_read_by_everybody_and_written_by_nobody(site, method):
    cookies, made = site
    for one in made.values():
        if one._meta.model_name == "campaign":
            one.published_on = days.today(NOW, one.time_zone)
            one.save()
        elif one._meta.model_name == "document":
            one.checked_at, one.checked_by = NOW, one.response.logged_by or access.get_user_model().objects.first()
            one.save()
    for address in access.addresses():
        if address.route.startswith("en/"):
            path = access.path_of(address, made)
            for role in access.ROLES:
                assert access.ask(path, cookies[role], "GET") == "ok", (path, role)
            assert access.ask(path, cookies["superuser"], method) == "method", path


def test_an_outsider_sees_nothing_of_the_campaign(site):
    """On no list, in no choice of a form: the title of a campaign of others does not come up."""
    cookies, made = site
    shown = []
    for key, path in access.requests(made):
        if key.endswith(("_changelist", "_add")) or key in ("admin:index", "log_reply", "mail_control", "mail_ledger"):
            if access.TITLE in access.page(path, cookies["outsider"]):
                shown.append(path)
            if key.endswith("campaign_changelist"):
                assert access.TITLE in access.page(path, cookies["member"])
    assert shown == []


def test_what_can_be_searched_for_in_a_form_is_what_one_may_see(site):
    cookies, _made = site
    asked = "?app_label=campaigns&model_name=approach&field_name=campaign"
    path = reverse("admin:autocomplete") + asked
    assert access.TITLE in access.page(path, cookies["member"])
    assert access.TITLE not in access.page(path, cookies["outsider"])
