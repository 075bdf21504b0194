"""Staff pages ask the database as often for three rows as for one: every list and every change page that there is."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.tests.staff import make_staff, signed_in

from .full import fill

pytestmark = pytest.mark.django_db


def addresses():
    """Return the list of every registered model, and the change page of its newest row."""
    found = []
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        newest = model.objects.order_by("-pk").first()
        assert newest, f"{model._meta.label}: full.py makes none"
        found.append((f"{model._meta.label} list", reverse(f"{place}_changelist")))
        found.append((f"{model._meta.label} page", reverse(f"{place}_change", args=[newest.pk])))
    return found


def forms_of_queries(client, address):
    """Return {a query up to its conditions: how often a page asks it}; the first visit fills what Django keeps."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    asked = [re.sub(r"_django_curs_\w+", "", query["sql"]).split("WHERE")[0][:300] for query in queries]
    return {form: asked.count(form) for form in asked}


def test_lists_and_change_pages_ask_as_often_for_three_rows_as_for_one():
    client = signed_in(make_staff(is_superuser=True))
    fill(1)
    one = {name: forms_of_queries(client, address) for name, address in addresses()}
    fill(3, start=1)
    three = {name: forms_of_queries(client, address) for name, address in addresses()}
    more = {
        name: {form: (one[name].get(form, 0), count) for form, count in asked.items() if count > one[name].get(form, 0)}
        for name, asked in three.items()
    }
    assert {name: grown for name, grown in more.items() if grown} == {}
