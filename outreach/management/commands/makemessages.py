"""`manage.py makemessages`: gathers all visible words into locale/, for all languages, the same way on every machine.

For developers, and the only thing here that needs GNU gettext. What is missing afterwards is filled in by hand or with
any editor of .po files; `manage.py compile_po` makes it visible.
"""

from django.conf import settings
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    help = __doc__
    xgettext_options = [*makemessages.Command.xgettext_options, "--package-name=Outreach"]
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, **options):
        options["locale"] = options["locale"] or [code for code, _name in settings.LANGUAGES if code != "en"]
        options["ignore_patterns"] = [*options["ignore_patterns"], ".venv", "var", "bench", "*/tests/*", "docs"]
        options["add_location"] = options["add_location"] or "file"
        options["no_obsolete"] = True
        super().handle(**options)
