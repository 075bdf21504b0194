import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign_file.document import _WORDINGS
from correspondence import wording
from correspondence.models import WORDED
from correspondence.wording import Blocked, choose_language, merge, one_line, unknown_fields


def test_fields_and_fallbacks_are_filled_in():
    values = {"company": "Nahr", "contact_name": ""}
    assert merge("{contact_name|Sir or Madam} of {company}", values) == "Sir or Madam of Nahr"


@pytest.mark.parametrize(
    "text",
    [
        "{nobody}",
        "{ company }",
        "{company.__class__}",
        "{company!r}",
        "{0}",
        "{}",
        "{% x %}",
        "{{ x }}",
        "{company",
        "a}",
    ],
)
def test_what_is_no_field_blocks_and_is_named(text):
    assert unknown_fields(text)
    with pytest.raises(Blocked):
        merge(text, dict.fromkeys(wording.FIELDS, "x"))


def test_an_empty_field_without_fallback_blocks():
    with pytest.raises(Blocked, match="reason"):
        merge("Because {reason}", {"reason": ""})


@pytest.mark.parametrize("value", ["{company}", "{{x}}", "{% x %}", "${company}", "%(company)s", r"\g<0>", "{0}"])
def test_a_value_is_never_read_again(value):
    assert merge("{company}|{reason}", {"company": value, "reason": "{company}"}) == value + "|{company}"


@given(st.text(), st.text())
def test_any_value_arrives_as_it_is(value, reason):
    values = {"company": value or "x", "reason": reason or "y"}
    assert merge("{company} {reason}", values) == f"{values['company']} {values['reason']}"


@given(st.text())
def test_nothing_in_a_name_can_begin_a_header(text):
    plain = one_line(text + "=?utf-8?q?=0D=0ABcc:_x=40y?=\r\nBcc: x@y")
    assert not set(plain) & set("\r\n\x00\x0b\x0c\x85\u2028\u2029") and "=?" not in plain


@pytest.mark.parametrize(
    ("available", "contact", "language"),
    [("fr en", "fr", "fr"), ("pt en", "pt-BR", "pt"), ("es en", "fr", "es"), ("en", "fr", "en"), ("es en", "", "es")],
)
def test_the_language_is_the_contacts_then_the_campaigns_then_english(available, contact, language):
    choice = choose_language(available.split(), contact, "es")
    assert choice.language == language and choice.why


def test_without_a_language_the_mail_is_blocked():
    with pytest.raises(Blocked):
        choose_language(["ar"], "fr", "es")


def test_files_know_every_kind_of_wording():
    assert set(_WORDINGS) == set(map(str, WORDED))
