"""Servers that a test starts, kills and starts again: a Redis, a PostgreSQL cluster; on their own ports."""

import glob
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress

import psycopg2
import redis

POSTGRES = next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)), "")  # as Debian has it
HAS_POSTGRES = bool(POSTGRES) and (os.getuid() != 0 or shutil.which("runuser") is not None)
HAS_REDIS = shutil.which("redis-server") is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """A Redis that keeps nothing on disk."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.url, self.process = f"redis://127.0.0.1:{self.port}/0", None
        self.client = redis.Redis(port=self.port, socket_timeout=2)

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        while True:
            with suppress(redis.RedisError):
                return self.client.ping()
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.kill()
        self.client.close()


class Cluster:
    """A PostgreSQL cluster; root may not run one, so it is the user postgres then."""

    def __init__(self, folder):
        self.port, self.data = free_port(), folder / "cluster"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        self.log = folder / "cluster.log"

    def run(self, program, *arguments):
        said = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*self.as_user, f"{POSTGRES}/{program}", *arguments], cwd="/", check=True, **said)

    def start(self):
        given = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self.run("pg_ctl", "-D", str(self.data), "-w", "-o", given, "-l", str(self.log), "start")

    def die(self):
        """Stop as a power cut does."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def cut_connections(self):
        """End every connection but this one."""
        with psycopg2.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        connection.close()

    def __enter__(self):
        if self.as_user:
            for folder in (self.data.parent, *self.data.parent.parents):
                if str(folder).startswith("/tmp/"):  # pytest's folders are their owner's alone
                    os.chmod(folder, os.stat(folder).st_mode | 0o011)
            self.data.mkdir()
            shutil.chown(self.data, "postgres")
            self.log.touch()
            shutil.chown(self.log, "postgres")
        self.run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")
        self.start()
        return self

    def __exit__(self, *exc):
        with suppress(subprocess.CalledProcessError):
            self.die()
