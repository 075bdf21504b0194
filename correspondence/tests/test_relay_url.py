import pytest

from correspondence.relay_url import Relay, parse


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("file:", Relay("file")),
        ("file:///srv/our%20mail", Relay("file", folder="/srv/our mail")),
        ("smtp://localhost", Relay("smtp", "localhost", 25)),
        ("smtp://[::1]:2525", Relay("smtp", "::1", 2525)),
        ("smtp+tls://a%40b:p%2F%23%25@mx.org", Relay("smtp", "mx.org", 587, "a@b", "p/#%", "starttls")),
        ("smtps://u:p@10.0.0.1/", Relay("smtp", "10.0.0.1", 465, "u", "p", "ssl")),
        ("SMTPS://u:p@Mail.Example.org:8465", Relay("smtp", "mail.example.org", 8465, "u", "p", "ssl")),
    ],
)
def test_parse_reads_every_kind(url, relay):
    assert parse(url) == relay


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "no scheme"),
        ("mail.example.org", "no scheme"),
        ("bogus://mail.example.org", "bogus:"),
        ("smtp+ssl://mail.example.org", "smtp+ssl:"),
        ("submission://mail.example.org", "submission:"),
        ("filemail:///srv/mail", "filemail:"),
        ("console:", "console:"),
        ("mail.example.org:587", "mail.example.org:"),
        ("file://srv/mail", "three slashes"),
        ("file:srv/mail", "three slashes"),
        ("file:/srv/mail", "three slashes"),
        ("smtp:", "no mail server"),
        ("smtp://", "no mail server"),
        ("smtp://:25", "no mail server"),
        ("smtp:mail.example.org", "a / after the host"),
        ("smtp://mail.example..org", "no mail server"),
        ("smtp://1.2.3", "no mail server"),
        ("smtp://mail.example.org:abc", "port"),
        ("smtp://mail.example.org:99999", "port"),
        ("smtp://mail.example.org:0", "port 0"),
        ("smtp://[::1", "bracket"),
        ("smtp://u@mail.example.org", "together"),
        ("smtp://:secret@mail.example.org", "together"),
        ("smtp://u:se/cret@mail.example.org", "port"),
        ("smtps://u:p@mail.example.org/inbox", "a / after the host"),
        ("smtp://u:p#cret@mail.example.org", "%23"),
        ("smtp://mail.example.org?tls=1", "after ?"),
        ("smtp://mail.example.org\n", "line break"),
        (" smtp://mail.example.org", "space"),
    ],
)
def test_parse_names_the_mistake(url, sentence):
    with pytest.raises(ValueError, match="EMAIL_URL") as fault:
        parse(url)
    assert sentence in str(fault.value)
    assert "cret" not in str(fault.value)  # a password never reaches a log


def test_a_relay_hides_its_password():
    assert "hush" not in repr(parse("smtps://u:hush@mail.example.org"))
