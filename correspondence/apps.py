from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Correspondence(AppConfig):
    name = "correspondence"
    verbose_name = _("Correspondence")
