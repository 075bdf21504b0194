"""What the Makefile calls, with any Python 3 and its own library only.

    start.py install [dev]      environment in .venv, with requirements.txt or requirements-dev.txt
    start.py run PORT           the demo in the foreground
    start.py reset              the demo from the beginning
    start.py test [services]    the whole suite, on SQLite or on PostgreSQL and Redis

Whatever is missing is said in one line. It is written for old versions too, so that they can say that they are old.
"""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python")
UV = "uv==0.13.9"  # installs in seconds what takes pip minutes; pip does it where uv cannot
SERVICES = {"DATABASE_URL": "postgres://postgres@127.0.0.1:5432/postgres", "REDIS_URL": "redis://127.0.0.1:6379/0"}
# What a person has set for a real site must not reach the demo or the tests (all that settings.py reads).
OURS = {
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "MAIL_DIR",
    "MAIL_DOMAIN",
    "DEFAULT_FROM_EMAIL",
    "SECRET_KEY",
    "SITE_NAME",
    "SITE_URL",
    "PORT",
    "EXTRA_HOSTS",
    "BEHIND_PROXY",
    "VAR_DIR",
    "TIME_ZONE",
    "LOG_LEVEL",
    "DEBUG",
    "DEMO",
    "OUTREACH_HOLD",
    "OUTREACH_DOMAIN_HOUR",
    "OUTREACH_DOMAIN_AT_ONCE",
    "OUTREACH_CONNECTIONS",
    "OUTREACH_ONLY_TO",
    "OUTREACH_STAGING",
    "DJANGO_SETTINGS_MODULE",
}


def refuse(sentence):
    sys.exit("outreach: " + sentence)


def check_machine():
    """Refuse an old Python, one without venv, and a folder that cannot be written."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this file is for those)
        version = ".".join(map(str, sys.version_info[:2]))
        refuse(f"Python 3.11 or newer is needed, this is {version}: make run PYTHON=python3.12")
    try:
        import ensurepip  # noqa: F401  (Debian ships it, and what venv needs, in a package of its own)
        import venv  # noqa: F401
    except ImportError:
        refuse("Python's venv module is missing: apt-get install python3-venv")
    folders = [ROOT] + [os.path.join(ROOT, *path.split("/")) for path in (".venv", "locale", "var", "var/demo")]
    for folder in filter(os.path.isdir, folders):
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            refuse(f"cannot write to {folder} ({error.strerror})")
    demo = os.path.join(ROOT, "var", "demo")
    for name in os.listdir(demo) if os.path.isdir(demo) else []:
        if not os.access(os.path.join(demo, name), os.W_OK):
            refuse(f"cannot write to {os.path.join(demo, name)} (it belongs to somebody else)")


def check_port(text):
    """Refuse what is no port, and one that is taken; `manage.py run` looks again."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        refuse(f"PORT is {text!r}: it can be a number from 1 to 65535")
    probe = socket.socket()
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", int(text)))
    except OSError as error:
        refuse(f"port {text} cannot be used ({error.strerror.lower()}): make run PORT={int(text) % 65535 + 1}")
    finally:
        probe.close()


def call(*command):
    """Run a command quietly; return "", or the last line that it said if it failed."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    if not done.returncode:
        return ""
    return ((done.stderr or done.stdout).strip() or f"exit {done.returncode}").splitlines()[-1]


def read(*path):
    with open(os.path.join(*path)) as file:
        return file.read()


def install(requirements):
    """Make .venv and install a requirements file into it, unless that has been done with its present content."""
    content = read(ROOT, "requirements.txt") + read(ROOT, "requirements-dev.txt")
    wanted = "\n".join([hashlib.sha256(content.encode()).hexdigest(), sys.version, VENV])
    stamp = os.path.join(VENV, "installed-" + requirements)
    if os.path.exists(stamp) and read(stamp) == wanted and not call(PYTHON, "-c", ""):
        return
    print(f"Installing {requirements} into .venv ...", flush=True)
    fault = "" if is_usable(wanted) else call(sys.executable, "-m", "venv", "--clear", VENV)
    if fault:
        refuse(f"no environment could be made in .venv: {fault}")
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check")
    uv = (PYTHON, "-m", "uv")
    if call(*uv, "--version"):
        call(*pip, "install", "-q", UV)
    if call(*uv, "pip", "install", "-q", "--python", PYTHON, "-r", requirements):
        print("uv could not, so pip does it: about two minutes ...", flush=True)
        fault = call(*pip, "install", "-q", "-r", requirements)
        if fault:
            refuse(f"{requirements} could not be installed: {fault}")
    with open(stamp, "w") as file:
        file.write(wanted)


def is_usable(wanted):
    """True for an environment of this Python, in this place: one that was moved or upgraded is made anew."""
    if call(PYTHON, "-m", "pip", "--version"):
        return False
    names = [name for name in os.listdir(VENV) if name.startswith("installed-")]
    known = [read(VENV, name) for name in names]
    return all(text.split("\n", 1)[1] == wanted.split("\n", 1)[1] for text in known)


def environment(**ours):
    """Return the environment without a real site's variables, and with `ours`."""
    kept = {name: text for name, text in os.environ.items() if name not in OURS}
    kept.update(ours)
    return kept


def become(arguments, **ours):
    """Replace this process by Python with `arguments`, so that make talks to it and to nobody between."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(PYTHON, [PYTHON, *arguments], environment(**ours))


def end_with_make():
    """On Linux: SIGTERM when make is killed, so that the demo does not go on without a terminal."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG; it outlives execve


def test(services):
    """Run the suite; `services` chooses PostgreSQL and Redis, which must be there."""
    ours = {name: os.environ.get(name) or url for name, url in SERVICES.items()} if services else {}
    os.environ.update(ours)
    if services and subprocess.run([PYTHON, os.path.join(ROOT, "deploy", "services.py")]).returncode:
        sys.exit(1)
    become(["-m", "pytest"], **ours)


def main(verb, *rest):
    check_machine()
    if verb == "run":
        end_with_make()
        check_port(rest[0])
    for_tests = verb == "test" or "dev" in rest
    install("requirements-dev.txt" if for_tests else "requirements.txt")
    if verb == "run":
        become(["manage.py", "run"], DEMO="1", PORT=rest[0])
    elif verb == "reset":
        become(["manage.py", "run", "--reset"], DEMO="1")
    elif verb == "test":
        test(services=bool(rest))


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit("stopped"))
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("stopped")
