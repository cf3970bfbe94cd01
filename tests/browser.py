"""
Fixtures for tests in Chromium and for the HTML itself; `conftest.py` registers them.

`page` (1280 px wide) is pytest-playwright's own. `page.goto("/news/")` opens the live server.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator

# The first that is there. The shell is Chromium without the windows around its pages: the same pages in two thirds of the
# time. Debian has both.
CHROMIUM = next(filter(Path.exists, map(Path, ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"])), None)
VNU_JAR = Path(os.environ.get("VNU_JAR") or ".cache/node_modules/vnu-jar/build/dist/vnu.jar")

# Playwright keeps an event loop in the test's thread; Django would take the test's own queries for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_report_header() -> list[str]:
    return [
        f"browser: {CHROMIUM or 'no Chromium, tests marked browser are skipped'}",
        f"Nu HTML checker: {no_nu() or VNU_JAR}",
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("browser")
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="Chromium is not there: apt-get install chromium-headless-shell")
                )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, which asks nobody but this machine for anything."""
    quiet = [
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    ]
    nowhere = "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    arguments = [f"--{name}" for name in ("no-sandbox", "disable-gpu", *quiet, nowhere)]
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    """`page.goto("/…")` opens the live server."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "ru-RU",
        "timezone_id": "Europe/Moscow",
    }


@pytest.fixture(autouse=True, scope="session")
def _click_waits_for_the_page() -> Iterator[None]:
    """
    Playwright's click returns when the next page has begun; here it waits for the whole of it, or a `count()` that
    follows would look at half a page.
    """
    click = Locator.click

    def click_and_load(locator: Locator, **options) -> None:
        click(locator, **options)
        locator.page.wait_for_load_state()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click_and_load)
        yield


@pytest.fixture
def new_context(new_context, console):
    """pytest-playwright's factory of browser contexts; each is watched by `console`."""

    def new_watched_context(**options):
        context = new_context(**options)
        console.watch(context)
        return context

    return new_watched_context


@pytest.fixture
def page320(new_context):
    """A page as narrow as WCAG 2.2 asks for (1.4.10)."""
    return new_context(viewport={"width": 320, "height": 640}).new_page()


@pytest.fixture(params=[320, 1280])
def sized_page(request, new_context):
    """A page; the test runs once for each width."""
    return new_context(viewport={"width": request.param, "height": 800}).new_page()


@pytest.fixture
def page_without_js(new_context):
    return new_context(java_script_enabled=False).new_page()


class Console:
    """What Chromium complained of, broken Content-Security-Policy included, and requests that left the machine."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._allowed: list[str] = []

    def watch(self, context) -> None:
        context.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        context.on("weberror", lambda web_error: self._note(str(web_error.error)))
        context.on("request", self._look_at_request)

    def allow(self, part: str) -> None:
        """Pass over complaints with these words: `console.allow("404")` before a page that must not be there."""
        self._allowed.append(part)

    def _look_at_request(self, request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in ("127.0.0.1", "localhost"):
            self._note(f"a request left the machine: {request.url}")

    def _note(self, problem: str) -> None:
        if not any(part in problem for part in self._allowed):
            self.problems.append(problem)


@pytest.fixture
def console() -> Iterator[Console]:
    """Every page of the test is watched; the test fails when Chromium complained of anything that was not allowed."""
    console = Console()
    yield console
    assert not console.problems, "\n".join(console.problems)


@pytest.fixture
def browser_login(live_server, transactional_db):
    """`browser_login(page, user)`: logs the page in by its cookie, without the login form."""

    def login(page, user) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])

    return login


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """`axe(page)`: the accessibility rules that the page breaks, a line for each place. A test wants []."""

    def run(page) -> list[str]:
        # target-size (WCAG 2.2, 2.5.8) is off in axe unless asked for; preloading style sheets, it misreads the
        # addresses that they import
        options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}, "preload": False}
        violations = Axe().run(page, options=options).response["violations"]
        return [f"{rule['id']}: {rule['help']}: {node['html']}" for rule in violations for node in rule["nodes"]]

    return run


# -- HTML -----------------------------------------------------------------------------------------------------------


def no_nu() -> str:
    """Why the Nu HTML checker cannot run, or nothing."""
    if not shutil.which("java"):
        return "no java"
    return "" if VNU_JAR.exists() else "VNU_JAR does not name vnu.jar of the npm package vnu-jar"


@pytest.fixture
def nu(tmp_path: Path) -> Callable[[dict[str, str]], list[str]]:
    """
    `nu({"login": html, …})`: the complaints of the Nu HTML checker about these pages, each with its page's name.

    A test wants []. Starting Java takes a second: give all pages at once.
    """
    if reason := no_nu():
        pytest.skip(f"the Nu HTML checker cannot run: {reason}")

    def check(pages: dict[str, str]) -> list[str]:
        for name, html in pages.items():
            (tmp_path / f"{name}.html").write_text(html)
        files = [str(tmp_path / f"{name}.html") for name in pages]
        command = ["java", "-jar", str(VNU_JAR), "--stdout", "--format", "json", "--exit-zero-always", *files]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        messages = json.loads(result.stdout)["messages"]
        return [f"{Path(m['url']).stem}, line {m.get('lastLine', '?')}: {m['message']}" for m in messages]

    return check
