"""Our copy of the admin's frame keeps what Django's pages fill in; light and dark come from the server."""

import re
from pathlib import Path

import django
import pytest
from django.conf import settings

from campaigns.tests.make import make_approach, make_campaign

SECURE = {"secure": True, "headers": {"host": "outreach.test"}}
DJANGOS = Path(django.__file__).parent / "contrib/admin/templates/admin/base.html"
OURS = settings.BASE_DIR / "templates/admin/base.html"


def found(pattern, path):
    return set(re.findall(pattern, path.read_text()))


def test_every_block_and_id_of_djangos_frame_is_kept():
    blocks, ids = r"{% block ([\w-]+)", r'\bid="([\w-]+)"'
    assert found(blocks, DJANGOS) - found(blocks, OURS) <= {"welcome-msg", "userlinks"}  # in base_site.html
    dropped = {"user-tools", "logout-form", "icon-auto", "icon-moon", "icon-sun"}  # base_site.html, and the pictures
    assert found(ids, DJANGOS) - found(ids, OURS) <= dropped


@pytest.mark.parametrize(
    ("cookie", "written"),
    [("dark", ' data-bs-theme="dark"'), ("light", ' data-bs-theme="light"'), ('"><x', ""), (None, "")],
)
def test_the_chosen_theme_stands_on_html(admin_client, cookie, written):
    if cookie:
        admin_client.cookies["theme"] = cookie
    page = admin_client.get("/admin/", **SECURE).content.decode()
    assert re.search(r"<html[^>]*>", page)[0] == f'<html lang="en" dir="ltr"{written}>'


def test_a_staff_page_has_no_script_of_its_own_and_no_style_attribute(admin_client):
    page = admin_client.get("/admin/auth/user/", **SECURE).content.decode()
    assert not re.findall(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>", page)
    assert not re.findall(r"\sstyle=|\son\w+=", page)


def test_both_dark_blocks_hold_the_same_colours():
    css = (settings.BASE_DIR / "static/tokens.css").read_text()
    blocks = re.findall(r"\{[^{}]*color-scheme: dark;([^{}]*)\}", css)
    assert len(blocks) == 2
    first, second = ([line.strip() for line in block.strip().splitlines()] for block in blocks)
    assert first == second


def test_the_title_of_a_page_that_was_filled_in_wrongly_begins_with_the_error(admin_client):
    campaign = make_campaign()
    approach = make_approach(campaign)
    for address in (
        f"/admin/campaigns/campaign/{campaign.pk}/team/",
        f"/admin/campaigns/campaign/{campaign.pk}/reminders/",
        f"/admin/campaigns/approach/act/time/?id={approach.pk}",
        "/admin/mail/hold/",
    ):
        page = admin_client.post(address, {"id": approach.pk, "person": ""}, **SECURE).content.decode()
        assert "<title>Error: " in page, address


def test_breadcrumbs_are_one_landmark_and_never_an_empty_one(admin_client):
    approach = make_approach(make_campaign())
    for address in (
        "/admin/",
        "/admin/mail/ledger/",
        f"/admin/campaigns/campaign/{approach.campaign_id}/desk/",
        f"/admin/campaigns/approach/{approach.pk}/contacts/",
    ):
        page = admin_client.get(address, **SECURE).content.decode()
        assert not re.search(r'<nav aria-label="Breadcrumbs?">\s*</nav>', page), address
        assert page.count('class="breadcrumb"') == page.count('<nav aria-label="Breadcrumb"'), address
