"""Celery's task of the night."""

from celery import shared_task

from . import clock
from . import nightly as night
from .spreadsheet import staging


@shared_task
def nightly():
    staging.delete_old(clock.now())
    night.check(clock.now())
