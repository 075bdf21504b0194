from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class Responses(AppConfig):
    name = "responses"
    verbose_name = _("Responses")

    def ready(self):
        """The roles are written when all tables stand: this is the last app with permissions of its own."""
        from campaigns import roles

        post_migrate.connect(roles.write, sender=self, dispatch_uid="roles")
