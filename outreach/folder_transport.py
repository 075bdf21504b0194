"""Celery's tasks through a folder, for a site without Redis: kombu's filesystem transport, its gaps closed.

In kombu's own, a reader may take a file before its writer has filled it (the worker then dies of a
JSONDecodeError), two readers may both copy one file when the temporary folder lies on another disk, and two
processes that start together may empty each other's table of queues. Here a file appears whole, is taken by a
rename that one reader wins, and the tables are under one lock. A task that a killed worker had taken is lost:
tasks are hints, and the clock rings again.
"""

import os
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from queue import Empty

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Publishes and takes by `os.rename` inside one folder, which is atomic."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.folder = Path(self.data_folder_in)
        for folder in (self.folder, self.control_folder):
            folder.mkdir(parents=True, exist_ok=True)

    def _put(self, queue, payload, **kwargs):
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"  # sorted by time, also across a reboot
        unfinished = self.folder / f"{name}.part"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        unfinished.rename(self.folder / name)

    def _get(self, queue):
        for name in sorted(os.listdir(self.folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = self.folder / f"{name}.taken"
            try:
                (self.folder / name).rename(taken)
            except FileNotFoundError:  # another reader was first
                continue
            payload = loads(taken.read_text(encoding="utf-8"))
            taken.unlink()
            return payload
        raise Empty

    @contextmanager
    def _tables_locked(self):
        with open(self.control_folder / "lock", "ab") as file:
            filesystem.lock(file, filesystem.LOCK_EX)  # closing the file gives it back
            yield

    def get_table(self, exchange):
        with self._tables_locked():
            return super().get_table(exchange)

    def _queue_bind(self, *args):
        with self._tables_locked():
            super()._queue_bind(*args)

    def _delete(self, queue, exchange, *args, **kwargs):
        with self._tables_locked():
            super()._delete(queue, exchange, *args, **kwargs)


class Transport(filesystem.Transport):
    """What `CELERY_BROKER_TRANSPORT` names; its options are those of kombu's `filesystem` transport."""

    Channel = Channel
    global_state = filesystem.virtual.BrokerState()
    driver_type = driver_name = "folder"
