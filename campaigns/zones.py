"""The time zone of a country: its only one, or its capital's."""

from collections import defaultdict
from functools import cache
from importlib.resources import files

CAPITALS = {  # of the countries for which the time zone database lists several zones; a test compares
    "AQ": "Antarctica/McMurdo",  # no capital: its largest station
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",  # no capital: its only inhabited island
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}


def of_country(code):
    """Return the name of the zone of a country (ISO 3166-1 alpha-2), or "" for one that is not known."""
    return CAPITALS.get(code) or "".join(listed().get(code, ()))


@cache
def listed():
    """Return {country: [zones]} as the time zone database lists them."""
    zones = defaultdict(list)
    for line in files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _place, zone = line.split("\t")[:3]
            zones[country].append(zone)
    return dict(zones)
