"""Wrong settings, named by `manage.py check` with an id and what to write instead.

Values that cannot be used are errors always; values that a public site may not go without are errors under
`--deploy` only, so that `migrate` and the commands run with just a database (docs: README.md, "Environment
variables"). The functions read the environment, because settings.py has replaced what it could not use.
"""

import ipaddress
import os
import re

from django.conf import settings
from django.core.checks import Error, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from correspondence import relay_url

from . import environment

FLAGS = ("DEBUG", "DEMO", "OUTREACH_HOLD", "OUTREACH_STAGING", "BEHIND_PROXY")
NEEDED = {  # under --deploy: variable -> (id, why)
    "SECRET_KEY": ("outreach.E020", "without it nothing can be signed, and the site does not start"),
    "SITE_URL": ("outreach.E021", "links in mail and the host that the site answers to come from it"),
    "DATABASE_URL": ("outreach.E022", "without it the site writes to an SQLite file in its own folder"),
    "REDIS_URL": ("outreach.E023", "without it tasks travel through a folder on one machine"),
    "EMAIL_URL": ("outreach.E024", "without it every mail becomes a file; to want that, write file:"),
}


def value(name):
    return os.environ.get(name) or ""


def is_loopback(host):
    """True for names and addresses that only this machine reaches."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def relay():
    """Return EMAIL_URL as a Relay, or None when it cannot be read (E005 says so)."""
    try:
        return relay_url.parse(settings.EMAIL_URL)
    except ValueError:
        return None


@register("outreach")
def flags(app_configs, **kwargs):
    for name in FLAGS:
        if value(name) not in ("", "0", "1"):
            yield Error(f"{name} is {value(name)!r}.", hint="Write 1 or 0.", id="outreach.E001")


@register("outreach")
def site_url(app_configs, **kwargs):
    site = environment.split_url(settings.SITE_URL)
    if site.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.:_-]+", site.hostname or ""):
        fault = "is no address of a site"
    elif site.path or site.query or site.fragment or site.username is not None:
        fault = "has more than scheme, host and port"
    else:
        return
    yield Error(
        f"SITE_URL {fault}: {settings.SITE_URL!r}.", hint="Such as https://outreach.example.org", id="outreach.E002"
    )


@register("outreach")
def database_url(app_configs, **kwargs):
    if settings.DATABASES["default"]["ENGINE"] == environment.NO_DATABASE["ENGINE"]:
        hint = "postgres://user:password@host:5432/name; in a password write %2F for /"
        yield Error("DATABASE_URL cannot be read.", hint=hint, id="outreach.E003")


@register("outreach")
def redis_url(app_configs, **kwargs):
    if not settings.REDIS_URL:
        return
    parts = environment.split_url(settings.REDIS_URL)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        hint = "redis://host:6379/0, or rediss:// with TLS"
        yield Error("REDIS_URL is no address of a Redis server.", hint=hint, id="outreach.E004")


@register("outreach")
def email_url(app_configs, **kwargs):
    try:
        relay_url.parse(settings.EMAIL_URL)
    except ValueError as fault:
        hint = "file:, file:///folder, smtp://, smtp+tls:// or smtps://user:password@host:port"
        yield Error(str(fault), hint=hint, id="outreach.E005")


@register("outreach")
def time_zone(app_configs, **kwargs):
    if (wanted := value("TIME_ZONE")) and environment.time_zone(wanted) != wanted:
        hint = "A name of the tz database, such as Africa/Tunis."
        yield Error(f"TIME_ZONE is unknown: {wanted!r}.", hint=hint, id="outreach.E006")


@register("outreach")
def log_level(app_configs, **kwargs):
    if (wanted := value("LOG_LEVEL")) and wanted.upper() not in environment.LOG_LEVELS:
        hint = f"One of {', '.join(environment.LOG_LEVELS)}."
        yield Error(f"LOG_LEVEL is unknown: {wanted!r}.", hint=hint, id="outreach.E007")


@register("outreach")
def hosts(app_configs, **kwargs):
    for host in filter(None, value("EXTRA_HOSTS").split(",")):
        if not re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]", host):
            hint = "Host names with commas between them, no scheme, no port, no space, no *."
            yield Error(f"EXTRA_HOSTS has {host!r}.", hint=hint, id="outreach.E008")


@register("outreach")
def mail_domain(app_configs, **kwargs):
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|[0-9.:]+", settings.MAIL_DOMAIN):
        hint = "A host name, such as example.org: it is the right side of Message-IDs."
        yield Error(f"MAIL_DOMAIN is {settings.MAIL_DOMAIN!r}.", hint=hint, id="outreach.E009")


@register("outreach")
def port(app_configs, **kwargs):
    if (wanted := value("PORT")) and str(environment.port(wanted)) != wanted:
        yield Error(f"PORT is {wanted!r}.", hint="A number from 1 to 65535.", id="outreach.E012")


@register("outreach")
def limits(app_configs, **kwargs):
    for name in ("OUTREACH_DOMAIN_HOUR", "OUTREACH_DOMAIN_AT_ONCE"):
        if (wanted := value(name)) and not wanted.isdecimal():
            hint = "A whole number of mails; 0 for no limit."
            yield Error(f"{name} is {wanted!r}.", hint=hint, id="outreach.E013")


@register("outreach")
def connections_at_once(app_configs, **kwargs):
    if (wanted := value("OUTREACH_CONNECTIONS")) and str(settings.OUTREACH_CONNECTIONS) != wanted:
        hint = "A whole number from 1 on."
        yield Error(f"OUTREACH_CONNECTIONS is {wanted!r}.", hint=hint, id="outreach.E016")


@register("outreach")
def only_to(app_configs, **kwargs):
    listed = settings.OUTREACH_ONLY_TO
    if listed is not None and not listed:
        hint = "Name the addresses and domains that a staging site may write to in OUTREACH_ONLY_TO, with commas."
        yield Error("This site may write to nobody: OUTREACH_ONLY_TO is empty.", hint=hint, id="outreach.E014")
    for one in sorted(listed or ()):
        if not re.fullmatch(r"([^@\s*,]+@)?[a-z0-9-]+(\.[a-z0-9-]+)*", one):
            hint = "Addresses such as ana@desk.example and domains such as desk.example, with commas; no *."
            yield Error(f"OUTREACH_ONLY_TO has {one!r}.", hint=hint, id="outreach.E015")


@register("outreach")
def demo(app_configs, **kwargs):
    if not settings.DEMO:
        return
    if not is_loopback(settings.SITE.hostname):
        hint = "Its passwords are printed and its clock can be turned. Unset DEMO for a public site."
        yield Error(f"The demo runs on this machine only, not on {settings.SITE_URL}.", hint=hint, id="outreach.E010")
    if (server := relay()) and server.kind == "smtp":
        hint = "Unset EMAIL_URL: the demo writes mail to a folder."
        yield Error("The demo refuses a real mail server.", hint=hint, id="outreach.E011")


@register("outreach", deploy=True)
def needed(app_configs, **kwargs):
    for name, (code, why) in NEEDED.items():
        if not value(name):
            yield Error(f"{name} is not set: {why}.", id=code)
    if settings.DEMO:
        yield Error("DEMO is set: a public site is no demo.", id="outreach.E025")


@register("outreach", deploy=True)
def clear_text(app_configs, **kwargs):
    server = relay()
    if server and server.user and not server.security and not is_loopback(server.host):
        hint = "smtp+tls://user:password@host:587"
        yield Warning("EMAIL_URL sends its password in clear text.", hint=hint, id="outreach.W001")


def stop_on_errors():
    """Raise ImproperlyConfigured with every error above, and for a missing SECRET_KEY: for wsgi.py.

    gunicorn, unlike manage.py and the worker, runs no checks of its own.
    """
    errors = [*run_checks(tags=["outreach"])]
    faults = [f"{error.id}: {error.msg} {error.hint or ''}".strip() for error in errors if error.is_serious()]
    if not settings.DEMO and not settings.DEBUG and not value("SECRET_KEY"):
        code, why = NEEDED["SECRET_KEY"]
        faults.append(f"{code}: SECRET_KEY is not set: {why}.")
    if faults:
        raise ImproperlyConfigured("\n".join(faults))
