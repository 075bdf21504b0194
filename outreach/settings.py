"""Environment in, constants out. README.md lists every variable.

Nothing is refused here: a value that cannot be used is replaced by a harmless one, and outreach/checks.py
names it with an id. `manage.py`, the worker and outreach/wsgi.py run the checks and then do not start.
"""

import os
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _
from kombu import Queue

from . import environment

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name, default=""):
    """Return environment variable `name`; `default` when it is not set or empty."""
    return os.environ.get(name) or default


DEBUG = env("DEBUG") == "1"
DEMO = env("DEMO") == "1"
VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / ("var/demo" if DEMO else "var"))))  # all that the site writes
SECRET_KEY = env("SECRET_KEY")  # empty: commands run, nothing can be signed, the site does not start
if not SECRET_KEY and DEMO:
    SECRET_KEY = environment.made_once(VAR_DIR / "secret-key")
elif not SECRET_KEY and DEBUG:
    SECRET_KEY = "for-development-only"
SITE_NAME = env("SITE_NAME", "Outreach")
PORT = environment.port(env("PORT", "8000"))  # of `manage.py run`, on 127.0.0.1
SITE_URL = env("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SITE = environment.split_url(SITE_URL)
ALLOWED_HOSTS = [SITE.hostname or "", *filter(None, env("EXTRA_HOSTS").split(",")), *(["localhost"] if DEMO else [])]

INSTALLED_APPS = [
    "outreach.apps.Outreach",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "axes",
    "django_countries",
    "crispy_forms",
    "companies",
    "campaigns",
    "correspondence",
    "responses",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "outreach.middleware.content_security_policy",
    "outreach.middleware.staff_pages_are_not_stored",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "outreach.accounts.sessions.sessions_end",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "outreach.urls"
WSGI_APPLICATION = "outreach.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "outreach.context.site",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "plain"
CRISPY_FAIL_SILENTLY = False

# Database. Three processes write to SQLite at once: write-ahead log, and every transaction takes the
# write lock when it begins, or half of them would fail with "database is locked".
DATABASE_URL = env("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR / 'outreach.sqlite3'))}")
DATABASES = {"default": environment.database(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pt", "Português"), ("es", "Español"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["outreach.formats"]
TIME_ZONE = environment.time_zone(env("TIME_ZONE", "UTC"))
USE_TZ = True
# Visitors get no cookie: the language stands in the address.
LANGUAGE_COOKIE_NAME = "language"

# Static files and uploads
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_STATIC = (STATIC_ROOT / "staticfiles.json").exists() and not DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HASHED_STATIC  # no manifest: look when asked
MEDIA_ROOT = VAR_DIR / "media"

# Rendered public pages, each kept in its process under a tag of what can change it (campaigns/freshness.py).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 200}},
}

# Celery: tasks are hints, the database is the queue. Without Redis they travel through a folder.
REDIS_URL = env("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "folder://localhost/"
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "outreach.folder_transport:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "celery" / "queue"),
        "data_folder_out": str(VAR_DIR / "celery" / "queue"),
        "control_folder": str(VAR_DIR / "celery" / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("default", "mail")]  # all served without -Q
CELERY_TASK_ROUTES = {
    "correspondence.tasks.sweep_mail": {"queue": "mail"},
    "correspondence.tasks.schedule_steps": {"queue": "mail"},
}
TICK_SECONDS = 60
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "correspondence.tasks.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS - 5},
    },
}

# Mail. Without EMAIL_URL every mail becomes a file: nobody gets mail by accident.
MAIL_DIR = Path(env("MAIL_DIR", str(VAR_DIR / "mail")))
EMAIL_URL = env("EMAIL_URL", "file:")
MAIL_DOMAIN = env("MAIL_DOMAIN", SITE.hostname or "localhost")  # right side of our Message-IDs
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", f"desk@{MAIL_DOMAIN}")  # for mail to staff
EMAIL_TIMEOUT = 60  # seconds; Django's None would wait for ever
OUTREACH_HOLD = env("OUTREACH_HOLD", "0") != "0"  # nothing leaves while this is set, whatever the desk says
OUTREACH_DOMAIN_HOUR = environment.number(env("OUTREACH_DOMAIN_HOUR"), 30)  # mails to one domain; 0: no limit
OUTREACH_DOMAIN_AT_ONCE = environment.number(env("OUTREACH_DOMAIN_AT_ONCE"), 2)  # 0: no limit
OUTREACH_CONNECTIONS = environment.number(env("OUTREACH_CONNECTIONS"), 4) or 1  # to the mail server, of each worker
# Whom this site may write to, addresses and domains; None: everybody. A staging site must name them.
OUTREACH_ONLY_TO = environment.allow_list(env("OUTREACH_ONLY_TO"), staging=env("OUTREACH_STAGING", "0") != "0")

# Security: safe unless DEBUG or DEMO say that this is a machine of one's own.
HTTPS = SITE.scheme == "https"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600  # without a visit; 24 hours in all, see accounts/sessions.py
SECURE_SSL_REDIRECT = HTTPS
BEHIND_PROXY = env("BEHIND_PROXY") == "1"  # its X-Forwarded-Proto and the end of its X-Forwarded-For are believed
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "outreach.views.forbidden"
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "outreach.accounts.throttle.Throttle"  # with the numbers, and what is kept
AXES_CLIENT_IP_CALLABLE = "outreach.accounts.throttle.address_of"
AXES_LOCKOUT_CALLABLE = "outreach.accounts.throttle.refused"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of links to set a password
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # 2,000 companies with a tick and a choice each

LOG_LEVEL = environment.log_level(env("LOG_LEVEL", "WARNING" if DEMO else "INFO"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "outreach.logs.Line", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

ADMIN_TITLE = _("Outreach desk")
