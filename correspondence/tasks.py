"""Celery's tasks ring the bell: the database is the queue, and a task that is lost is replaced by the next tick's."""

from celery import shared_task

from campaigns import clock
from campaigns.closing import close_those_that_close_by_themselves
from campaigns.tasks import nightly

from . import alarm, allowances, control, digest, outbox, reminders
from .tick import refresh_counts


@shared_task
def tick():
    """Note that the clock rang, and hand out the work: each part stops by itself before the next tick but one."""
    control.tick(clock.now())
    schedule_steps.delay()
    sweep_mail.delay()
    write_to_staff.delay()
    nightly.delay()
    refresh_counts()
    allowances.forget(clock.now())


@shared_task
def schedule_steps():
    close_those_that_close_by_themselves(clock.now())
    if reminders.plan(clock.now())["written"]:
        sweep_mail.delay()  # what leaves by itself need not wait for the next tick


@shared_task
def write_to_staff():
    digest.send(clock.now())
    alarm.raise_alarm(clock.now())


@shared_task
def sweep_mail():
    outbox.sweep(clock.now())
