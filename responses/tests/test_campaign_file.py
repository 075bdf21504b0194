"""Campaign files as a user has them: every demo file keeps its figures and its content through import and export."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from campaigns import status
from campaigns.figures import figures
from campaigns.models import Approach, Campaign, Event
from campaigns.status import Reply
from companies.models import Alias, Company
from correspondence.models import Message
from responses.campaign_file.exporting import document_of, export
from responses.campaign_file.importing import import_file, import_tree
from responses.campaign_file.public import public_export
from responses.campaign_file.replace import remove_untouched
from responses.models import Passage

FILES = Path(__file__).parents[2] / "outreach" / "demo_campaigns"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def tree(**values):
    return {
        "format": "outreach-campaign/1",
        "slug": "tests",
        "language": "en",
        "title": "A test",
        "kind": "survey",
        "asked_on": "2026-03-02",
        "closed_on": "2026-04-01",
        "published_on": "2026-04-02",
        "questions": [{"number": "1", "text": "What?", "children": [{"number": "1.a", "text": "And where?"}]}],
    } | values


def imported(now=NOW, **values):
    outcome = import_tree(tree(**values), now=now)
    assert outcome.done == "imported", outcome.faults
    return Campaign.objects.get(slug="tests")


def faults(**values):
    outcome = import_tree(tree(**values), now=NOW)
    assert outcome.done == "refused" and not Campaign.objects.exists()
    return outcome.faults


EVERYTHING = Path(__file__).with_name("everything.yaml")


def scalars(value):
    if isinstance(value, dict | list):
        return set().union(*map(scalars, value.values() if isinstance(value, dict) else value))
    return {value.strip()} - {""}


@pytest.mark.parametrize("path", [EVERYTHING, *sorted(FILES.glob("*.yaml"))], ids=lambda path: path.stem)
def test_a_file_comes_out_as_it_went_in(path, tmp_path):
    assert import_file(str(path), now=NOW).done == "imported"
    campaign = Campaign.objects.get()
    first = export(campaign, NOW, contacts=True)
    assert scalars(yaml.load(path.read_text(), yaml.BaseLoader)) <= scalars(yaml.load(first, yaml.BaseLoader))
    (tmp_path / "again.yaml").write_text(first)
    assert import_file(str(tmp_path / "again.yaml"), now=NOW).done == "unchanged"
    remove_untouched(campaign)
    assert import_file(str(tmp_path / "again.yaml"), now=NOW).done == "imported"
    assert export(Campaign.objects.get(), NOW, contacts=True) == first


def test_the_mena_survey_has_its_known_figures():
    import_file(str(FILES / "mena-surveillance-2022.yaml"), now=NOW)
    found = figures(Campaign.objects.get())
    assert (found.approached, found.responded, str(found.rate_percent)) == (24, 5, "20.8")
    assert figures(Campaign.objects.get(), date(2022, 7, 30)).approached == 0


def test_an_import_closes_only_when_the_day_is_over():
    campaign = imported(now=datetime(2026, 4, 1, 23, 59, tzinfo=UTC), published_on=None, companies=[{"name": "Alder"}])
    assert campaign.closed_at is None and campaign.approaches.get().reply == Reply.NONE


def test_a_late_reply_was_silent_before():
    campaign = imported(companies=[{"name": "Alder", "reply": "responded", "replied_on": "2026-05-01"}])
    assert figures(campaign, date(2026, 4, 30)).by_reply == {Reply.SILENT: 1}
    assert figures(campaign).by_reply == {Reply.RESPONDED: 1}


def test_nobody_is_silent_whom_nothing_reached():
    returned = {"on": "2026-03-02", "kind": "invited", "result": "returned"}
    history = [{"on": "2026-03-02", "kind": "invited", "result": "accepted"}, {"on": "2026-03-03", "kind": "returned"}]
    campaign = imported(companies=[{"name": "Alder", "history": history}, {"name": "Birch", "history": [returned]}])
    assert [a.reply for a in campaign.approaches.all()] == [Reply.NONE, Reply.SILENT]


def test_a_reply_without_a_day_takes_that_of_its_response_else_the_close():
    responded = {"reply": "responded", "responses": [{"received_on": "2026-03-20", "text": "Yes."}]}
    campaign = imported(companies=[{"name": "Alder", **responded}, {"name": "Birch", "reply": "responded"}])
    days = [(a.reply_on, a.reply_stated) for a in campaign.approaches.all()]
    assert days == [(date(2026, 3, 20), "2026-03-20"), (date(2026, 4, 1), "")]


def test_history_survives_the_round_trip():
    history = [
        {"on": "2026-03-02", "kind": "invited", "channel": "post", "result": "accepted", "remark": "By courier."},
        {"on": "2026-03-10", "kind": "reminded", "channel": "email", "result": "accepted"},
        {"on": "2026-03-12", "kind": "moved", "reply": "acknowledged"},
    ]
    company = {"name": "Alder", "reply": "responded", "replied_on": "2026-03-20", "history": history}
    campaign = imported(companies=[company])
    [said] = yaml.load(export(campaign, NOW), yaml.BaseLoader)["companies"]
    assert said["history"] == history
    assert figures(campaign, date(2026, 3, 15)).by_reply == {Reply.ACKNOWLEDGED: 1}


def test_a_company_that_was_reached_again_keeps_its_moves():
    history = [
        {"on": "2026-03-05", "kind": "moved", "reach": "unreached"},
        {"on": "2026-03-09", "kind": "invited", "result": "accepted"},
    ]
    campaign = imported(companies=[{"name": "Alder", "history": history}])
    assert [figures(campaign, date(2026, 3, day)).approached for day in (2, 6, 9)] == [1, 0, 1]
    [said] = yaml.load(export(campaign, NOW), yaml.BaseLoader)["companies"]
    assert said["history"] == history


def test_every_fault_is_named_with_its_place_and_nothing_is_written():
    said = faults(
        asked_on="2026-02-30",
        counts_as_response=["responded", "polite"],
        companies=[
            {"name": "Alder", "replyed_on": "2026-03-03"},
            {"name": "ALDER"},
            {"name": "Birch", "reach": "planned", "reply": "responded"},
            {"name": "Cedar", "replied_on": "2027-01-01", "reply": "responded"},
            {"name": "Dogwood", "contacts": [{"email": "info@"}], "headquarters": "XX"},
            {"name": "Elm", "deadline": "2026-05-01"},
        ],
    )
    text = "\n".join(said)
    places = (
        "asked_on:|counts_as_response[1]:|companies[0].replyed_on:|did you mean replied_on?|companies[1].name:|"
        "companies[2].reply:|companies[3].replied_on:|companies[4].contacts[0].email:|companies[4].headquarters:|"
        "companies[5].deadline:"
    )
    for place in places.split("|"):
        assert place in text
    assert not Company.objects.exists()


@pytest.mark.parametrize(
    ("sending", "said"),
    [
        ({"from": "9 o'clock"}, 'sending.from: "9 o\'clock" is not a time like 09:00'),
        ({"from": "18:00"}, "sending.until: 17:00 must be later than 18:00"),
        ({"daily_cap": "0"}, "sending.daily_cap: must be at least 1; left out: no limit"),
    ],
)
def test_hours_that_cannot_be_are_faults(sending, said):
    assert faults(sending=sending) == [said]


def test_what_is_said_of_sending_is_kept_and_shown_to_nobody():
    contacts = [{"email": "a@b.example"}, {"email": "boss@b.example", "use": "escalation"}]
    steps = [{"after_invitation": "14", "escalate": "yes"}, {"after_invitation": "21"}]
    company = {"name": "Alder", "contacts": contacts}
    campaign = imported(companies=[company], reminders=steps, sending={"until": "15:30"})
    assert list(campaign.approaches.get().chosen.values_list("use", flat=True)) == ["to", "esc"]
    written = yaml.load(export(campaign, NOW, contacts=True), yaml.BaseLoader)
    assert (written["sending"], written["reminders"]) == ({"until": "15:30"}, steps)
    assert written["companies"][0]["contacts"][1]["use"] == "escalation"
    assert not {"sending", "reminders"} & set(yaml.load(public_export(campaign, NOW), yaml.BaseLoader))


def test_a_name_of_another_company_is_a_fault_only_the_database_shows():
    imported(companies=[{"name": "Alder", "aliases": ["Alder Mills"]}])
    outcome = import_tree(tree(slug="second", companies=[{"name": "Birch", "aliases": ["ALDER mills"]}]), now=NOW)
    assert outcome.faults == ["companies[0].aliases[0]: 'ALDER mills' is a name of Alder, another company"]
    assert not Company.objects.filter(name="Birch").exists()


def test_a_known_company_is_found_by_alias_and_its_facts_stay():
    imported(companies=[{"name": "Alder", "aliases": ["Älder Mills"], "headquarters": "GB"}])
    outcome = import_tree(tree(slug="second", companies=[{"name": "alder mills", "headquarters": "FR"}]), now=NOW)
    assert outcome.done == "imported" and "keeps 'GB'" in outcome.warnings[0]
    approach = Approach.objects.get(campaign__slug="second")
    assert (approach.company.name, approach.listed_as) == ("Alder", "alder mills")


def test_names_that_look_alike_are_a_warning():
    imported(companies=[{"name": "Sovereign Global Solutions Ltd"}])
    outcome = import_tree(tree(slug="second", companies=[{"name": "Soverign Global Solutions"}]), now=NOW)
    assert outcome.warnings == [
        "companies[0].name: 'Soverign Global Solutions' looks like 'Sovereign Global Solutions Ltd'"
    ]


def test_a_slug_that_exists_is_refused_unless_it_says_the_same():
    imported(companies=[{"name": "Alder"}])
    assert import_tree(tree(companies=[{"name": "Alder"}]), now=NOW).done == "unchanged"
    assert import_tree(tree(companies=[{"name": "Birch"}]), now=NOW).done == "refused"
    assert import_tree(tree(companies=[{"name": "Birch"}]), now=NOW, replace=True).done == "replaced"
    assert [a.listed_as for a in Approach.objects.all()] == ["Birch"]


def test_a_campaign_with_something_taken_back_is_replaced():
    approach = imported(companies=[{"name": "Alder"}]).approaches.get()
    call = approach.events.create(kind="contacted", on=NOW, at=NOW)
    approach.events.create(kind="retracted", retracts=call, on=NOW, at=NOW)
    assert import_tree(tree(companies=[{"name": "Birch"}]), now=NOW, replace=True).done == "replaced"
    assert [one.listed_as for one in Approach.objects.all()] == ["Birch"]


def test_what_a_person_touched_is_not_replaced():
    campaign = imported(companies=[{"name": "Alder"}])
    campaign.approaches.update(note="Ask Leila first.")
    outcome = import_tree(tree(companies=[{"name": "Birch"}]), now=NOW, replace=True)
    assert outcome.faults == ["slug: 'tests' cannot be replaced: somebody wrote a private note"]
    assert campaign.approaches.get().listed_as == "Alder"


def test_an_import_plans_and_sends_nothing():
    import_file(str(FILES / "clean-rivers-demo.yaml"), now=NOW)
    assert not Message.objects.exists() and not Approach.objects.exclude(remind_at=None).exists()


def test_answers_are_anchored_in_the_original_white_space_aside():
    import_file(str(FILES / "clean-rivers-demo.yaml"), now=NOW)
    passages = Passage.objects.select_related("answer__response")
    assert passages.count() == 13
    for passage in passages:
        original = passage.answer.response.text[passage.start : passage.end]
        assert original.split() == passage.answer.text.split()


def test_the_public_file_has_no_contact_no_wording_and_no_unpublished_word():
    import_file(str(FILES / "clean-rivers-demo.yaml"), now=NOW)
    text = public_export(Campaign.objects.get(), NOW)
    assert "Bluevale" in text and "2026-11-20" in text and "Names workers who could be harmed." in text
    for private in (
        "EMBARGOED-CANARY",
        "WITHHELD-CANARY",
        "press@bluevale.example",
        "Priya",
        "desk@openquestions",
        "wording",
    ):
        assert private not in text


def test_export_leaves_contacts_out_unless_asked():
    import_file(str(FILES / "clean-rivers-demo.yaml"), now=NOW)
    assert "press@bluevale.example" not in export(Campaign.objects.get(), NOW)
    assert "press@bluevale.example" in export(Campaign.objects.get(), NOW, contacts=True)


def test_an_open_campaign_stays_open_when_it_moves_house():
    imported(now=datetime(2026, 3, 20, tzinfo=UTC), published_on=None, companies=[{"name": "Alder"}])
    document = document_of(Campaign.objects.get(), datetime(2026, 3, 20, tzinfo=UTC))
    assert document.closed is False


def test_a_replaced_question_keeps_its_old_wording():
    questions = [{"number": "1", "text": "New?", "replaces": {"text": "Old?"}}]
    campaign = imported(questions=questions)
    assert [q.text for q in campaign.questions.current()] == ["New?"]
    assert yaml.load(export(campaign, NOW), yaml.BaseLoader)["questions"] == questions


def test_the_commands_report_and_exit(tmp_path, capsys):
    bad = tmp_path / "bad.yaml"
    bad.write_text("format: outreach-campaign/1\ntitle: *anchor\n")
    good = tmp_path / "good.json"
    good.write_text(json.dumps(tree(companies=[{"name": "Alder"}])))
    with pytest.raises(CommandError):
        call_command("import_campaign", str(bad), str(good))
    assert "bad.yaml: line 2: aliases (*anchor)" in capsys.readouterr().err
    call_command("figures", "tests", "--json")
    assert json.loads(capsys.readouterr().out)["approached"] == 1


def test_a_dry_run_writes_nothing():
    outcome = import_tree(tree(companies=[{"name": "Alder"}]), now=NOW, dry_run=True)
    assert outcome.done == "checked" and not Campaign.objects.exists() and not Alias.objects.exists()


def test_events_of_an_import_have_no_person_and_say_their_source():
    imported(companies=[{"name": "Alder"}])
    assert set(Event.objects.values_list("by", "source")) == {(None, "campaign file")}
    assert status.delivered(list(Event.objects.all()))


def test_visitors_download_the_public_file_of_public_campaigns_only(client):
    import_file(str(FILES / "mena-surveillance-2022.yaml"), now=NOW)
    import_file(str(FILES / "mena-surveillance-2024.yaml"), now=NOW)
    page = client.get("/en/campaigns/mena-surveillance-2022/campaign.yaml", secure=True)
    assert page.headers["Content-Disposition"] == 'attachment; filename="mena-surveillance-2022.yaml"'
    assert len(yaml.load(page.content, yaml.BaseLoader)["companies"]) == 24
    assert client.get("/en/campaigns/mena-surveillance-2024/campaign.yaml", secure=True).status_code == 404


def test_questions_under_a_corrected_heading_are_exported():
    campaign = imported(questions=[{"number": "1", "text": "Old", "children": [{"number": "1.a", "text": "Where?"}]}])
    old = campaign.questions.get(number="1")
    campaign.questions.filter(pk=old.pk).update(replaced_at=NOW)
    campaign.questions.create(number="1", text="New", replaces=old)
    [said] = document_of(campaign, NOW).questions
    assert (said.text, [child.number for child in said.children]) == ({"en": "New"}, ["1.a"])


def test_an_outcome_that_nobody_dated_stays_undated():
    history = [{"kind": "moved", "reply": "declined"}]
    company = {"name": "Alder", "reply": "responded", "replied_on": "2026-05-01", "history": history}
    [said] = yaml.load(export(imported(companies=[company]), NOW), yaml.BaseLoader)["companies"]
    assert said["history"] == history


def test_who_answered_instead_is_exported_also_where_a_person_chose_it():
    campaign = imported(
        companies=[{"name": "Alder", "reply": "answered_by_other", "answered_by": {"company": "Birch"}}]
    )
    campaign.approaches.update(answered_by_name="", answered_by=Company.objects.create(name="Birch", slug="birch"))
    assert document_of(campaign, NOW).companies[0].answered_by == "Birch"
