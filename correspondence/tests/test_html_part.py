import pytest

from correspondence.html_part import addresses, html

OURS = "https://outreach.example/en/reply/abc/"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://outreach.example"


def test_paragraphs_and_the_indentation_of_questions_are_kept():
    page = html("Dear all,\n\n1 What?\n  1.a How?\n", "en", written=set())
    assert "<p>Dear all,</p>\n<p>1 What?<br>\n&nbsp;&nbsp;&nbsp;&nbsp;1.a How?</p>" in page
    assert '<html lang="en" dir="ltr">' in page


def test_nothing_of_a_value_is_markup_and_nothing_is_loaded():
    evil = '<img src=x onerror=alert(1)> "&" <script>x</script> javascript:alert(1)'
    page = html(evil, "en", written=set())
    assert "<img" not in page and "<script" not in page and "&lt;img" in page and "<a " not in page
    for loads in ("src=", "url(", "<link", "<style", "style="):
        assert loads not in page.replace("&lt;img src=x", "")


def test_only_our_addresses_and_those_of_the_wording_are_links():
    written = addresses("See https://law.example/act?a=1&b=2.")
    page = html(f"{OURS} https://law.example/act?a=1&b=2. https://evil.example/x", "en", written=written)
    assert f'<a href="{OURS}" dir="ltr">{OURS}</a>' in page
    assert '<a href="https://law.example/act?a=1&amp;b=2" dir="ltr">https://law.example/act?a=1&amp;b=2</a>.' in page
    assert "evil.example" in page and 'href="https://evil' not in page
    assert "href" not in html("https://outreach.example.evil.example/x", "en", written=set())


def test_arabic_runs_from_right_to_left_and_lines_in_another_script_do_not():
    page = html(f"السادة الكرام،\n\n1.a ما هي المواد؟\n1.b Which?\n{OURS}", "ar", written=set())
    assert '<div lang="ar" dir="rtl">' in page and "<p>السادة الكرام،</p>" in page
    assert "\n<p>1.a ما هي المواد؟<br>" in page
    assert '<span dir="ltr">1.b Which?</span>' in page
    assert f'<span dir="ltr"><a href="{OURS}" dir="ltr">' in page
