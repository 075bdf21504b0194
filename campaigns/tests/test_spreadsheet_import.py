from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from campaigns.models import Approach, SpreadsheetImport
from campaigns.spreadsheet import accepting, staging, undo
from campaigns.spreadsheet.checking import Check
from campaigns.spreadsheet.duplicates import Names
from campaigns.spreadsheet.reading import Table
from companies.models import Alias, Company, Contact, Sector
from companies.names import fold

from .make import NOW, invite, make_approach, make_campaign, make_company, make_contact, make_user

pytestmark = pytest.mark.django_db
HEADS = [
    "Company",
    "Headquarters",
    "Sector",
    "Contact",
    "E-mail",
    "Copy to",
    "Escalation",
    "Language",
    "Deadline",
    "Note",
]


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def lead():
    return make_user(is_superuser=True, is_staff=True)


def row(company, country="", sector="", name="", email="", cc="", esc="", language="", deadline="", note=""):
    return [company, country, sector, name, email, cc, esc, language, deadline, note]


def stage(campaign, by, *rows):
    return staging.stage(campaign, Table([HEADS, *rows]), "list.xlsx", by, NOW)


def accept(sheet, by, **options):
    options = {"may_many": True, **options}
    return accepting.accept(sheet.pk, by, NOW, Check(sheet, by).digest, **options)


def findings(check):
    return [(line.number, one.column, one.found, one.said) for line in check.lines for one in line.findings]


def test_good_rows_become_planned_approaches_with_their_contacts(campaign, lead):
    sheet = stage(
        campaign, lead,
        row("Airbus", "Alemanha", "Arms; Space", "Jane Doe", "Jane <jane@airbus.example>", "cc@airbus.example",
            "boss@airbus.example", "francês", "2026-04-20", "=secret"),
        row("AIRBUS", name="John Roe", email="john@airbus.example"),
        row("شركة الحدود", "مصر", email="a@hudud.example", language="العربية"),
    )  # fmt: skip
    accept(sheet, lead)
    airbus, border = campaign.approaches.all()
    assert (airbus.listed_as, airbus.reach, airbus.deadline, airbus.note) == (
        "Airbus",
        "planned",
        date(2026, 4, 20),
        "=secret",
    )
    assert [airbus.company.headquarters.code, border.company.headquarters.code] == ["DE", "EG"]
    assert sorted(airbus.company.sectors.values_list("name", flat=True)) == ["Arms", "Space"]
    chosen = {(one.use, one.contact.email, one.contact.name, one.contact.language) for one in airbus.chosen.all()}
    assert chosen == {
        ("to", "jane@airbus.example", "Jane Doe", "fr"), ("to", "john@airbus.example", "John Roe", ""),
        ("cc", "cc@airbus.example", "", "fr"), ("esc", "boss@airbus.example", "", "fr"),
    }  # fmt: skip
    sheet.refresh_from_db()
    assert (sheet.rows, sheet.choices, sheet.columns) == ([], {}, []) and "airbus.example" not in str(sheet.created)


def test_bad_rows_are_named_by_row_column_found_and_remedy_and_left_out(campaign, lead):
    rows = [row(f"Company {name}", email=f"{name}@x{name}.example") for name in "abcdefghijklmnopqrstu"]
    rows[4:4] = [row("One", email="info@"), row("Two", "Atlantis"), row("Three", deadline="2026-05-31")]
    check = Check(stage(campaign, lead, *rows), lead)
    assert findings(check)[:1] + [one for one in findings(check) if one[0] > 6 and one[1] != "email"] == [
        (6, "email", "info@", "It is not complete. Write an address like press@company.com."),
        (7, "headquarters", "Atlantis", "Write a country like FR or France."),
        (8, "deadline", "2026-05-31", "The campaign closes before, on 2026-04-30."),
    ]
    assert (len(check.writes), check.left_out) == (21, 3)


def test_the_same_table_again_changes_nothing(campaign, lead):
    make_company("Thales Group")
    rows = [
        row("Airbus", "FR", "Arms", "Jane", "jane@airbus.example", "cc@airbus.example", note="x"),
        row("Airbus", name="No Address"),
        row("Thales", email="t@thales.example"),
    ]
    sheet = stage(campaign, lead, *rows)
    sheet.choices = {"4": f"same:c{Company.objects.get().pk}"}
    sheet.save()
    accept(sheet, lead)
    assert Alias.objects.get().name == "Thales"
    check = Check(stage(campaign, lead, *rows), lead)
    assert (dict(check.companies), check.writes, check.left_out) == ({"unchanged": 2}, [], 0)


def test_what_is_known_is_kept_and_only_what_is_empty_is_filled(campaign, lead):
    company = make_company("Airbus", headquarters="NL")
    contact = make_contact(company, email="Jane@airbus.example", name="Jane Doe", role="")
    approach = make_approach(campaign, company, contact=False, note="ours")
    sheet = stage(
        campaign, lead, row("airbus", "FR", "Arms", "J. D.", "jane@AIRBUS.example", language="fr", note="theirs")
    )
    said = {(one[1], one[3]) for one in findings(Check(sheet, lead))}
    assert said == {
        ("headquarters", "“NL” is known and stays."), ("note", "“ours” is known and stays."),
        ("name", "Something else is known of this contact, and stays."),
        ("language", "Something else is known of this contact, and stays."),
    }  # fmt: skip
    accept(sheet, lead)
    contact.refresh_from_db(), approach.refresh_from_db(), company.refresh_from_db()
    assert (contact.name, contact.language, approach.note, company.headquarters) == ("Jane Doe", "en", "ours", "NL")
    assert approach.chosen.get().contact == contact and company.sectors.get().name == "Arms"
    undo.take_back(sheet.pk, NOW)
    assert Approach.objects.get() == approach and not approach.chosen.exists() and not Sector.objects.exists()


@pytest.mark.parametrize(
    ("name", "is_alike"),
    [
        ("Airbus SE", True), ("Air Bus", True), ("Airbsu", False), ("Airbuss", True), ("Airbus Defence", True),
        ("Airwick", False), ("Company 12", False), ("IAI", True), ("Elman", True), ("Soverign Global", True),
    ],
)  # fmt: skip
def test_names_that_are_nearly_the_same_are_found(name, is_alike):
    names = Names()
    known = (
        "Airbus",
        "Company 11",
        "Israel Aerospace Industries",
        "Elettronica Mangione (Elman)",
        "Sovereign Global Ltd",
    )
    for one in known:
        names.add(one, one)
    assert bool(names.alike(name)) == is_alike


@pytest.mark.parametrize(
    ("choice", "companies", "spelling"),
    [("", 1, None), ("skip", 1, None), ("new", 2, "Airbus SE"), ("same", 1, "Airbus SE")],
)
def test_a_company_that_looks_alike_waits_for_a_choice(campaign, lead, choice, companies, spelling):
    known = make_company("Airbus")
    sheet = stage(campaign, lead, row("Airbus SE", email="a@airbus.example"))
    check = Check(sheet, lead)
    assert check.lines[0].asked.candidates == [(f"c{known.pk}", "Airbus")] and check.left_out == 1
    sheet.choices = {"2": f"same:c{known.pk}" if choice == "same" else choice}
    sheet.save()
    accept(sheet, lead)
    assert Company.objects.count() == companies
    assert list(campaign.approaches.values_list("listed_as", flat=True)) == ([spelling] if spelling else [])
    assert known.aliases.exists() == (choice == "same")


def test_two_rows_of_the_table_that_look_alike_can_be_one_company(campaign, lead):
    sheet = stage(
        campaign, lead, row("Elbit Systems", email="a@x.example"), row("Elbit Systems Ltd", email="b@x.example")
    )
    sheet.choices = {"3": "same:r2"}
    sheet.save()
    accept(sheet, lead)
    assert Company.objects.get().aliases.get().name == "Elbit Systems Ltd" and Contact.objects.count() == 2


def test_an_address_at_two_companies_is_a_warning(campaign, lead):
    make_contact(make_company("Known"), email="press@pr.example")
    check = Check(
        stage(campaign, lead, row("One", email="PRESS@pr.example"), row("Two", email="press@pr.example")), lead
    )
    assert [one[3] for one in findings(check)] == [
        "The address belongs to Two, Known too.", "The address belongs to One, Known too.",
    ]  # fmt: skip
    assert check.left_out == 0


def test_an_alias_of_another_company_is_a_problem(campaign, lead):
    make_company("Airbus")
    sheet = staging.stage(campaign, Table([["Company", "Aliases"], ["Boeing", "AIRBUS"]]), "", lead, NOW)
    assert findings(Check(sheet, lead)) == [(2, "aliases", "AIRBUS", "AIRBUS is a name of Airbus.")]


def test_what_changed_since_it_was_shown_is_not_imported(campaign, lead):
    sheet = stage(campaign, lead, row("Airbus", email="a@airbus.example"))
    shown = Check(sheet, lead).digest
    make_company("Airbus")
    with pytest.raises(accepting.Changed):
        accepting.accept(sheet.pk, lead, NOW, shown, may_many=True)
    accept(sheet, lead)
    with pytest.raises(ValidationError, match="already"):
        accept(sheet, lead)
    assert campaign.approaches.count() == 1


def test_many_companies_need_a_campaign_lead(campaign, lead, monkeypatch):
    monkeypatch.setattr(accepting, "MOST_COMPANIES", 1)
    sheet = stage(campaign, lead, row("Airbus"), row("Boeing"))
    with pytest.raises(ValidationError, match="campaign lead"):
        accept(sheet, lead, may_many=False)
    accept(sheet, lead, may_many=True)


def test_taking_back_deletes_what_nobody_used_and_says_what_stays(campaign, lead):
    sheet = stage(
        campaign, lead, row("Airbus", "FR", "Arms", "Jane", "jane@airbus.example"),
        row("Boeing", email="b@boeing.example"), row("Cisco", email="c@cisco.example"),
    )  # fmt: skip
    accept(sheet, lead)
    invite(campaign.approaches.get(listed_as="Boeing"))
    make_approach(make_campaign(), Company.objects.get(name="Cisco"), contact=False)
    report = undo.take_back(sheet.pk, NOW).report
    assert [name for name, _why in report["stays"]] == ["Boeing", "Cisco"] and report["gone"] == 2
    assert sorted(Company.objects.values_list("name", flat=True)) == ["Boeing", "Cisco"]
    assert [one.email for one in Contact.objects.all()] == ["b@boeing.example"] and not Sector.objects.exists()
    with pytest.raises(ValidationError):
        undo.take_back(sheet.pk, NOW)


def test_what_nobody_imports_is_deleted_after_a_week(campaign, lead):
    old, kept = stage(campaign, lead, row("Airbus")), stage(campaign, lead, row("Boeing"))
    done = accept(stage(campaign, lead, row("Cisco")), lead)
    SpreadsheetImport.objects.filter(pk__in=[old.pk, done.pk]).update(made_at=NOW - timedelta(days=8))
    assert staging.delete_old(NOW) == 1
    assert set(SpreadsheetImport.objects.values_list("pk", flat=True)) == {kept.pk, done.pk}


def test_a_contact_that_is_erased_leaves_no_copy_in_a_staged_table(campaign, lead):
    contact = make_contact(make_company(), name="Jane Doe", email="jane@airbus.example")
    heads = [*HEADS[:5], "whatever", "Note"]
    rows = [
        ["Airbus", "FR", "", "Jane D.", "JANE@airbus.example", "jane's mobile", "talk to Jane"],
        ["Boeing", "", "", "jane doe", "", "", "x"],
        ["Cisco", "", "", "Joe", "joe@cisco.example", "", "kept"],
    ]
    sheet = staging.stage(campaign, Table([heads, *rows]), "", lead, NOW)
    staging.forget(contact)
    sheet.refresh_from_db()
    assert sheet.rows[1:] == [["Airbus", "FR", "", "", "", "", ""], ["Boeing", "", "", "", "", "", ""], rows[2]]


def test_ten_thousand_names_that_come_to_the_same_address_get_one_each(campaign, lead):
    make_company("Known", slug="company")
    sheet = stage(campaign, lead, *(row(f"شركة {'ا' * number}") for number in (1, 20, 40)))
    sheet.choices = {str(number): "new" for number in range(2, 5)}
    sheet.save()
    accept(sheet, lead)
    slugs = Company.objects.exclude(name="Known").values_list("slug", flat=True)
    assert set(slugs) == {"company-2", "company-3", "company-4"} and fold("شركة ا") in Company.objects.values_list(
        "folded", flat=True
    )
