"""The site itself: it holds the chain of apps together and is imported by none of them."""

from django.apps import AppConfig


class Outreach(AppConfig):
    name = "outreach"

    def ready(self):
        from . import checks  # noqa: F401  (registers the settings' checks)
