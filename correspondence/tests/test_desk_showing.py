from email.message import EmailMessage

from campaigns.tokens import ALPHABET
from correspondence.desk.showing import marked, source

TOKEN = (ALPHABET * 2)[:26]


def mime(body, encoding, subject="Questions"):
    mail = EmailMessage()
    mail["Subject"] = subject
    mail.set_content(body, cte=encoding)
    return mail.as_bytes().replace(b"\n", b"\r\n")


def test_the_token_is_hidden_in_every_encoding():
    for encoding in ("7bit", "quoted-printable", "base64"):
        for pad in range(80):  # so that the line is cut at every place of the token
            body = f"{'x' * pad} https://site.example/en/reply/{TOKEN}/ and {'word ' * 30}\n"
            shown = source(mime(body, encoding))
            assert TOKEN not in shown.replace("=\n", "")
            assert "/reply/••••••••/" in shown.replace("=\n", "") or encoding == "base64"


def test_the_token_is_hidden_in_an_encoded_subject():
    shown = source(mime("Text\n", "7bit", subject=f"Ärger /reply/{TOKEN}/ {'wörter ' * 12}"))
    assert "Subject: Ärger /reply/••••••••/" in shown


def test_what_was_merged_is_marked():
    assert marked("Dear Ana, hello", "Dear {name}, hello", {"name": "Ana"}) == [
        ("Dear ", False),
        ("Ana", True),
        (", hello", False),
    ]
    assert marked("Dear you", "Dear {name|you}", {"name": ""}) == [("Dear ", False), ("you", True)]


def test_a_mail_that_does_not_come_of_its_wording_is_not_marked():
    for text in ("Dear Ben", "Dear Ana!", "Hello Ana"):
        assert marked(text, "Dear {name}", {"name": "Ana"}) is None
