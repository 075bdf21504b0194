"""Celery's task of the night; each tick hands it out, and it works once a day."""

from celery import shared_task

from . import clock
from . import nightly as night


@shared_task
def nightly():
    night.work_once(clock.now())
