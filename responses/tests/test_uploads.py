import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from responses import uploads


def uploaded(name, content=b"%PDF-1.7 words"):
    return SimpleUploadedFile(name, content, "text/html")


def refused(*files):
    with pytest.raises(forms.ValidationError) as caught:
        uploads.FilesField().clean(list(files))
    return caught.value.messages


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("letter.pdf", b"%PDF-1.7", "application/pdf"),
        ("LETTER.PDF", b"\xef\xbb\xbf%PDF-1.4", "application/pdf"),
        ("letter.docx", b"PK\x03\x04rest", uploads.TYPES[".docx"]),
        ("letter.txt", "Carta às empresas".encode(), "text/plain"),
        ("mail.eml", b"Received: from x\r\nFrom: a@b.example\r\n\r\nHello", "message/rfc822"),
    ],
)
def test_a_file_gets_its_type_from_its_name_and_its_beginning(name, content, media_type):
    [(kept, found, _file)] = uploads.FilesField().clean([uploaded(name, content)])
    assert (kept, found) == (name, media_type)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.pages", b"%PDF-1.7"),
        ("page.html", b"<script>"),
        ("image.svg", b"<svg/>"),
        ("letter.pdf", b"<html>"),
        ("letter.docx", b"MZ\x90"),
        ("letter.txt", b"\x00\x01"),
        ("mail.eml", b"no header here"),
        ("noending", b"%PDF-1.7"),
    ],
)
def test_what_is_of_no_such_kind_is_refused_by_name(name, content):
    assert refused(uploaded(name, content)) == [f"{name} cannot be read here. Use PDF, DOCX, TXT or EML"]


def test_an_empty_file_is_refused():
    assert refused(uploaded("letter.pdf", b"")) == ["letter.pdf: the file is empty"]


def test_a_file_over_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 10)
    assert refused(uploaded("letter.pdf")) == ["letter.pdf is 14\xa0bytes. Files can be up to 20 MB"]


def test_every_fault_of_several_files_is_said():
    assert len(refused(uploaded("a.pages"), uploaded("b.pdf", b""), uploaded("c.pdf"))) == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("..\\..\\etc\\letter.pdf", "letter.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("letter\r\n\x00.pdf", "letter.pdf"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_carries_no_path_and_no_trick(sent, kept):
    assert uploads.safe_name(sent) == kept
