"""What only a browser can tell: what fits on the screen, what is fetched, what the content policy refuses.

Pages are rendered here and handed to Chromium as they are; it reaches no server and no network.
"""

import mimetypes
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from campaigns.tests.read import fetch

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SITE = "https://outreach.test"
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
REFUSED = """
    window.refused = [];
    addEventListener("securitypolicyviolation", event => window.refused.push(event.violatedDirective));
"""
pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.fixture(scope="session")
def browser():
    """Return look(path, answer, width, height, script); it runs in a thread: Django refuses queries beside a loop."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api")
    thread = ThreadPoolExecutor(1)
    driver = thread.submit(lambda: api.sync_playwright().start()).result()
    chromium = thread.submit(lambda: driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)).result()

    def look(*asked):
        return thread.submit(_look, chromium, *asked).result()

    yield look
    thread.submit(lambda: (chromium.close(), driver.stop())).result()
    thread.shutdown()


def _look(chromium, path, answer, width, height, script):
    """Open a page that is rendered; return what the script gives, what was refused, and what was asked elsewhere."""
    page = chromium.new_page(viewport={"width": width, "height": height})
    elsewhere = []

    def serve(route):
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != SITE:
            elsewhere.append(route.request.url)
            route.abort()
        elif url.path == path:
            route.fulfill(body=answer.content, status=answer.status_code, headers=dict(answer.headers))
        else:
            file = finders.find(url.path.removeprefix("/static/"))
            route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0])

    page.route("**/*", serve)
    page.add_init_script(REFUSED)
    page.goto(SITE + path)
    found = page.evaluate(script), page.evaluate("window.refused"), elsewhere
    page.close()
    return found


@pytest.fixture(autouse=True)
def on_a_day_of_the_demo(monkeypatch):
    monkeypatch.setattr("campaigns.clock.now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))


def imported(slug):
    call_command("import_campaign", settings.BASE_DIR / f"outreach/demo_campaigns/{slug}.yaml", verbosity=0)
    return f"campaigns/{slug}/"


@pytest.fixture
def mena():
    return imported("mena-surveillance-2022")


@pytest.fixture
def rivers():
    return imported("clean-rivers-demo")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_scrolls_sideways_is_refused_or_comes_from_elsewhere(browser, rivers, language, width):
    path = f"/{language}/{rivers}"
    wide, refused, elsewhere = browser(path, fetch(path), width, 800, "document.documentElement.scrollWidth")
    assert (wide, refused, elsewhere) == (width, [], [])


def test_the_policy_is_on_and_the_probe_sees_it(browser, mena):
    """The same look at a page with a style of its own finds the refusal: the test above could fail."""
    path = f"/en/{mena}"
    answer = fetch(path)
    answer.content = answer.content.replace(b"<h1 ", b'<h1 style="color: red" ')
    _wide, refused, _elsewhere = browser(path, answer, 1280, 900, "0")
    assert refused == ["style-src-attr"]


LAST_NAME = """
    Math.max(...[...document.querySelectorAll(".names.is-silent li")].map(one => one.getBoundingClientRect().bottom))
"""


def test_every_silent_name_of_the_long_title_stands_on_the_first_screen(browser, mena):
    path = f"/en/{mena}"
    bottom, _refused, _elsewhere = browser(path, fetch(path), 1280, 900, LAST_NAME)
    assert 0 < bottom <= 900


def test_the_bar_stands_on_the_first_screen_of_a_telephone(browser, mena):
    path = f"/en/{mena}"
    script = "document.querySelector('.ratebar').getBoundingClientRect().bottom"
    bottom, _refused, _elsewhere = browser(path, fetch(path), 390, 844, script)
    assert 0 < bottom <= 844


LINES = """
    const head = document.querySelector("h1");
    head.getBoundingClientRect().height / parseFloat(getComputedStyle(head).lineHeight)
"""


def test_the_headline_has_two_lines_at_most(browser, mena):
    path = f"/en/{mena}"
    lines, _refused, _elsewhere = browser(path, fetch(path), 1280, 900, LINES)
    assert lines < 2.1
