"""What the demo leaves in a database, refused outside it: `manage.py check --database default`, and every `migrate`."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from campaigns.models import ClockOffset

from . import demo


@register(Tags.database)
def demo_leftovers(app_configs, databases=None, **kwargs):
    """Error outreach.E030 where a database outside the demo has its users or its clock."""
    if settings.DEMO or "default" not in (databases or ()):
        return []
    tables = connections["default"].introspection.table_names()
    if ClockOffset._meta.db_table not in tables or "auth_user" not in tables:
        return []  # before the first migrate
    if not (ClockOffset.objects.exists() or demo.demo_users_exist()):
        return []
    hint = "Their passwords lie in a file. Start a real site with a database of its own, and import its campaigns."
    return [Error("This database holds the demo's users or clock.", hint=hint, id="outreach.E030")]
