"""The site: settings, addresses, clock, checks. Celery's application loads with it: tasks find it."""

from .celery import app as celery_app

__all__ = ["celery_app"]
