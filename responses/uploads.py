"""Files that staff may attach: what they may be and how large. Nothing in them is believed, opened or shown inline."""

import re
import unicodedata

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

LARGEST = 20 * 2**20  # bytes
TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".txt": "text/plain",
    ".eml": "message/rfc822",
}
_HEADER = re.compile(rb"\A[!-9;-~]{1,100}:")  # RFC 5322: a mail begins with a header field


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. Cleans to a list of (name, media type, file)."""

    default_error_messages = {
        "large": _("%(name)s is %(size)s. Files can be up to 20 MB"),
        "empty": _("%(name)s: the file is empty"),
        "kind": _("%(name)s cannot be read here. Use PDF, DOCX, TXT or EML"),
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", FilesInput(attrs={"accept": ",".join(TYPES)}))
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        faults, read = [], []
        for file in files:
            name = safe_name(file.name)
            if fault := self._fault(name, file):
                faults.append(fault)
            else:
                read.append((name, TYPES[_suffix(name)], file))
        if faults:
            raise forms.ValidationError(faults)
        return read

    def _fault(self, name, file):
        said = {"name": name, "size": filesizeformat(file.size)}
        if not file.size:
            return forms.ValidationError(self.error_messages["empty"], "empty", said)
        if file.size > LARGEST:
            return forms.ValidationError(self.error_messages["large"], "large", said)
        if not looks_like(_suffix(name), file):
            return forms.ValidationError(self.error_messages["kind"], "kind", said)
        return None


def looks_like(suffix, file):
    """Say whether a file begins as a file of this kind does; its name and its declared type prove nothing."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if suffix == ".pdf":
        return b"%PDF-" in head[:1024]
    if suffix == ".docx":
        return head.startswith(b"PK\x03\x04")
    if suffix == ".eml":
        return b"\0" not in head and bool(_HEADER.match(head.lstrip()))
    return suffix == ".txt" and b"\0" not in head


def safe_name(name):
    """Return a file's name without control characters, marks that turn its direction, or a path."""
    name = re.split(r"[\\/]", name)[-1]
    plain = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs"))
    return plain.strip()[-200:] or "file"


def _suffix(name):
    return name[name.rfind(".") :].lower() if "." in name else ""
