"""deploy/start.py refuses in one line what would fail later in many; it never gets as far as an installation here."""

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

START = Path(settings.BASE_DIR) / "deploy" / "start.py"


def refusal(*arguments, before="pass", script=START, **options):
    """Run start.py after the statement `before`; return what it says, which must be one line, and exit 1."""
    program = f"import runpy, sys; {before}; sys.argv = ['start.py', *sys.argv[2:]]; "
    program += "runpy.run_path(sys.orig_argv[3], run_name='__main__')"
    command = [sys.executable, "-c", program, str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    return line


def test_an_old_python_is_named():
    assert "this is 3.9" in refusal("run", "8000", before="sys.version_info = (3, 9, 2, 'final', 0)")


def test_an_old_python_can_read_the_file():
    ast.parse(START.read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_named(module):
    assert "python3-venv" in refusal("run", "8000", before=f"sys.modules['{module}'] = None")


def test_a_busy_port_is_named():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert f"port {port} cannot be used (address already in use)" in refusal("run", str(port))


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_named(port):
    assert repr(port) in refusal("run", port)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    copy = tmp_path / "deploy" / "start.py"
    copy.parent.mkdir()
    copy.write_text(START.read_text())
    tmp_path.chmod(0o555)
    full = "import tempfile; tempfile.TemporaryFile = lambda dir: open(dir + '/no/such/folder', 'w')"  # root may write
    assert f"cannot write to {tmp_path}" in refusal("run", "8000", before=full, script=copy)


def test_no_variable_of_a_real_site_reaches_the_demo():
    text = START.read_text()
    names = set(re.findall(r'\benv\("([A-Z_]+)"', (Path(settings.BASE_DIR) / "outreach/settings.py").read_text()))
    listed = set(ast.literal_eval(re.search(r"^OURS = (\{.*?\})$", text, re.M | re.S)[1]))
    assert names - listed == set()


def test_missing_servers_are_named_in_one_line():
    script = START.with_name("services.py")
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}
    done = subprocess.run(
        [sys.executable, script], env=os.environ | nowhere, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "no PostgreSQL at DATABASE_URL" in line
