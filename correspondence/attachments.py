"""Files that go with a wording's letters: what they may be, how large, and how they stand in a mail.

What a file says of itself is not believed: its kind is its ending, and it must begin as that kind does. It is stored,
sent, and given back as a download; nothing here opens it.
"""

import hashlib
import re
import unicodedata
from email.encoders import encode_base64
from email.mime.base import MIMEBase

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from .models import Attachment

LARGEST = 2 * 2**20  # bytes, all files of one wording together: each of its mails carries them
LONGEST = 150  # bytes of a name; a header line takes 998, and each byte may become three
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {  # ending: (media type, how such a file begins)
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": (_OFFICE, b"PK\x03\x04"),
    "odt": ("application/vnd.oasis.opendocument.text", b"PK\x03\x04"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "txt": ("text/plain", b""),
}


def read(file, others):
    """Return an Attachment (unsaved, without its wording) for an uploaded file.

    others  the wording's Attachments so far
    raises  ValidationError with a sentence
    """
    name = safe_name(file.name)
    said = {"name": name}
    ending = name.rpartition(".")[2].lower()
    if ending not in KINDS:
        raise ValidationError(_("%(name)s: attach PDF, DOCX, ODT, PNG, JPEG or TXT.") % said)
    if not file.size:
        raise ValidationError(_("%(name)s: the file is empty.") % said)
    if sum(one.size for one in others) + file.size > LARGEST:
        said["size"] = filesizeformat(LARGEST)
        raise ValidationError(_("%(name)s: the files of a wording can be up to %(size)s together.") % said)
    if name in {one.name for one in others}:
        raise ValidationError(_("%(name)s: there is a file of this name. Remove it first.") % said)
    content = file.read()
    media_type, begins = KINDS[ending]
    if not content.startswith(begins) or (ending == "txt" and not _is_text(content)):
        raise ValidationError(_("%(name)s: the file is of another kind than its name says.") % said)
    digest = hashlib.sha256(content).hexdigest()
    return Attachment(name=name, media_type=media_type, content=content, size=len(content), sha256=digest)


def safe_name(name):
    """Return a file's name without path, control characters, marks that turn its direction, or quotes; short."""
    name = re.split(r"[\\/]", name)[-1]
    plain = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    plain = " ".join(re.sub(r'[<>:"|?*;]', " ", plain).split())
    while "=?" in plain:
        plain = plain.replace("=?", "")
    stem, dot, ending = plain.rpartition(".")
    stem = stem.encode()[: LONGEST - len(ending.encode()) - 1].decode(errors="ignore").strip(" .")
    return f"{stem or 'file'}{dot}{ending}"


def part(attachment):
    """Return an Attachment as a part of a mail: its bytes as they are, its name in RFC 2231 where it is not ASCII."""
    main, _slash, sub = attachment.media_type.partition("/")
    made = MIMEBase(main, sub)
    made.set_payload(bytes(attachment.content))
    encode_base64(made)
    name = attachment.name if attachment.name.isascii() else ("utf-8", "", attachment.name)
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def download(attachment):
    """Return an answer that a browser stores and never shows (S11)."""
    answer = HttpResponse(bytes(attachment.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, attachment.name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _is_text(content):
    try:
        return not re.search(r"[\x00-\x08\x0e-\x1f]", content.decode())
    except UnicodeDecodeError:
        return False
