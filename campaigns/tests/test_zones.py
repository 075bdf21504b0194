from zoneinfo import available_timezones

import pytest

from campaigns import zones


def test_every_country_has_one_zone():
    assert {code for code, names in zones.listed().items() if len(names) > 1} == set(zones.CAPITALS)
    for code, names in zones.listed().items():
        assert zones.of_country(code) in names and zones.of_country(code) in available_timezones()


@pytest.mark.parametrize(("code", "zone"), [("FR", "Europe/Paris"), ("US", "America/New_York"), ("", ""), ("XX", "")])
def test_the_zone_of_a_country(code, zone):
    assert zones.of_country(code) == zone
