"""Several processes under one foreground command: they start together and stop together, and leave no orphans.

Each child leads a session of its own, so that a Ctrl-C reaches this process only, which then stops the children in
order. On Linux the kernel kills a child whose parent has died, also by `kill -9`.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 8  # seconds from SIGTERM to SIGKILL
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def say(sentence):
    """Print a line; a terminal that has been closed is no reason to fail."""
    try:
        print(sentence, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (the interpreter flushes it when it ends)


def _die_with(parent):
    """Run in the child before its program: end when `parent` ends, also if that was a moment ago."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


class Supervisor:
    """Runs `commands` (name -> argument list) until a signal comes or one of them ends.

    From the moment it is made, SIGINT, SIGTERM and SIGHUP end this process without a traceback, so that it can
    prepare things first; SIGHUP is left alone under nohup.
    """

    def __init__(self):
        self.children = {}
        self.signals = []
        self.supervising = False
        for number in STOPS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stopped)

    def _stopped(self, number, frame):
        self.signals.append(number)
        if not self.supervising:
            sys.exit(128 + number)

    def run(self, commands, ready=lambda: True, announce=lambda: None):
        """Start `commands`, call `announce` once `ready()`, and return the exit code when all have stopped."""
        self.supervising = True
        announced, parent = False, os.getpid()
        try:
            for name, arguments in commands.items():
                self.children[name] = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    preexec_fn=lambda: _die_with(parent),
                )
            while not self.signals and not (ended := self._ended()):
                if not announced and ready():
                    announce()
                    announced = True
                time.sleep(0.1)
            if self.signals:
                say("\nStopping ...")
                return 0
            name, code = ended[0]
            how = f"exit {code}" if code >= 0 else f"signal {-code}"
            say(f"{name} stopped by itself ({how}): stopping the rest")
            return 1
        finally:
            self._stop()

    def _ended(self):
        return [(name, child.returncode) for name, child in self.children.items() if child.poll() is not None]

    def _stop(self):
        """SIGTERM, then SIGKILL to whole groups when patience or a second signal ends."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline, asked = time.monotonic() + PATIENCE, len(self.signals)
        while len(self._ended()) < len(self.children):
            if time.monotonic() > deadline or len(self.signals) > max(asked, 1):
                break
            time.sleep(0.05)
        for child in self.children.values():
            try:
                os.killpg(child.pid, signal.SIGKILL)  # also what a child has left behind
            except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
                continue
        for child in self.children.values():
            child.wait()
