"""`manage.py run`: the whole site under one foreground command; `make run` calls it with DEMO=1."""

import fcntl
import io
import shutil
import socket
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from outreach.supervisor import Supervisor, say

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Migrate, compile translations, then run web server, worker and clock until Ctrl-C. Bound to 127.0.0.1."

    def add_arguments(self, parser):
        parser.add_argument(
            "--reset", action="store_true", help="Remove the demo's data, load it anew and end; its logins stay."
        )

    def handle(self, *, reset, **options):
        if reset and not settings.DEMO:
            raise CommandError("Only the demo can start over: set DEMO=1.")
        supervisor = Supervisor()
        lock = self.lock()
        if not reset:
            refuse_busy_port()
        if reset:
            remove_demo_data()
        self.prepare()
        if reset:
            say("The demo has started over: make run")
            return
        sys.stdout.flush()
        code = supervisor.run(commands(), ready=web_answers, announce=self.announce)
        lock.close()
        sys.exit(code)

    def lock(self):
        """Return the open file whose lock says that this folder is in use; the system frees it at our end."""
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = open(settings.VAR_DIR / "run.lock", "a+")  # noqa: SIM115  (open as long as the process lives)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(f"It is running already, at {file.read().strip()}: stop that one first.") from None
        file.truncate(0)
        file.write(settings.SITE_URL)
        file.flush()
        return file

    def prepare(self):
        shutil.rmtree(settings.VAR_DIR / "celery", ignore_errors=True)  # hints of a past run
        settings.MAIL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (settings.MEDIA_ROOT, settings.STATIC_ROOT):
            folder.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("compile_po", stdout=io.StringIO())
        if settings.DEMO:
            call_command("demo", "--load")
        connections.close_all()

    def announce(self):
        say(f"\nOutreach answers at  {settings.SITE_URL}/\nthe desk at          {settings.SITE_URL}/admin/")
        if settings.DEMO:
            logins = io.StringIO()
            call_command("demo", "--logins", stdout=logins)
            connections.close_all()
            say(f"\n{logins.getvalue().rstrip()}\n")
            say(f"Mail is written to   {settings.MAIL_DIR}  (nothing leaves this machine)")
            say("Ctrl-C stops it; make demo-reset starts the demo over.")


def commands():
    """Return what to start, name -> argument list."""
    as_root = "ignore:You're running the worker with superuser privileges"  # a container's only user, often
    celery = [sys.executable, "-W", as_root, "-m", "celery", "--quiet", "-A", "outreach"]
    level = ["--loglevel", settings.LOG_LEVEL]
    web = ["--bind", f"{HOST}:{settings.PORT}", "--worker-class", "gthread", "--threads", "8"]
    web += ["--no-control-socket", "--graceful-timeout", "5", "--log-level", settings.LOG_LEVEL.lower()]
    # One broker folder, one worker: the chatter between workers would only fill it.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [sys.executable, "-m", "gunicorn", "outreach.wsgi", *web],
        "worker": [*celery, "worker", "--pool", "threads", "--concurrency", "4", *alone, *level],
        "clock": [*celery, "beat", *level],
    }


def refuse_busy_port():
    """Raise CommandError unless the port can be bound, as gunicorn will."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, settings.PORT))
        except OSError as error:
            reason, other = error.strerror.lower(), settings.PORT % 65535 + 1
            raise CommandError(f"Port {settings.PORT} cannot be used ({reason}): make run PORT={other}") from None


def web_answers():
    """True once something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, settings.PORT)) == 0


def remove_demo_data():
    """Remove database, mail, uploads and clock from VAR_DIR; the demo's secret and passwords stay."""
    for pattern in ("outreach.sqlite3*", "beat-schedule*"):
        for file in settings.VAR_DIR.glob(pattern):
            file.unlink()
    for folder in ("mail", "media", "celery"):
        shutil.rmtree(settings.VAR_DIR / folder, ignore_errors=True)
