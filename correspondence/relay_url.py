"""EMAIL_URL, read strictly: a misspelt one must never send in clear text, or to nobody, without a word.

    file:                              .eml files in MAIL_DIR
    file:///srv/outreach/mail          .eml files in that folder
    smtp://user:password@host:25       SMTP as it comes, for a relay on this machine or a private network
    smtp+tls://user:password@host:587  SMTP that must become TLS (STARTTLS) before anything is said
    smtps://user:password@host:465     TLS from the first byte

Characters such as / # ? @ : % in user or password are written as %2F, %23, ... No message quotes the URL,
since it holds a password.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

SECURITY = {"smtp": "", "smtp+tls": "starttls", "smtps": "ssl"}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


@dataclass(frozen=True)
class Relay:
    """Where mail goes. `folder` is empty where MAIL_DIR is meant; a password never shows in a traceback."""

    kind: str  # "file" or "smtp"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = ""  # "", "starttls" or "ssl"
    folder: str = ""


def parse(url):
    """Return the Relay that `url` describes; raise ValueError with a sentence that names the mistake."""
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError("EMAIL_URL contains a space or a line break.")
    if "?" in url or "#" in url:
        raise ValueError("EMAIL_URL takes nothing after ? or #; in a password write %3F and %23.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text quotes what may be a piece of the password
        raise ValueError("EMAIL_URL has a port that is no number up to 65535, or an open bracket.") from None
    if parts.scheme == "file":
        return _folder(url, parts)
    if parts.scheme not in SECURITY:
        raise ValueError(
            f"EMAIL_URL begins with {parts.scheme + ':' if parts.scheme else 'no scheme'}; "
            "it can be file:, smtp:, smtp+tls: or smtps:."
        )
    return _server(parts, port)


def _folder(url, parts):
    if parts.netloc or (parts.path and not url.startswith("file:///")):
        raise ValueError("EMAIL_URL needs three slashes before a folder: file:///srv/mail.")
    return Relay("file", folder=unquote(parts.path))


def _server(parts, port):
    if parts.path not in ("", "/"):
        raise ValueError("EMAIL_URL has a / after the host; in a user or password write %2F.")
    if not parts.hostname or not _is_host(parts.hostname):
        raise ValueError(f"EMAIL_URL names no mail server: {parts.scheme}://host:port.")
    if port == 0:
        raise ValueError("EMAIL_URL has port 0.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("EMAIL_URL needs user and password together, or neither.")
    return Relay("smtp", parts.hostname, port or PORTS[parts.scheme], user, password, SECURITY[parts.scheme])


def _is_host(name):
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return HOST.fullmatch(name) is not None and not re.fullmatch(r"[0-9.]+", name)
    return True
