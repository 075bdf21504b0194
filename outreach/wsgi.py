"""The door for gunicorn: `gunicorn outreach.wsgi`. With wrong settings it does not open."""

import os

from django.core.wsgi import get_wsgi_application

from .checks import stop_on_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
application = get_wsgi_application()
stop_on_errors()
