from datetime import date

import pytest
from django import forms
from django.urls import reverse

from campaigns import days, roles
from campaigns.forms import DayField
from campaigns.models import Approach, ReminderStep

from .make import make_approach, make_campaign, make_invited
from .staff import make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "on"), [("2022", date(2022, 12, 31)), ("2022-07", date(2022, 7, 31)), (" 2022-07-14 ", date(2022, 7, 14))]
)
def test_a_day_is_as_exact_as_it_is_typed(text, on):
    assert DayField().clean(text) == days.Day(on, text.strip())


@pytest.mark.parametrize("text", ["2022-13", "2022-02-30", "14 July", "22-07-14", "2022-7-1", "0000"])
def test_what_is_no_day_of_the_calendar_is_refused(text):
    with pytest.raises(forms.ValidationError, match="The date must be real"):
        DayField().clean(text)


@pytest.fixture
def approach():
    return make_invited(note="First note", remark="")


@pytest.fixture
def client(approach):
    return signed_in(make_staff(roles.RESEARCHER, approach.campaign))


def page_of(approach):
    return reverse("admin:campaigns_approach_change", args=[approach.pk])


def posted(page, **changes):
    """Return what a browser would send back for a change page, with `changes`."""
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for inline in page.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {f"{formset.prefix}-TOTAL_FORMS": formset.initial_form_count()}
        data |= {f"{formset.prefix}-INITIAL_FORMS": formset.initial_form_count()}
        for one in formset.initial_forms:
            data |= {one.add_prefix(name): one[name].value() for name in one.fields}
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_an_edit_of_what_was_seen_is_saved(client, approach):
    page = client.get(page_of(approach))
    assert client.post(page_of(approach), posted(page, note="Second note")).status_code == 302
    approach.refresh_from_db()
    assert approach.note == "Second note"


def test_the_page_carries_the_version_that_it_shows(client, approach):
    assert 'type="hidden" name="version"' in client.get(page_of(approach)).content.decode()
    campaign = reverse("admin:campaigns_campaign_change", args=[approach.campaign_id])
    assert 'type="hidden" name="version"' in client.get(campaign).content.decode()


def test_a_stale_form_is_refused_with_both_versions_and_then_decided(client, approach):
    page = client.get(page_of(approach))
    Approach.objects.filter(pk=approach.pk).update(note="Somebody else's note")
    refused = client.post(page_of(approach), posted(page, note="My note"))
    text = refused.content.decode()
    assert "copy what you need and save again" in text
    assert "Somebody else&#x27;s note" in text
    assert "My note" in text
    approach.refresh_from_db()
    assert approach.note == "Somebody else's note"
    assert client.post(page_of(approach), posted(refused, note="Both notes")).status_code == 302
    approach.refresh_from_db()
    assert approach.note == "Both notes"


def test_who_changed_it_is_named(client, approach):
    page = client.get(page_of(approach))
    omar = make_staff(roles.RESEARCHER, approach.campaign, username="omar")
    theirs = signed_in(omar)
    theirs.post(page_of(approach), posted(theirs.get(page_of(approach)), note="Omar's note"))
    text = client.post(page_of(approach), posted(page, note="My note")).content.decode()
    assert "omar changed this at" in text


def test_a_reminder_that_left_meanwhile_is_no_conflict(client, approach):
    page = client.get(page_of(approach))
    Approach.objects.get(pk=approach.pk).save()  # touches edited_at, and nothing that the form shows
    assert client.post(page_of(approach), posted(page, note="My note")).status_code == 302


def test_a_status_is_not_typed(client, approach):
    page = client.get(page_of(approach))
    client.post(page_of(approach), posted(page, reach="unreached", reply="responded", note="x"))
    approach.refresh_from_db()
    assert (approach.reach, approach.reply) == ("invited", "none")


def test_a_days_exactness_survives_an_edit_of_something_else(client, approach):
    Approach.objects.filter(pk=approach.pk).update(asked_on=date(2026, 3, 31), asked_stated="2026-03")
    page = client.get(page_of(approach))
    client.post(page_of(approach), posted(page, note="x"))
    approach.refresh_from_db()
    assert (approach.asked_on, approach.asked_stated) == (date(2026, 3, 31), "2026-03")


def test_more_time_typed_into_the_form_is_logged(client, approach):
    page = client.get(page_of(approach))
    client.post(page_of(approach), posted(page, deadline="2026-04-10"))
    assert approach.events.filter(kind="extended").count() == 1


def test_an_own_deadline_after_the_close_is_refused(client, approach):
    page = client.get(page_of(approach))
    text = client.post(page_of(approach), posted(page, deadline="2026-05-10")).content.decode()
    assert "Move its closing date first" in text


def test_private_and_public_texts_stand_apart(client, approach):
    page = client.get(page_of(approach))
    groups = {name: set(options["fields"]) for name, options in page.context["adminform"].fieldsets if name}
    groups = {str(name): fields for name, fields in groups.items()}
    assert "remark" in groups["Everybody can read this"]
    assert "note" in groups["Only the team can read this"]


def test_a_reminder_that_was_made_is_retired_not_changed():
    campaign = make_campaign()
    step = ReminderStep.objects.create(campaign=campaign, anchor="after_invitation", days=7)
    approach = make_approach(campaign)
    approach.messages.create(step=step.key, message_id="x", created_at=approach.added_at)
    client = signed_in(make_staff(roles.LEAD))
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = client.get(address)
    refused = client.post(address, posted(page, **{"steps-0-days": 9})).content.decode()
    assert "Mail of this reminder was made. Retire it, and add another." in refused
    assert client.post(address, posted(page, **{"steps-0-retired": "on"})).status_code == 302
    step.refresh_from_db()
    assert step.retired_at
