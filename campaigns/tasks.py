"""Celery's task of the night."""

from celery import shared_task

from . import nightly as check


@shared_task
def nightly():
    check.mismatches()
