from email import message_from_bytes, policy

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from correspondence.attachments import LARGEST, LONGEST, part, read, safe_name

PDF = b"%PDF-1.7"


def file(name, content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.svg", b"<svg/>"),
        ("a.html", b"<p>"),
        ("a.pdf", b"<html>"),
        ("a.png", PDF),
        ("a.txt", b"a\0b"),
        ("a.txt", b"\xff\xfe"),
        ("pdf", PDF),
        ("a.pdf", b""),
        ("a.pdf", PDF + b" " * LARGEST),
    ],
)
def test_what_is_no_document_or_another_than_its_name_says_is_refused(name, content):
    with pytest.raises(ValidationError):
        read(file(name, content), [])


def test_files_of_a_wording_are_limited_together_and_named_once():
    one = read(file("a.pdf", PDF + b" " * (LARGEST // 2)), [])
    assert (one.media_type, one.name) == ("application/pdf", "a.pdf")
    with pytest.raises(ValidationError, match="together"):
        read(file("b.pdf", PDF + b" " * (LARGEST // 2)), [one])
    with pytest.raises(ValidationError, match="this name"):
        read(file("a.pdf"), [one])


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..\\..\\boot.pdf",
        "a\r\nBcc: x@y.example\r\n.pdf",
        'a"; filename="b.exe.pdf',
        "fdp.\u202egpj.pdf",
        "=?utf-8?q?x=0D=0ABcc:_x?=.pdf",
        "/.pdf",
        "日本" * 200 + ".pdf",
        "x" * 500 + ".pdf",
    ],
)
def test_no_name_leaves_its_folder_or_its_header(name):
    plain = safe_name(name)
    assert plain.endswith("pdf") and not set(plain) & set('/\\\r\n"\u202e') and not plain.startswith(".")
    assert len(plain.encode()) <= LONGEST and "=?" not in plain
    made = part(read(file(name), [])).as_bytes()
    assert max(map(len, made.split(b"\n"))) < 998
    mail = message_from_bytes(made, policy=policy.default)
    assert mail["Bcc"] is None and list(mail["Content-Disposition"].params) == ["filename"]
    assert mail.get_filename() == plain
