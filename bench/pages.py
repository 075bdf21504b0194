"""Public pages under gunicorn: requests per second against a bare view that returns a constant, and queries per page.

    python bench/pages.py [runs]

Two campaigns are made, of 24 and of 2,000 companies; a third of the companies replied. Gunicorn runs with two workers
and one client connection asks. Every figure is the median of the runs; the ratio is to the bare view in the same run.
"""

import http.client
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
folder = pathlib.Path(tempfile.mkdtemp(prefix="outreach-bench-"))
os.environ.setdefault("SECRET_KEY", "for-the-benchmark-only-" + "x" * 40)
os.environ.setdefault("VAR_DIR", str(folder))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
(folder / "static").mkdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "outreach.settings"

SECONDS = 4  # of asking for each page in each run
PAGES = {
    "bare view": "/bare/",
    "campaign of 24, kept": "/en/campaigns/bench-24/",
    "campaign of 24, rendered": "/en/campaigns/bench-24/?sort=name",  # filtered and sorted views are not kept
    "campaign of 2,000, kept": "/en/campaigns/bench-2000/",
    "campaign of 2,000, rendered": "/en/campaigns/bench-2000/?sort=name",
    "campaigns": "/en/campaigns/",
    "company": "/en/companies/works-24-of-00000000/",
    "question": "/en/campaigns/bench-24/questions/1.a/",
}
SERVER = """
from outreach.wsgi import application
from django.http import HttpResponse
from django.urls import path
from outreach import urls
urls.urlpatterns.insert(0, path("bare/", lambda request: HttpResponse("ok")))
"""


def campaign_file(companies):
    """A file with nine questions; a third of the companies replied in full, and their answers are coded."""
    numbers = ["1.a", "1.b", "1.c", "2.a", "2.b", "2.c", "2.d", "2.e", "3"]
    questions = ", ".join(f'{{number: "{n}", text: "What do you do about {n}?"}}' for n in numbers)
    rows = [
        f"format: outreach-campaign/1\nslug: bench-{companies}\nlanguage: en\ntitle: Bench {companies}\nkind: survey\n"
        "asked_on: 2026-01-05\nclosed_on: 2026-02-05\npublished_on: 2026-02-06\n"
        f"questions: [{questions}]\ncompanies:\n"
    ]
    for n in range(companies):
        rows.append(f'  - name: "Works {companies} of {n * 7919:08d}"\n    headquarters: GB\n    sectors: [dyeing]\n')
        if n % 3 == 0:
            text = " ".join(f"{number}. We do what the law asks and report on it each year." for number in numbers)
            answers = ", ".join(f'{{question: "{x}", text: "We do", coding: answered}}' for x in numbers)
            rows.append(
                "    reply: responded\n    replied_on: 2026-01-20\n    responses:\n"
                f'      - {{received_on: 2026-01-20, language: en, publication: published, text: "{text}", '
                f"answers: [{answers}]}}\n"
            )
    path = folder / f"bench-{companies}.yaml"
    path.write_text("".join(rows))
    return path


def prepare():
    for companies in (24, 2000):
        command = [sys.executable, "manage.py", "import_campaign", str(campaign_file(companies))]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (folder / "bench_server.py").write_text(SERVER)


def queries():
    """{page: (queries, milliseconds in the database, bytes)} of one request each, inside one process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    setup_test_environment()
    found = {}
    for title, path in list(PAGES.items())[1:]:
        Client().get(path, secure=True)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = Client().get(path)
        spent = sum(float(query["time"]) for query in seen) * 1000
        assert answer.status_code == 200, (path, answer.status_code)
        found[title] = (len(seen), spent, len(answer.content))
    return found


def ask(port, path):
    """Requests per second and the slowest of a hundred, in milliseconds, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took, ends = [], time.perf_counter() + SECONDS
    while time.perf_counter() < ends:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Host": "127.0.0.1"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        took.append(time.perf_counter() - began)
    took.sort()
    return len(took) / sum(took), took[int(len(took) * 0.99)] * 1000


def wait_for(port):
    """Ask until both workers are likely to have loaded the site."""
    answers = 0
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/bare/")
            answers += connection.getresponse().status == 200
        except OSError:
            time.sleep(0.2)
        if answers == 20:
            return
    sys.exit("gunicorn did not start")


def main(runs=3):
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    prepare()
    cost = queries()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": f"{folder}:{ROOT}", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "gunicorn", "-w2", "-k", "gthread", "--threads", "2", "-b", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*command, "--no-control-socket", "--log-level", "error", "bench_server:application"],
        cwd=folder,
        env=environment,
    )
    try:
        wait_for(port)
        found = {title: [ask(port, path) for _ in range(runs)] for title, path in PAGES.items()}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    bare = statistics.median(speed for speed, _ in found["bare view"])
    print(f"{'page':<28}{'min':>8}{'median':>8}{'max':>8} req/s   ratio   p99 ms  queries  DB ms      KB")
    for title, rows in found.items():
        speeds = [speed for speed, _ in rows]
        middle = statistics.median(speeds)
        number, spent, size = cost.get(title, (0, 0, 0))
        print(
            f"{title:<28}{min(speeds):8.0f}{middle:8.0f}{max(speeds):8.0f}       {middle / bare:7.3f}"
            f"{statistics.median(p for _, p in rows):9.1f}{number:9}{spent:7.1f}{size / 1024:8.1f}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
