"""
Settings, all read from the environment in the first block.

`.env` beside `manage.py` is read too; the environment wins. A value that cannot be understood stops the start
and names its variable. Every variable is explained in `.env.example`.
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from rsmportal.payee import Payee, read_payee
from rsmportal.tracked import TRACKED

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(value: str) -> bool:
    """A yes or no of the environment. Unlike django-environ's own cast, an unknown word is an error, not «no»."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[value.strip().lower()]


def read(name: str, cast: Callable[[str], Any], default: Any) -> Any:
    """The variable `name` as `cast` makes it, or `default` when it is absent or empty."""
    raw = env.str(name, default="")
    if not raw:
        return default
    try:
        return cast(raw)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name}: the value cannot be understood; see .env.example") from error


def checked_payee(**values: str) -> Payee | None:
    """Whom invoices are paid to; None when no PAYEE_… is set. A wrong or missing one stops the start."""
    try:
        return read_payee(values)
    except ValueError as error:
        variable = f"PAYEE_{str(error).upper()}"
        raise ImproperlyConfigured(f"{variable}: the value cannot be understood; see .env.example") from error


def minutes(value: str) -> timedelta:
    number = int(value)
    if not 1 <= number <= 24 * 60:
        raise ValueError(value)
    return timedelta(minutes=number)


def read_list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


django_stubs_ext.monkeypatch()  # lets forms and admins be written with the type they are for: ModelForm[Consumer]

# -- The environment ------------------------------------------------------------------------------------------------

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = read("DEBUG", flag, False)
HTTPS = read("HTTPS", flag, not DEBUG)
SECRET_KEY = read("SECRET_KEY", str, "")
ALLOWED_HOSTS = read("ALLOWED_HOSTS", read_list, ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = read("CSRF_TRUSTED_ORIGINS", read_list, [])
DATA_DIR = read("DATA_DIR", Path, BASE_DIR / "var")
DATABASE_URL = read("DATABASE_URL", str, f"sqlite:///{DATA_DIR}/db.sqlite3")
EMAIL_URL = read("EMAIL_URL", str, "consolemail://")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read("DEFAULT_FROM_EMAIL", str, "portal@localhost")
RECAPTCHA_PUBLIC_KEY = read("RECAPTCHA_PUBLIC_KEY", str, "")
RECAPTCHA_PRIVATE_KEY = read("RECAPTCHA_PRIVATE_KEY", str, "")
SNILS_KEYS = read("SNILS_KEYS", read_list, [SECRET_KEY])
STAFF_SECOND_FACTOR = read("STAFF_SECOND_FACTOR", flag, not DEBUG)
STAFF_IDLE = read("STAFF_IDLE_MINUTES", minutes, timedelta(minutes=30))
TRUSTED_PROXIES = read("TRUSTED_PROXIES", int, 0)
SITE_URL = read("SITE_URL", str, "").rstrip("/")
MAIN_SITE_URL = read("MAIN_SITE_URL", str, "").rstrip("/")
OPERATOR_NAME = read("OPERATOR_NAME", str, "РСМ Энерго")
OPERATOR_LEGAL_NAME = read("OPERATOR_LEGAL_NAME", str, "ООО «Ростсельмашэнерго»")
PAYEE = checked_payee(
    name=read("PAYEE_NAME", str, ""),
    inn=read("PAYEE_INN", str, ""),
    kpp=read("PAYEE_KPP", str, ""),
    account=read("PAYEE_ACCOUNT", str, ""),
    bank=read("PAYEE_BANK", str, ""),
    bic=read("PAYEE_BIC", str, ""),
    corr_account=read("PAYEE_CORR_ACCOUNT", str, ""),
)

if not SITE_URL:  # links in mail: never from the Host header, which a stranger can write
    public_host = next((host for host in ALLOWED_HOSTS if host.strip(".*")), "127.0.0.1").lstrip(".")
    SITE_URL = f"https://{public_host}" if HTTPS else "http://127.0.0.1:8000"
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY: set it in the environment or in .env; see .env.example")

# -- Applications ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "requests_app",
    "rsmportal.content",
    "rsmportal.apps.DeskConfig",  # django.contrib.admin with our start page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # FORM_RENDERER looks for Django's own widget templates here
    "auditlog",
    "axes",
    "csp",
    "django_altcha",
    "django_recaptcha",
    "phonenumber_field",
    "post_office",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rsmportal.middleware.NoStoreMiddleware",
    "requests_app.middleware.UnsentTextMiddleware",
    "accounts.middleware.StaffSessionMiddleware",
    "requests_app.looks.TrailMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.ConsentMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "rsmportal.urls"
WSGI_APPLICATION = "rsmportal.wsgi.application"
ASGI_APPLICATION = "rsmportal.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rsmportal.context_processors.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- Database, cache, files -----------------------------------------------------------------------------------------

try:
    DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(DATABASE_URL)}
except Exception as error:  # django-environ raises many kinds here
    raise ImproperlyConfigured("DATABASE_URL: the value cannot be understood; see .env.example") from error
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write waits for its turn at the start instead of failing in the middle
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # jit: our pages read few rows by dear-looking plans, and compiling one of them takes longer than running it
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        "-c statement_timeout=15000 -c lock_timeout=10000 -c jit=off"
    )

# Replay marks of the captcha and rate limits live here: every worker must see the same, so not in memory.
# MAX_ENTRIES: past it the cache drops entries, and a dropped mark could be replayed.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_table",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private", "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
if DEBUG:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_USE_FINDERS = True

# Ten files of ten megabytes are refused file by file with a message; this only bounds the text of a form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# -- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский")]
USE_I18N = True
TIME_ZONE = "Europe/Moscow"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "RU"
PHONENUMBER_DB_FORMAT = "RFC3966"  # the default, E164, drops extensions without a word

# -- Accounts -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.limits.FailedLoginsBackend",  # keeps out who sprays one password over many names
    "axes.backends.AxesStandaloneBackend",  # keeps out who tries many passwords on one name
    "accounts.backends.LoginBackend",
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "requests:cabinet"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
REMEMBER_ME = timedelta(days=30)

AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"  # exact under parallel tries; the cache handler leaks
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.limits.login_name"
AXES_CLIENT_IP_CALLABLE = "accounts.limits.client_network"
AXES_LOCKOUT_CALLABLE = "accounts.limits.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page promises fifteen minutes, whoever knocks meanwhile
AXES_DISABLE_ACCESS_LOG = True  # addresses of good logins would pile up for ever
AXES_VERBOSE = False  # its log lines carry user names

ALTCHA_HMAC_KEY = SECRET_KEY
RECAPTCHA_VERIFY_REQUEST_TIMEOUT = 5  # seconds
SILENCED_SYSTEM_CHECKS = ["django_recaptcha.recaptcha_test_key_error"]  # without keys reCAPTCHA is not used

# -- Security -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # «Запомнить меня» sets another end
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # the monitor asks on the machine itself
CSRF_FAILURE_VIEW = "rsmportal.views.csrf_failure"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- Trail ----------------------------------------------------------------------------------------------------------

AUDITLOG_INCLUDE_TRACKING_MODELS = TRACKED
AUDITLOG_DISABLE_ON_RAW_SAVE = True  # rows that are loaded were written down when they were made
AUDITLOG_DISABLE_REMOTE_ADDR = True
AUDITLOG_DISABLE_ON_RAW_SAVE = True  # loaded rows were written elsewhere
AUDITLOG_CID_HEADER = None  # whatever a browser sends there would be stored

# -- Mail -----------------------------------------------------------------------------------------------------------

try:
    _email = environ.Env.email_url_config(EMAIL_URL)
except Exception as error:
    raise ImproperlyConfigured("EMAIL_URL: the value cannot be understood; see .env.example") from error
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _email.get("EMAIL_FILE_PATH") or str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 20

EMAIL_BACKEND = "post_office.EmailBackend"
POST_OFFICE = {
    "BACKENDS": {"default": _email["EMAIL_BACKEND"]},
    "MESSAGE_ID_ENABLED": True,
    "MESSAGE_ID_FQDN": SITE_URL.split("//")[-1].split(":")[0].split("/")[0],
    "DEFAULT_PRIORITY": "medium",
    "SENDING_ORDER": ["-priority", "pk"],
    "MAX_RETRIES": 20,
}

# -- Log: what happened and where, never whose ----------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
