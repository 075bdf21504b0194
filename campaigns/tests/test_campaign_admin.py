from datetime import date, time, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from campaigns import roles
from campaigns.models import ReminderStep

from .make import NOW, make_campaign, make_invited
from .staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
GUARDED = {
    "paused_at": "send_mail",
    "reminders_leave": "send_mail",
    "daily_cap": "send_mail",
    "window_from": "send_mail",
    "closes_on": "close_campaign",
    "closes_by_itself": "close_campaign",
    "slug": "publish_campaign",
    "time_zone": "publish_campaign",
    "counts_as_response": "publish_campaign",
}


def form_of(page):
    return set(page.context["adminform"].form.fields)


@pytest.mark.parametrize(("field", "act"), GUARDED.items())
def test_what_has_consequences_takes_the_permission_for_them(field, act):
    campaign = make_campaign()
    person = make_staff(roles.RESEARCHER, campaign)
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    assert field not in form_of(signed_in(person).get(address))
    person.user_permissions.add(Permission.objects.get(codename=act))
    fields = form_of(signed_in(person).get(address))
    assert field in fields and not {"published_on", "closed_at", "withdrawn_at"} & fields


def fields_of(page):
    """What a browser would send back unchanged."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset]
    form = {one.add_prefix(name): one[name].value() for one in forms for name in one.fields}
    return {name: value for name, value in form.items() if value not in (None, [])}


def test_a_lead_sets_the_hours_and_the_limit_of_a_day_and_what_is_planned_moves():
    campaign = make_campaign(deadline=None)
    ReminderStep.objects.create(campaign=campaign, anchor="after_invitation", days=28)
    approach = make_invited(campaign)
    before = approach.remind_at
    client = signed_in(make_staff(roles.LEAD))
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    form = fields_of(client.get(address)) | {"paused_at_0": "", "paused_at_1": ""}
    wrong = client.post(address, form | {"daily_cap": "0", "window_from": "18:00"}).content.decode()
    assert "The hours must end after they begin." in wrong and "to send nothing, pause the campaign" in wrong
    answer = client.post(address, form | {"daily_cap": "40", "window_from": "10:30", "window_until": "16:00"})
    assert answer.status_code == 302, answer.context["errors"]
    campaign.refresh_from_db()
    approach.refresh_from_db()
    assert (campaign.daily_cap, campaign.window_from) == (40, time(10, 30))
    assert approach.remind_at - before == timedelta(hours=1, minutes=30)


def test_a_researcher_saves_the_page_and_changes_none_of_that():
    campaign = make_campaign(paused_at=NOW)
    client = signed_in(make_staff(roles.RESEARCHER, campaign))
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    form = fields_of(client.get(address))
    form |= {
        "paused_at_0": "",
        "paused_at_1": "",
        "closes_on": "2026-03-21",
        "slug": "moved",
        "time_zone": "Asia/Tokyo",
    }
    form |= {"title": "Another title", "published_on": "2026-01-01", "reminders_leave": "automatic", "daily_cap": "5"}
    answer = client.post(address, form)
    assert answer.status_code == 302, answer.context["errors"]
    before = (campaign.slug, campaign.time_zone, NOW, date(2026, 4, 30), date(2026, 3, 10), "approved")
    campaign.refresh_from_db()
    after = (campaign.slug, campaign.time_zone, campaign.paused_at, campaign.closes_on, campaign.published_on)
    assert campaign.daily_cap is None
    assert campaign.title == "Another title" and (*after, campaign.reminders_leave) == before


def test_whoever_may_add_a_campaign_gives_it_an_address():
    person = make_staff()
    person.user_permissions.add(*Permission.objects.filter(codename__in=["add_campaign", "view_campaign"]))
    fields = form_of(signed_in(person).get(reverse("admin:campaigns_campaign_add")))
    assert {"slug", "time_zone"} <= fields and "paused_at" not in fields
