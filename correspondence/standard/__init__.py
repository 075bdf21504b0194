"""The wordings to begin with: our own sentences for every kind of letter, in the languages of the files beside this.

A file is <language>.toml with a table for each kind: subject and body, the same everywhere whatever the locale.
"""

import tomllib
from functools import cache
from pathlib import Path

from correspondence.models import WORDED, Wording

_HERE = Path(__file__).parent
LANGUAGES = tuple(sorted(file.stem for file in _HERE.glob("*.toml")))


@cache
def read(language):
    """Return {kind: (subject, body)} of one language; later reminders begin as the first one."""
    kinds = tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return {kind: (kinds[kind]["subject"], kinds[kind]["body"].strip()) for kind in map(str, WORDED) if kind in kinds}


def use(campaign, languages):
    """Give a campaign the standard wordings that it lacks in these languages; what it has stays. Return the new ones.

    languages  codes; those without a file are left out
    """
    known = set(campaign.wordings.values_list("kind", "language"))
    made = [
        Wording(campaign=campaign, kind=kind, language=language, subject=subject, body=body)
        for language in LANGUAGES
        if language in languages
        for kind, (subject, body) in read(language).items()
        if (kind, language) not in known
    ]
    return Wording.objects.bulk_create(made)
