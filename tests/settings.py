"""
The portal's settings for tests: nothing is read from the developer's environment or `.env` but DATABASE_URL.

Each test process has a folder of its own for files and for SQLite; `conftest.py` makes and removes it. DATA_DIR names
it, so a `manage.py` that a test starts works on the same files.
"""

import os
import secrets
import tempfile

_folder = f"{tempfile.gettempdir()}/rsmportal-tests-{secrets.token_hex(8)}"

_database_url = os.environ.get("DATABASE_URL", "")

# `.env` never overwrites what is set, and an empty value means the default: so every variable is set here.
os.environ.update(
    SECRET_KEY="for-tests-only-" + "0123456789abcdef" * 4,
    DEBUG="0",
    HTTPS="0",
    ALLOWED_HOSTS="*",
    CSRF_TRUSTED_ORIGINS="",
    DATA_DIR=_folder,
    DATABASE_URL=_database_url if _database_url.startswith("postgres") else f"sqlite:///{_folder}/db.sqlite3",
    EMAIL_URL="memorymail://",
    DEFAULT_FROM_EMAIL="portal@example.org",
    RECAPTCHA_PUBLIC_KEY="",
    RECAPTCHA_PRIVATE_KEY="",
    SNILS_KEYS="",
    STAFF_SECOND_FACTOR="0",
    STAFF_IDLE_MINUTES="",
    TRUSTED_PROXIES="",
    SITE_URL="http://testserver",
    MAIN_SITE_URL="https://www.example.org",
    OPERATOR_NAME="",
    OPERATOR_LEGAL_NAME="",
    PAYEE_NAME="ООО «Пример энергосети»",
    PAYEE_INN="6166000060",
    PAYEE_KPP="616601001",
    PAYEE_ACCOUNT="40702810600000000001",
    PAYEE_BANK="Банк Пример, г. Ростов-на-Дону",
    PAYEE_BIC="046000999",
    PAYEE_CORR_ACCOUNT="30101810500000000999",
)

from rsmportal.settings import *  # noqa: E402, F403
from rsmportal.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: the live server and parallel connections are threads that must see the same data.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the real one is slow on purpose
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # needs no collectstatic
