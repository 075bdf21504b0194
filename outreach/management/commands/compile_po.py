"""`manage.py compile_po`: turns the catalogues of locale/ into their binary form, without GNU gettext."""

import os
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile locale/*/LC_MESSAGES/*.po to .mo; needs no GNU gettext."

    def handle(self, **options):
        compiled = 0
        for folder in settings.LOCALE_PATHS:
            for path in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                target = path.with_suffix(".mo")
                if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
                    unfinished = target.with_name(f"{os.getpid()}.tmp")  # another process may be reading the old one
                    polib.pofile(str(path)).save_as_mofile(str(unfinished))
                    unfinished.replace(target)
                    compiled += 1
        return f"{compiled} catalogues compiled"
