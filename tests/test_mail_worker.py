"""The queue of letters against a real SMTP server; the command mail_worker."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from post_office.models import STATUS, Email, Log

from requests_app.management.commands import mail_worker
from rsmportal import mail
from tests.conftest import free_port

BASE_DIR = Path(__file__).resolve().parent.parent


def queue(*recipients):
    for recipient in recipients or ["samoylov@example.org"]:
        mail.queue("password_reset", to=recipient, subject="Новый пароль", context={"link": "http://testserver/"})


def work():
    call_command("mail_worker", once=True)


def statuses():
    return [STATUS._fields[status] for status in Email.objects.order_by("pk").values_list("status", flat=True)]


# -- One worker -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_queued_letters_are_sent_in_text_and_html(smtp):
    queue("a@example.org", "b@example.org")

    work()

    assert sorted(smtp.recipients) == [["a@example.org"], ["b@example.org"]]
    message = smtp.messages[0]
    assert (message["Subject"], message["From"]) == ("Новый пароль", "portal@example.org")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == Email.objects.get(to=message["To"]).message_id
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert statuses() == ["sent", "sent"]


@pytest.mark.django_db
def test_a_sent_letter_is_not_sent_again(smtp):
    queue()

    work()
    work()

    assert len(smtp.messages) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("failure", ["451 later", "552 message too large", "554 no"])
def test_a_letter_that_is_not_taken_is_kept_and_sent_later(smtp, failure):
    queue()
    smtp.answer = failure

    work()
    left = Email.objects.get()
    smtp.answer = "250 OK"
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        work()

    assert left.status == STATUS.requeued
    assert left.scheduled_time > timezone.now()
    assert len(smtp.messages) == 1
    assert statuses() == ["sent"]


@pytest.mark.django_db
def test_while_the_server_is_down_letters_wait(smtp, settings):
    queue("a@example.org", "b@example.org")
    settings.EMAIL_PORT = free_port()

    work()
    waiting = statuses()
    settings.EMAIL_PORT = smtp.port
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        work()

    assert waiting == ["requeued", "requeued"]
    assert statuses() == ["sent", "sent"]


@pytest.mark.django_db
def test_a_rejected_recipient_does_not_stop_the_others(smtp):
    async def handle_RCPT(server, session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        if address == "gone@example.org":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    smtp.handle_RCPT = handle_RCPT
    queue("a@example.org", "gone@example.org", "b@example.org")

    work()

    assert sorted(smtp.recipients) == [["a@example.org"], ["b@example.org"]]
    assert sorted(statuses()) == ["requeued", "sent", "sent"]


@pytest.mark.django_db
def test_a_letter_that_cannot_be_built_does_not_stop_the_others(smtp):
    queue("a@example.org", "b@example.org")
    Email.objects.filter(to="a@example.org").update(subject="two\nlines")

    work()

    assert smtp.recipients == [["b@example.org"]]


@pytest.mark.django_db
def test_the_waits_grow_up_to_four_hours_and_end(smtp, settings):
    queue()
    smtp.answer = "451 later"
    waits = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        while "failed" not in statuses():
            work()
            wait = Email.objects.get().scheduled_time - timezone.now()
            waits.append(wait.total_seconds() / 60)
            clock.shift(wait)

    tries = settings.POST_OFFICE["MAX_RETRIES"] + 1
    assert waits == [min(2**number, 240) for number in range(tries)]
    assert sum(waits) > 36 * 60  # a weekend's worth of trouble


@pytest.mark.django_db
def test_the_admin_sees_why_and_the_log_does_not_see_to_whom(smtp, caplog):
    async def handle_RCPT(server, session, envelope, address, options):  # noqa: N802
        return "550 no such user"

    smtp.handle_RCPT = handle_RCPT
    queue("gone@example.org")

    with caplog.at_level(logging.DEBUG):
        work()

    (log,) = Log.objects.all()
    assert (log.exception_type, "no such user" in log.message) == ("SMTPRecipientsRefused", True)
    assert "gone@example.org" in log.message
    ours = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")  # the server's own
    assert "SMTPRecipientsRefused" in ours
    assert "gone@example.org" not in ours


@pytest.mark.django_db
def test_a_letter_that_is_given_up_is_an_error_in_the_log(smtp, caplog, settings):
    settings.POST_OFFICE = {**settings.POST_OFFICE, "MAX_RETRIES": 0}
    smtp.answer = "554 no"
    queue()

    work()

    assert statuses() == ["failed"]
    assert [record.levelname for record in caplog.records if "given up" in record.getMessage()] == ["ERROR"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_does_not_end_the_worker(monkeypatch, caplog):
    def fail():
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(mail_worker, "get_queued", fail)

    work()

    assert "cannot be read" in caplog.text


# -- Several workers, and the end of one ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_two_workers_do_not_take_the_same_letter(monkeypatch):
    queue()
    (letter,) = mail_worker.get_queued()

    first = mail_worker._claim()
    monkeypatch.setattr(mail_worker, "get_queued", lambda: [letter])  # read a moment before the first took it
    second = mail_worker._claim()

    assert (first, second) == (letter, None)


@pytest.fixture
def slow_smtp():
    """A server that takes the letter and is slow to say so; `seen` are the Message-IDs."""

    class Slow:
        seen = []
        delay = 0

        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            self.seen.append(message_from_bytes(envelope.content)["Message-ID"])
            await asyncio.sleep(self.delay)
            return "250 OK"

    handler = Slow()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_one_letter_at_most_comes_twice_and_none_is_lost(process_environment, slow_smtp):
    queue(*(f"user{number}@example.org" for number in range(4)))
    slow_smtp.delay = 0.5
    environment = {**process_environment, "EMAIL_URL": f"smtp://127.0.0.1:{slow_smtp.port}"}

    worker = start_worker(environment)
    wait_until(lambda: len(slow_smtp.seen) == 2, worker)
    worker.kill()
    worker.wait()
    slow_smtp.delay = 0
    Email.objects.filter(status=STATUS.requeued).update(scheduled_time=timezone.now())  # as if five minutes later
    worker = start_worker(environment, "--once")
    worker.wait(timeout=30)

    assert statuses() == ["sent"] * 4
    assert set(slow_smtp.seen) == set(Email.objects.values_list("message_id", flat=True))
    assert sorted(Counter(slow_smtp.seen).values()) in ([1, 1, 1, 1], [1, 1, 1, 2])


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_end_finishes_its_letter(process_environment, slow_smtp):
    queue(*(f"user{number}@example.org" for number in range(3)))
    slow_smtp.delay = 0.5
    worker = start_worker({**process_environment, "EMAIL_URL": f"smtp://127.0.0.1:{slow_smtp.port}"})
    wait_until(lambda: slow_smtp.seen, worker)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0
    assert sorted(statuses()) == ["queued", "queued", "sent"]


def start_worker(environment, *arguments):
    command = [sys.executable, "manage.py", "mail_worker", "--interval=0.1", *arguments]
    return subprocess.Popen(
        command, cwd=BASE_DIR, env={**environment, "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "")}
    )


def wait_until(condition, process, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the worker ended too early"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
