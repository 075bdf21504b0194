"""What the faults of sending share: hundreds of mails go to one domain at once, so its limits are off there."""

import pytest


@pytest.fixture(autouse=True)
def no_limits_in_faults(request, settings, monkeypatch):
    """Also for processes that a test starts."""
    if request.node.get_closest_marker("faults"):
        for name in ("OUTREACH_DOMAIN_HOUR", "OUTREACH_DOMAIN_AT_ONCE"):
            setattr(settings, name, 0)
            monkeypatch.setenv(name, "0")
