from email import message_from_bytes
from email.policy import Compat32

from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from correspondence.mime import Plain, to_bytes

HEADER = st.text(st.characters(max_codepoint=0x250, exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=90)


@given(st.sampled_from(["To", "Subject", "Content-Transfer-Encoding"]), HEADER)
def test_a_header_is_written_as_the_standard_library_writes_it(name, value):
    usual = Compat32(linesep="\r\n")
    assert Plain(linesep="\r\n").fold_binary(name, value) == usual.fold_binary(name, value)


def test_a_mail_is_what_the_standard_library_makes_of_it_but_for_its_boundaries():
    mail = EmailMultiAlternatives("Çok — " * 20, "Text\nفقرة", "a@b.example", ["c@d.example"], headers={"Date": "x"})
    mail.attach_alternative("<p>Text</p>", "text/html")
    mail.attach("file.bin", b"\x00\xff", "application/octet-stream")
    ours, theirs = mail.message(), mail.message()
    ours["Message-ID"] = theirs["Message-ID"] = "<one@b.example>"
    for message in (ours, theirs):
        del message["Message-Id"]
    mine, usual = to_bytes(ours), theirs.as_bytes(linesep="\r\n")
    for message, written in ((ours, mine), (theirs, usual)):
        bounds = [part.get_boundary() for part in message.walk() if part.is_multipart()]
        assert len(set(bounds)) == 2 and all(written.count(f"--{bound}\r\n".encode()) == 2 for bound in bounds)
    for part, other in zip(message_from_bytes(mine).walk(), message_from_bytes(usual).walk(), strict=True):
        assert part.is_multipart() or part.as_bytes() == other.as_bytes()
    assert b"\n" not in mine.replace(b"\r\n", b"")
