import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def table():
    """Return the variables of README.md's table, in its order."""
    section = (ROOT / "README.md").read_text().split("\n## Environment variables\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([A-Z_]+)` \|", section, re.M)


def read_anywhere():
    """Return every environment variable that settings.py reads."""
    text = (ROOT / "outreach" / "settings.py").read_text()
    assert text.count("os.environ") == 1, "read the environment through env(), so that this test sees it"
    return re.findall(r'\benv\(\s*"([A-Z_]+)"', text)


def test_the_readme_lists_every_variable_once():
    assert sorted(table()) == sorted(set(read_anywhere()))


def test_every_make_target_of_the_readme_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.M))
    assert {"run", "test"} <= named <= set(targets)
