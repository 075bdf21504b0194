"""Staff accounts: invited by mail, renewed, ended with the work handed on; the list, the person, the team."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import clock, roles
from campaigns.models import Membership
from campaigns.tests.make import NOW, make_approach, make_campaign
from campaigns.tests.staff import SecureClient, make_staff, problems, signed_in
from correspondence import control, outbox
from correspondence.models import Message, State
from correspondence.tests.fakes import FakeRelay
from outreach.accounts import staff

pytestmark = pytest.mark.django_db
ANA = {"name": "Ana Lima", "email": "ana@desk.example", "role": roles.RESEARCHER}
NEW = "a fresh and long one"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "real_now", lambda: NOW)


def lead():
    return signed_in(make_staff(roles.LEAD, username="boss", first_name="Omar", email="boss@desk.example"))


def ana():
    return get_user_model().objects.get(email="ana@desk.example")


def link_in(message):
    """Return the path of the link in a mail to staff, as its reader gets it."""
    text = bytes(message.mime).decode().replace("=\r\n", "")
    return re.search(r"https://outreach\.test(/admin/password/\S+)", text)[1]


def open_link(client, path):
    """Follow a link and choose a password; return the answer."""
    there = client.get(path)
    form = there.headers.get("Location", path)
    return client.post(form, {"new_password1": NEW, "new_password2": NEW})


def test_an_invited_person_gets_a_link_that_works_once_and_signs_in_by_e_mail_address():
    campaign = make_campaign()
    page = lead().post("/admin/staff/invite/", {**ANA, "campaigns": [campaign.pk]}, follow=True)
    assert problems(page) == ["Ana Lima is invited: a mail with a link is on its way to ana@desk.example."]
    user = ana()
    assert (user.get_full_name(), user.username, user.is_staff) == ("Ana Lima", "ana-lima", True)
    assert roles.role_of(user) == "Researcher" and list(user.memberships.values_list("campaign", flat=True)) == [
        campaign.pk
    ]
    mail = Message.objects.get()
    assert mail.step.startswith("staff:link:") and (mail.state, mail.approach) == (State.QUEUED, None)
    client = SecureClient()
    assert open_link(client, link_in(mail)).headers["Location"] == "/admin/"
    assert client.get("/admin/password_change/").status_code == 200, "she is signed in"
    assert "This link no longer works" in SecureClient().get(link_in(mail), follow=True).content.decode()
    fresh = SecureClient()
    fresh.post("/admin/login/", {"username": "Ana@desk.example", "password": NEW})
    assert fresh.get("/admin/password_change/").status_code == 200


def test_the_mail_leaves_as_mail_to_staff_and_no_page_shows_its_link():
    client = lead()
    client.post("/admin/staff/invite/", ANA)
    mail = Message.objects.get()
    token = link_in(mail).split("/")[-2]
    page = client.get(f"/admin/correspondence/message/{mail.pk}/change/").content.decode()
    assert "invites you" in page and token not in page
    outbox.sweep(NOW, way_out=(relay := FakeRelay()))
    mail.refresh_from_db()
    assert mail.state == State.SENT and relay.sent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Enter the person’s name"),
        ({"email": "ana@desk"}, "Enter an address like ana@desk.org"),
        ({"email": "BOSS@desk.example"}, "BOSS@desk.example has an account already"),
        ({"role": "Administrator"}, "Select a valid choice"),
        ({"name": "", "email": "long-and-careful@desk.example"}, "long-and-careful@desk.example"),
    ],
)
def test_an_invitation_that_cannot_be_says_so_and_keeps_what_was_typed(change, said):
    page = lead().post("/admin/staff/invite/", {**ANA, **change})
    assert said in page.content.decode()
    assert not Message.objects.exists() and get_user_model().objects.count() == 1


def test_nobody_gives_a_role_above_their_own():
    half = make_staff(roles.RESEARCHER)
    half.user_permissions.set(Permission.objects.filter(codename__in=["add_membership", "delete_membership"]))
    assert staff.roles_to_give(get_user_model().objects.get(pk=half.pk)) == [roles.RESEARCHER]
    signed_in(half).post("/admin/staff/invite/", {**ANA, "role": roles.LEAD})
    assert not Message.objects.exists()


def test_an_invitation_is_sent_again_once_a_day_at_most_and_can_be_withdrawn(monkeypatch):
    client = lead()
    client.post("/admin/staff/invite/", ANA)
    address = f"/admin/staff/{ana().pk}/"
    for hour in range(24):
        monkeypatch.setattr(clock, "real_now", lambda: NOW + timedelta(hours=hour))  # noqa: B023 (called at once)
        page = client.post(f"{address}link/", follow=True)
    assert Message.objects.count() == 1 and "less than 24 hours ago" in problems(page)[-1]
    monkeypatch.setattr(clock, "real_now", lambda: NOW + timedelta(hours=24))
    client.post(f"{address}link/")
    assert Message.objects.count() == 2
    first = link_in(Message.objects.earliest("created_at"))
    page = client.get(address).content.decode()
    assert "Withdraw 1 invitation" in page
    client.post(f"{address}leave/")
    assert staff.state_of(ana()) == "left"
    assert "This link no longer works" in SecureClient().get(first, follow=True).content.decode()


def test_an_invitation_that_did_not_arrive_is_named_and_sent_again_at_once():
    client = lead()
    client.post("/admin/staff/invite/", ANA)
    address = f"/admin/staff/{ana().pk}/"
    Message.objects.update(state="failed", last_code=550, last_text="No such mailbox")
    page = client.get(address).content.decode()
    assert "Last mail with a link" in page and "No such mailbox" in page
    page = client.get("/admin/mail/").content.decode()
    assert "Mail to staff (<bdi>ana@desk.example</bdi>): Failed" in page
    assert "Mail to staff" not in signed_in(make_staff(roles.RESEARCHER)).get("/admin/mail/").content.decode()
    client.post(f"{address}link/")
    assert Message.objects.filter(state="queued").count() == 1


def test_while_mail_is_held_an_invitation_says_that_it_waits():
    client = lead()
    control.hold("Stop.", by=None, now=NOW)
    page = client.post("/admin/staff/invite/", ANA, follow=True)
    assert problems(page)[-1] == "All mail is held: it leaves after the release."


def test_an_account_that_is_renewed_within_a_day_of_a_link_says_that_none_went():
    client = lead()
    client.post("/admin/staff/invite/", ANA)
    address = f"/admin/staff/{ana().pk}/"
    client.post(f"{address}leave/", {"heir": "nobody"})
    page = client.post(f"{address}renew/", follow=True)
    assert Message.objects.count() == 1 and "less than 24 hours ago" in problems(page)[-1]


def test_nobody_goes_off_a_team_and_leaves_companies_behind():
    campaign = make_campaign()
    member = make_staff(roles.RESEARCHER, campaign, first_name="Omar")
    approach = make_approach(campaign, assigned=member)
    client, address = lead(), f"/admin/campaigns/campaign/{campaign.pk}/team/"
    remove = {"remove": Membership.objects.get().pk}
    page = client.post(address, remove, follow=True)
    assert problems(page) == ["Omar owns 1 company here. Give it to somebody else first."]
    assert f"/desk/?owner={member.pk}#companies" in page.content.decode()
    approach.assigned = None
    approach.save()
    client.post(address, remove)
    assert not Membership.objects.exists()


def test_who_owns_no_company_leaves_a_team_without_an_heir_and_one_choice_is_not_optional():
    campaign = make_campaign()
    gone = make_staff(roles.RESEARCHER, campaign)
    page = lead().get(f"/admin/staff/{gone.pk}/").content.decode()
    assert '<option value="nobody" selected>' in page and "(optional)" not in page


def test_who_leaves_hands_on_companies_and_teams_and_is_out_at_once():
    one, two = make_campaign(title="Rivers"), make_campaign(title="Dams")
    gone = make_staff(roles.RESEARCHER, one, username="gone", email="gone@desk.example")
    heir = make_staff(roles.RESEARCHER, username="heir")
    first = make_approach(one, assigned=gone)
    second = make_approach(two, assigned=gone)
    client, theirs = lead(), signed_in(gone)
    address = f"/admin/staff/{gone.pk}/"
    page = client.get(address).content.decode()
    assert "Rivers" in page and "Dams" in page and "End the account and give 2 companies away" in page
    page = client.post(f"{address}leave/", {}).content.decode()
    assert "Choose who takes over, or nobody for now" in page
    client.post(f"{address}leave/", {"heir": heir.pk, f"heir_{two.pk}": "nobody"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assigned, second.assigned) == (heir, None)
    assert [one.user for one in Membership.objects.all()] == [heir]
    assert theirs.get("/admin/password_change/").status_code == 302
    said = set(LogEntry.objects.values_list("content_type__model", "object_id"))
    assert said == {("user", str(gone.pk)), ("approach", str(first.pk)), ("approach", str(second.pk))}


def test_nobody_ends_their_own_account_or_the_last_that_can_do_the_work():
    boss = make_staff(roles.LEAD)
    client = signed_in(boss)
    assert client.post(f"/admin/staff/{boss.pk}/leave/").status_code == 403
    root = make_staff(is_superuser=True)
    assert "Only an administrator" in staff.why_not(root, boss)
    assert staff.why_not(boss, root) == "", "an administrator is left"
    other = make_staff(is_superuser=True)
    assert staff.why_not(other, root) == ""
    invited = make_staff(is_superuser=True)
    invited.set_unusable_password()
    invited.save()
    root.is_active = False
    root.save()
    assert "is the last" in staff.why_not(other, boss.__class__(is_superuser=True)), "the other one has never signed in"
    second = make_staff(roles.LEAD)
    other.delete()
    assert staff.why_not(boss, second) == ""
    second.set_unusable_password()
    second.save()
    assert "is the last" in staff.why_not(boss, second)


def test_a_renewed_account_needs_a_new_password():
    gone = make_staff(roles.RESEARCHER, username="gone", email="gone@desk.example")
    client = lead()
    client.post(f"/admin/staff/{gone.pk}/leave/")
    page = client.post(f"/admin/staff/{gone.pk}/renew/", follow=True)
    assert "can come back" in problems(page)[-1]
    gone.refresh_from_db()
    assert staff.state_of(gone) == "invited"
    mail = Message.objects.get()
    open_link(SecureClient(), link_in(mail))
    gone.refresh_from_db()
    assert staff.state_of(gone) == "active"


def test_the_list_names_everybody_in_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    client, campaign = lead(), make_campaign(title="Rivers")

    def add():
        user = make_staff(roles.RESEARCHER, campaign, first_name="Leila", last_name="Haddad")
        make_approach(campaign, assigned=user)

    add()
    client.get("/admin/staff/")
    with CaptureQueriesContext(connection) as one:
        page = client.get("/admin/staff/").content.decode()
    assert "Leila Haddad" in page and "Rivers" in page and "Researcher" in page
    add(), add()
    with django_assert_num_queries(len(one)):
        client.get("/admin/staff/")


def test_a_team_is_changed_by_leads_and_seen_by_its_members():
    campaign = make_campaign()
    member, other = make_staff(roles.RESEARCHER, campaign), make_staff(roles.RESEARCHER, first_name="Omar")
    address = f"/admin/campaigns/campaign/{campaign.pk}/team/"
    mine = signed_in(member)
    page = mine.get(address).content.decode()
    assert "Researcher" in page and "Take off the team" not in page
    assert mine.post(address, {"person": other.pk}).status_code == 403
    client = lead()
    page = client.get(address).content.decode()
    assert "Omar (Researcher)" in page
    page = client.post(address, {"person": other.pk}, follow=True)
    assert problems(page) == ["Omar works on this campaign now."]
    member = Membership.objects.get(campaign=campaign, user=other)
    client.post(address, {"remove": member.pk})
    assert not Membership.objects.filter(user=other).exists()
    assert LogEntry.objects.count() == 2


def test_the_campaigns_page_offers_people_by_name_and_role():
    campaign = make_campaign()
    make_staff(roles.REVIEWER, campaign, first_name="Leila", last_name="Haddad")
    page = lead().get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert "Leila Haddad (Reviewer)" in page
    assert f"/admin/campaigns/campaign/{campaign.pk}/team/" in page
