import pytest

from campaigns.prose import prose


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![picture](https://other.example/pixel.gif)",
        "[click](javascript:alert(1))",
        '<a href="//other.example" onclick="x()">here</a>',
        '<p style="position:fixed">over</p>',
    ],
)
def test_markup_from_the_database_does_nothing(hostile):
    html = prose(hostile)
    assert not any(tag in html for tag in ("<script", "<img", '<a href="javascript', "<p style", '<a href="//'))


def test_headings_stand_under_the_section():
    assert prose("# One\n\n### Two") == "<h3>One</h3>\n<h4>Two</h4>\n"


def test_links_carry_no_trust():
    assert 'rel="noopener noreferrer nofollow"' in prose("[report](https://report.example/)")
