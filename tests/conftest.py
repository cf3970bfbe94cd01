"""
Fixtures for every test; each says what it gives.

What the machine lacks is skipped with its reason, and that is a failure when REQUIRE_ALL is set, as it is in CI.
Tests marked `postgres` are left out on SQLite; `tests/with-postgres` runs them.
"""

import os
import random
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import pytest_django
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction

from accounts.text_question import TextQuestion

pytest_plugins = ["tests.browser"]

REQUIRE_ALL = bool(os.environ.get("REQUIRE_ALL"))

# The same examples every time: a run fails for what was changed, not for its luck or a slow moment of the machine.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_configure() -> None:
    settings.DATA_DIR.mkdir(mode=0o700)
    settings.STATIC_ROOT.mkdir()  # WhiteNoise warns when it is missing


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.DATA_DIR)


# -- What runs ------------------------------------------------------------------------------------------------------


def pytest_report_header() -> str:
    if on_postgres():
        return "database: PostgreSQL"
    return "database: SQLite; tests marked postgres are deselected, they run under tests/with-postgres"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    for item in filter(asks_the_database, items):
        item.add_marker("database")
    for item in filter(is_transactional, items):
        # The flush after such a test also takes the rows that migrations made; the option brings them back for the next.
        database = item.get_closest_marker("django_db")
        options = {**(database.kwargs if database else {}), "transaction": True, "serialized_rollback": True}
        item.add_marker(pytest.mark.django_db(**options), append=False)
    if not on_postgres():
        deselected = [item for item in items if item.get_closest_marker("postgres")]
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]
        config.hook.pytest_deselected(items=deselected)
    result = yield
    items.sort(key=is_transactional)  # these last: the others would find the rows gone
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"{report.longrepr[2]} (and REQUIRE_ALL is set)"
    return report


def on_postgres() -> bool:
    return settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"


def asks_the_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db")) or "db" in item.fixturenames or is_transactional(item)


def is_transactional(item: pytest.Item) -> bool:
    """Whether the test commits for real instead of being rolled back."""
    database = item.get_closest_marker("django_db")
    return bool(database and database.kwargs.get("transaction")) or not {"live_server", "transactional_db"}.isdisjoint(
        item.fixturenames
    )


# -- Database, cache, mail ------------------------------------------------------------------------------------------


# When the migrations ran: texts and terms are in force since then, and no test goes behind it.
_INSTALLED = time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The last that pytest-django asks for before it makes the database."""
    _INSTALLED.start()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """
    pytest-django's test database, whose migrated rows come back after each test with real commits.

    Django writes these rows as JSON and reads them anew each time, half a second on PostgreSQL; here the database copies
    them. What is set, is set on classes: Django opens another connection while Playwright's event loop is there.
    """
    _INSTALLED.stop()
    with django_db_blocker.unblock():
        tables = _keep_migrated_rows()
    creation: Any = type(connection.creation)
    creation.deserialize_db_from_string = lambda self, data: _bring_back(tables)
    type(connections["default"])._test_serialized_contents = ""  # that it is there says: bring them back


def _keep_migrated_rows() -> list[str]:
    """Copies each table that is not empty; returns their names."""
    kept = []
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
            if cursor.fetchone():
                cursor.execute(f'CREATE TABLE "kept_{table}" AS SELECT * FROM "{table}"')
                kept.append(table)
    return kept


def _bring_back(tables: list[str]) -> None:
    """Where they are still there, nothing happens."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "kept_{table}" WHERE true ON CONFLICT DO NOTHING')


@pytest.fixture(autouse=True)
def _emptied_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """The cache table belongs to no model, so the flush after a test with real commits passes it by."""
    if not is_transactional(request.node):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _queued_mail(django_test_environment: None) -> None:
    """Django's test set-up replaces the mail backend; ours stays, so that a test finds letters in the queue."""
    settings.EMAIL_BACKEND = "post_office.EmailBackend"


@pytest.fixture
def solved_captcha() -> Callable[[], dict[str, str]]:
    """`solved_captcha()`: what a form sends when «Я не робот» was passed without scripts; good once, like any captcha."""

    def solve() -> dict[str, str]:
        question = TextQuestion.ask()
        return {"captcha_question": question.token, "captcha_answer": str(question.answer)}

    return solve


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which a process that a test starts, `manage.py` or gunicorn, works on the test's data."""
    database = {name: str(value) for name, value in connection.settings_dict.items()}
    if on_postgres():
        login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
        url = f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    else:
        url = f"sqlite:///{database['NAME']}"
    # DEBUG: static files are served without collectstatic
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "rsmportal.settings", "DATABASE_URL": url, "DEBUG": "1"}


@dataclass
class MailServer:
    """A real SMTP server: the letters that came in, and what it says to the next one."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 OK"

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  aiosmtpd's name
        if self.answer.startswith("2"):
            head, blank, body = envelope.content.partition(b"\r\n\r\n")
            head = head.replace(b":\r\n ", b": ")  # Python's parser leaves a space where a line breaks after the name
            self.messages.append(message_from_bytes(head + blank + body, policy=policy.default))
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


@pytest.fixture
def smtp(settings) -> Iterator[MailServer]:
    """
    A running SMTP server to which the mail queue is sent in this test: `smtp.messages` are the letters that came in.

    `smtp.answer = "451 later"` makes it refuse.
    """
    server = MailServer(free_port())
    settings.POST_OFFICE = {
        **settings.POST_OFFICE,
        "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    }
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


def free_port() -> int:
    """A port of 127.0.0.1 below those that the system hands out to clients, so that nobody takes it meanwhile."""
    while True:
        port = random.randrange(10000, 20000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
