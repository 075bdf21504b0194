"""Real processes: whatever ends the supervisor ends its children, and what those have started."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

# A child that has a child of its own; both write their process ids, one may ignore SIGTERM.
CHILD = """
import os, pathlib, signal, subprocess, sys, time
folder, name, deaf = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "deaf"
if deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
(folder / f"{name}.part").write_text(f"{os.getpid()} {grandchild.pid}")
(folder / f"{name}.part").rename(folder / f"{name}.pids")
time.sleep(60)
"""
SUPERVISE = """
import sys
from outreach import supervisor
supervisor.PATIENCE = 0.5
folder, child, hearing = sys.argv[1:]
names = ["web", "worker"]
commands = {name: [sys.executable, "-c", child, folder, name, hearing] for name in names}
sys.exit(supervisor.Supervisor().run(commands, announce=lambda: supervisor.say("running")))
"""


def alive(pid):
    """True for a process that runs; a zombie that nobody has collected yet does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path):
    """Start a supervisor with two children; return it and, when all are there, {name: [child, grandchild]}."""
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    processes = []

    def start(hearing="hears"):
        command = [sys.executable, "-c", SUPERVISE, str(tmp_path), CHILD, hearing]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        processes.append(process)
        files = {name: tmp_path / f"{name}.pids" for name in ("web", "worker")}
        wait_until(lambda: all(file.exists() for file in files.values()))
        return process, {name: [int(pid) for pid in file.read_text().split()] for name, file in files.items()}

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
    for file in tmp_path.glob("*.pids"):
        for pid in map(int, file.read_text().split()):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def gone(pids):
    return not any(alive(pid) for group in pids.values() for pid in group)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("hearing", ["hears", "deaf"])
def test_a_signal_stops_children_and_grandchildren(start, number, hearing):
    process, pids = start(hearing)
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    assert gone(pids)
    assert "Traceback" not in process.stdout.read()


def test_a_child_that_dies_stops_the_rest_with_a_sentence(start):
    process, pids = start()
    os.kill(pids["web"][0], signal.SIGKILL)
    assert process.wait(timeout=30) == 1
    assert gone(pids)
    assert "web stopped by itself (signal 9): stopping the rest" in process.stdout.read()


def test_a_killed_supervisor_leaves_no_child(start):
    process, pids = start()
    process.kill()
    process.wait(timeout=30)
    wait_until(lambda: not any(alive(child) for child, grandchild in pids.values()))


def test_a_closed_terminal_does_not_disturb_the_stop(start):
    process, pids = start()
    process.stdout.close()
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=30) == 0
    assert gone(pids)


def test_a_child_that_cannot_start_stops_those_that_did(tmp_path):
    script = SUPERVISE.replace("sys.exit(", 'commands["worker"] = ["no-such-program"]\nsys.exit(')
    command = [sys.executable, "-c", script, str(tmp_path), CHILD, "hears"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "no-such-program" in done.stderr) == (1, True)
