import pytest

from campaigns import roll
from campaigns.sifting import Sift
from campaigns.texts import Texts

from .make import NOW, make_campaign, make_company, make_invited, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    campaign = make_campaign()
    for name, country in (("Safran", "FR"), ("Élan", "FR"), ("Cisco", "US")):
        make_invited(campaign, company=make_company(name, headquarters=country))
    reply(campaign.approaches.get(listed_as="Cisco"))
    found = roll.rows_of(campaign, Texts.read(campaign, "en"), {}, NOW)
    roll.add_sectors(found, campaign)
    return found


def names(rows, **get):
    return [row.name for row in Sift.read(get, rows).apply(rows)]


def test_responses_come_first_and_then_the_order_of_the_list(rows):
    assert names(rows) == ["Cisco", "Safran", "Élan"]


def test_names_are_found_and_sorted_without_their_marks(rows):
    assert names(rows, q="elan") == ["Élan"]
    assert names(rows, sort="name") == ["Cisco", "Élan", "Safran"]
    assert names(rows, sort="-name") == ["Safran", "Élan", "Cisco"]


def test_filters_combine(rows):
    assert names(rows, country="FR", status="awaiting") == ["Safran", "Élan"]


@pytest.mark.parametrize(
    "bad", [{"status": "x"}, {"country": "ZZ"}, {"sort": "rank"}, {"page": "-1"}, {"page": "9" * 400}, {"sector": "'"}]
)
def test_a_bad_parameter_gives_the_plain_page(rows, bad):
    sift = Sift.read(bad, rows)
    assert sift.is_plain and sift.paged(sift.apply(rows)).number == 1


def test_a_link_keeps_the_view_and_leaves_out_what_is_plain(rows):
    sift = Sift.read({"q": "a b", "country": "FR", "page": "2"}, rows)
    assert sift.query(page=3) == "q=a+b&country=FR&page=3"
    assert sift.query(page=1) == "q=a+b&country=FR"


def test_one_head_says_how_the_table_is_sorted(rows):
    heads = Sift.read({"sort": "name"}, rows).heads(["name", "status"])
    assert heads == {"name": ("sort=-name", "ascending"), "status": ("", "")}
