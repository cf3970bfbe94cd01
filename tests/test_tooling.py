"""The commands of the Makefile and what stands behind them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.conftest import free_port

BASE_DIR = Path(__file__).resolve().parent.parent
WITH_POSTGRES = [sys.executable, BASE_DIR / "tests/with-postgres"]


def environment_variables() -> set[str]:
    """What settings.py reads."""
    return set(re.findall(r'\bread\("([A-Z_]+)"', (BASE_DIR / "rsmportal/settings.py").read_text()))


def test_every_environment_variable_is_explained():
    explained = re.findall(r"^#? ?([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE)

    assert set(explained) == environment_variables() | {"PORT"}


def test_no_environment_variable_of_the_developer_reaches_the_tests():
    fixed = re.findall(r"^    ([A-Z_]+)=", (BASE_DIR / "tests/settings.py").read_text(), re.MULTILINE)

    assert set(fixed) == environment_variables()


def test_with_postgres_uses_the_server_it_is_told():
    environment = {**os.environ, "DATABASE_URL": "postgres://told"}

    result = subprocess.run(
        [*WITH_POSTGRES, "sh", "-c", "echo $DATABASE_URL; exit 3"], env=environment, capture_output=True, text=True
    )

    assert (result.stdout, result.returncode) == ("postgres://told\n", 3)


@pytest.mark.postgres
def test_with_postgres_leaves_nothing_when_it_is_told_to_end(folder_for_everybody):
    environment = {**os.environ, "DATABASE_URL": "", "TMPDIR": str(folder_for_everybody)}

    with subprocess.Popen([*WITH_POSTGRES, "sleep", "60"], env=environment, start_new_session=True) as process:
        wait_until(lambda: list(folder_for_everybody.glob("*/data/postmaster.pid")), process)
        server = int(next(folder_for_everybody.glob("*/data/postmaster.pid")).read_text().split()[0])
        process.terminate()

    assert process.returncode == 128 + signal.SIGTERM
    assert list(folder_for_everybody.iterdir()) == []
    assert not Path(f"/proc/{server}").exists()


@pytest.fixture
def folder_for_everybody() -> Iterator[Path]:
    """Unlike tmp_path it can be entered by the account to which root lends the cluster."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def copy_of_the_project(tmp_path_factory) -> Path:
    """What a newcomer has after cloning, with the packages installed already."""
    copy = tmp_path_factory.mktemp("copy") / "portal"
    shutil.copytree(BASE_DIR, copy, ignore=shutil.ignore_patterns(".*", "var", "__pycache__"))
    shutil.copy(BASE_DIR / ".gitignore", copy)
    (copy / ".venv").symlink_to(sys.prefix)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


@pytest.mark.parametrize("to_the_group", [False, True])
def test_make_run_serves_until_it_is_told_to_end(copy_of_the_project, to_the_group):
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}

    with subprocess.Popen(
        ["make", "--old-file=.venv/.runtime", "run"],  # what is installed need not be installed again
        cwd=copy_of_the_project,
        env={**kept, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), process)
        running = processes_of_group(process.pid)
        if to_the_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        output = process.communicate(timeout=30)[0]

    assert {"make", "runserver", "mail_worker"} <= {word for command in running for word in command.split()}
    assert f"http://127.0.0.1:{port}" in output
    assert processes_of_group(process.pid) == []
    new = subprocess.run(["git", "status", "--porcelain"], cwd=copy_of_the_project, capture_output=True, text=True)
    assert [line for line in new.stdout.splitlines() if not line.startswith("A ")] == []


def test_click_waits_for_the_whole_next_page(page, page_in_two_halves):
    page.goto(page_in_two_halves)

    page.get_by_role("link", name="Дальше").click()

    assert page.locator("form").count() == 1


@pytest.fixture
def page_in_two_halves() -> Iterator[str]:
    """An address whose link leads to a page that stops half-way for a moment."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path == "/":
                self.wfile.write('<a href="/next">Дальше</a>'.encode())
                return
            self.wfile.write(b"<!doctype html><main>" + b" " * 4096)
            self.wfile.flush()
            time.sleep(0.5)
            self.wfile.write(b"<form></form></main>")

        def log_message(self, *args: object) -> None:
            """Nothing: the test says what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def wait_until(condition: Callable[[], object], process: subprocess.Popen, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310  our own server
            return response.status == 200
    except (URLError, OSError):
        return False


def processes_of_group(group: int) -> list[str]:
    """The command lines of the group's living processes."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, group_of_process = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(group_of_process) == group and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
