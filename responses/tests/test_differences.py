import pytest
from django.contrib.admin.models import LogEntry

from campaigns import nightly, roles
from campaigns.models import Approach
from campaigns.tests.make import NOW, make_campaign, make_company, make_invited
from campaigns.tests.staff import make_staff, signed_in
from correspondence.tests.desk import freeze, text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/records/differences/"


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)


def test_a_lead_sees_the_differences_in_my_work_and_mends_them():
    client = signed_in(make_staff(roles.LEAD))
    approach = make_invited(make_campaign(), company=make_company("Airbus"))
    Approach.objects.update(reach="planned", remind_at=None, next_step="")
    nightly.check(NOW)
    assert "1 stored status differs from the record" in text_of(client.get("/admin/"))
    text = text_of(client.get(PAGE))
    assert "Airbus" in text and "Planned, Nothing yet" in text and "Invited, Nothing yet" in text
    text = text_of(client.post(PAGE, follow=True))
    approach.refresh_from_db()
    assert approach.reach == "invited" and "1 status is mended" in text
    assert LogEntry.objects.get().object_id == str(approach.pk)
    assert "differs from the record" not in text_of(client.get("/admin/"))


def test_researchers_are_not_bothered_with_them():
    client = signed_in(make_staff(roles.RESEARCHER, make_campaign()))
    make_invited()
    Approach.objects.update(reach="planned", remind_at=None, next_step="")
    nightly.check(NOW)
    assert "differs" not in text_of(client.get("/admin/"))
    assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403
