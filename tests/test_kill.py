"""
Server and mail worker killed with -9 in the middle of submissions: whatever was answered with a number is there, whole.

The real processes over real HTTP and SMTP, on the database that the tests run on.
"""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db.models import Count
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from post_office.models import STATUS, Email

from requests_app.models import Attachment, ServiceRequest
from tests.conftest import free_port
from tests.factories import PASSWORD, ConsumerFactory
from tests.files import PDF, picture, upload

BASE_DIR = Path(__file__).resolve().parent.parent
PEOPLE = 4
KILLS = 2
BETWEEN_KILLS = 5  # requests answered before the next one


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_answered_with_a_number_survives_a_kill(process_environment, smtp):
    environment = {**process_environment, "EMAIL_URL": smtp.url, "PYTHONWARNINGS": "ignore"}
    portal = Portal(environment)
    hurry = threading.Event()
    people = [Person(portal.port, consumer_with_real_password(), hurry) for _ in range(PEOPLE)]
    answered: dict[str, str] = {}

    try:
        portal.start()
        for person in people:
            person.start()
        for _ in range(KILLS):
            target = len(answers(people)) + BETWEEN_KILLS
            wait_until(lambda target=target: len(answers(people)) >= target or any(p.error for p in people))
            portal.kill()
            portal.start()
        hurry.set()
        for person in people:
            person.join(timeout=60)
        answered = answers(people)
        wait_until(lambda: len(smtp.messages) >= len(answered) // 2)
    finally:
        hurry.set()
        portal.kill()

    assert [person.error for person in people] == [None] * PEOPLE
    assert len(answered) >= KILLS * BETWEEN_KILLS
    assert_whole(answered)
    assert_letters(answered, smtp.messages)


def assert_whole(answered: dict[str, str]) -> None:
    """Every answered request with its detail and files; each sending once, also where the answer was lost."""
    stored = {request.number: request for request in ServiceRequest.objects.select_related("inquiry")}
    assert {number: stored[number].inquiry.question for number in answered} == answered
    assert not ServiceRequest.objects.values("inquiry__question").annotate(times=Count("pk")).filter(times__gt=1)
    assert not ServiceRequest.objects.annotate(files=Count("attachments")).exclude(files=2)
    for attachment in Attachment.objects.all():
        assert Path(attachment.file.path).stat().st_size == attachment.size
    call_command("check_data")


def assert_letters(answered: dict[str, str], received) -> None:
    """One letter for each request, sent or still waiting, and none for what does not exist."""
    subjects = {
        f"Заявка № {number} зарегистрирована" for number in ServiceRequest.objects.values_list("number", flat=True)
    }
    letters = list(Email.objects.all())
    assert sorted(letter.subject for letter in letters) == sorted(subjects)
    assert {letter.status for letter in letters} <= {STATUS.sent, STATUS.queued, STATUS.requeued}
    came_in = {str(message["Subject"]).strip() for message in received}  # a folded header begins with a space
    assert {letter.subject for letter in letters if letter.status == STATUS.sent} <= came_in <= subjects
    assert len(received) <= len(came_in) + KILLS  # a killed worker repeats its letter at most


def answers(people: list["Person"]) -> dict[str, str]:
    return {number: question for person in people for number, question in list(person.answered.items())}


def consumer_with_real_password():
    """The server knows only the real hasher."""
    user = ConsumerFactory(agreed=True).user
    user.password = Argon2PasswordHasher().encode(PASSWORD, "salt" * 4)
    user.save()
    return user


def wait_until(condition, seconds=60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


class Portal:
    """Gunicorn and the mail worker, each in a process group of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.port = free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        gunicorn = [sys.executable, "-m", "gunicorn", "rsmportal.wsgi", "--config=deploy/gunicorn.conf.py"]
        gunicorn += [f"--bind=127.0.0.1:{self.port}", "--workers=2", "--log-level=critical"]
        worker = [sys.executable, "manage.py", "mail_worker", "--interval=0.2"]
        for command in (gunicorn, worker):
            process = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL
            )
            self.running.append(process)

    def kill(self) -> None:
        for process in self.running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running = []


class Person(threading.Thread):
    """Sends one inquiry after another, and each again when no answer came, as the page in the browser is still there."""

    def __init__(self, port: int, user, hurry: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.user, self.hurry = port, user, hurry
        self.cookies: dict[str, str] = {}
        self.answered: dict[str, str] = {}  # number → question
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.log_in()
            while not self.hurry.is_set():
                self.send()
        except BaseException as error:  # noqa: BLE001  told by the test
            self.error = error

    def log_in(self) -> None:
        page = self.ask("GET", "/consent/?next=/cabinet/")[1]
        fields = {
            "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
            "username": self.user.email,
            "password": PASSWORD,
        }
        status, _, location = self.ask(
            "POST", "/accounts/login/", urlencode(fields).encode(), "application/x-www-form-urlencoded"
        )
        assert (status, location) == (302, "/cabinet/")

    def send(self) -> None:
        page = self.ask("GET", "/requests/new/inquiry/")[1]
        question = f"Вопрос {uuid.uuid4()}: когда приедет мастер?"
        fields = {
            "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
            "submission_key": hidden(page, "submission_key"),
            "topic": "metering",
            "question": question,
            "reply_channel": "cabinet",
            "files": [
                upload("Акт.pdf", PDF + question.encode() + b"%%EOF"),
                upload("Фото.jpg", picture(size=(400, 300))),
            ],
        }
        body = encode_multipart(BOUNDARY, fields)
        status, page, location = self.ask("POST", "/requests/new/inquiry/", body, MULTIPART_CONTENT)
        assert status == 302, re.sub(r"\s+", " ", page)[:3000]
        self.answered[location.strip("/").rpartition("/")[2]] = question

    def ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> tuple[int, str, str]:
        """Status, page and Location; asked again as long as the portal is away."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.ask_once(method, path, body, content_type)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "the portal did not come back"
                time.sleep(0.1)

    def ask_once(self, method: str, path: str, body: bytes | None, content_type: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if content_type:
            headers["Content-Type"] = content_type
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, page, response.headers.get("Location", "")


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    (tag,) = set(re.findall(rf'<input[^>]*name="{name}"[^>]*>', page))
    return re.search(r'value="([^"]*)"', tag)[1]
