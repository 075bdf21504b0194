"""The second and the third reminder have words of their own where somebody wrote them, else those of the first."""

from datetime import UTC, datetime

import pytest

from campaigns.models import Campaign
from campaigns.tests.make import NOW, invite, make_approach
from correspondence import control, outbox, preflight, reminders
from correspondence.letters import Letters
from correspondence.models import Message

from .desk import freeze, make_desk, text_of
from .fakes import FakeRelay
from .make import make_step, make_wording

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    freeze(monkeypatch)
    control.row()


def wordings_of(campaign, more=""):
    return f"/admin/campaigns/campaign/{campaign.pk}/wordings/{more}"


def test_a_later_reminder_reads_as_the_first_until_it_has_words_of_its_own():
    campaign, [approach], _client = make_desk(1)
    contact = approach.chosen.get().contact
    said = lambda kind: Letters(campaign).wording(kind, contact)[0].subject
    assert said("reminder_2") == said("reminder_3") == said("reminder") == "Questions to {company}"
    make_wording(campaign, "reminder_2", subject="Once more")
    assert said("reminder_2") == "Once more" and said("reminder_3") == said("reminder") == "Questions to {company}"
    make_wording(campaign, "reminder", language="pt", subject="Outra vez")
    contact.language = "pt"
    assert said("reminder_2") == "Outra vez"  # the language of the reader comes first


def test_the_second_reminder_leaves_with_its_own_words_and_counts_as_a_reminder():
    campaign, _approaches, _client = make_desk(0, reminders_leave=Campaign.ReminderMode.AUTOMATIC)
    make_wording(campaign, "reminder_2", subject="Once more, {company}")
    make_step(campaign, 14, wording="reminder_2")
    approach = invite(make_approach(campaign), now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    due = datetime(2026, 3, 16, 9, tzinfo=UTC)
    reminders.plan(due)
    mail = Message.objects.get()
    assert (mail.kind, mail.subject) == ("reminder_2", f"Once more, {approach.listed_as}")
    assert dict(outbox.sweep(due, way_out=FakeRelay())) == {"sent": 1}
    assert approach.events.filter(kind="reminded", attempt=mail.pk).exists()


def test_the_pages_say_that_it_reads_as_the_first_and_begin_with_its_words():
    campaign, _approaches, client = make_desk(1)
    make_step(campaign, 3, wording="reminder_3")
    text = text_of(client.get(wordings_of(campaign)))
    assert "Third reminder as the first reminder" in text
    campaign.wordings.filter(kind="reminder").update(subject="Our own words")
    assert 'value="Our own words"' in client.get(wordings_of(campaign, "reminder_3/en/")).content.decode()
    steps = text_of(client.get(f"/admin/campaigns/campaign/{campaign.pk}/reminders/"))
    assert "Third reminder" in steps and "no such wording" not in steps
    assert not any("no wording of the step" in one.sentence for one in preflight.obstacles(campaign, NOW))
    campaign.wordings.filter(kind="reminder").delete()
    assert "no such wording" in text_of(client.get(f"/admin/campaigns/campaign/{campaign.pk}/reminders/"))
