"""The site itself: it holds the chain of apps together and is imported by none of them."""

from django.apps import AppConfig


class Outreach(AppConfig):
    name = "outreach"

    def ready(self):
        from django.contrib import admin

        from . import checks, demo_checks  # noqa: F401  (they register themselves)
        from .accounts.forms import SignInForm

        admin.site.login_form = SignInForm
