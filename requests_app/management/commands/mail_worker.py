"""Sends the queued letters, for as long as it runs."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections
from django.utils import timezone
from post_office.mail import get_queued
from post_office.models import STATUS, Email, Log
from post_office.settings import get_backend, get_max_retries

from rsmportal.mail import message_of

logger = logging.getLogger(__name__)

# How long a worker has a letter for itself. One that was killed in the middle leaves it to be sent again after this,
# with the same Message-ID.
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)


class Command(BaseCommand):
    help = (
        "Send the queued letters one by one until INT or TERM. A letter that the server does not take is tried again "
        "after 1, 2, 4, … minutes. Several workers, also on several machines, share the queue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between looks into an empty queue")
        parser.add_argument("--once", action="store_true", help="send what is due and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            if _send_next():
                continue
            if options["once"]:
                break
            stop.wait(options["interval"])


def _send_next() -> bool:
    """Send one letter that is due; False when there is none, or the database is away."""
    try:
        letter = _claim()
        if letter:
            _send(letter)
    except Error:
        logger.exception("The mail queue cannot be read")
        close_old_connections()  # a broken one; the next look opens another
        return False
    return letter is not None


def _claim() -> Email | None:
    """The next letter that is due, put off so that no other worker takes it too; None when there is none."""
    for letter in get_queued():
        tries = (letter.number_of_retries or 0) + 1
        unclaimed = Email.objects.filter(pk=letter.pk, status=letter.status, scheduled_time=letter.scheduled_time)
        if unclaimed.update(status=STATUS.requeued, number_of_retries=tries, scheduled_time=timezone.now() + LEASE):
            letter.number_of_retries = tries
            return letter
    return None


def _send(letter: Email) -> None:
    try:
        with get_connection(get_backend()) as server:
            server.send_messages([message_of(letter)])
    except Exception as error:  # noqa: BLE001  whatever is wrong with one letter or its address, the others must go
        _put_off(letter, error)
    else:
        Email.objects.filter(pk=letter.pk).update(status=STATUS.sent, last_updated=timezone.now())


def _put_off(letter: Email, error: Exception) -> None:
    """Try it later, each time after a longer while; in the end give up. The admin shows why, the log not to whom."""
    tries = letter.number_of_retries
    is_last = tries > get_max_retries()
    wait = min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
    Email.objects.filter(pk=letter.pk).update(
        status=STATUS.failed if is_last else STATUS.requeued,
        scheduled_time=timezone.now() + wait,
        last_updated=timezone.now(),
    )
    reason = type(error).__name__
    Log.objects.create(email=letter, status=STATUS.failed, exception_type=reason, message=str(error))
    if is_last:
        logger.error("Letter %s is given up after %s tries: %s", letter.pk, tries, reason)
    else:
        logger.warning("Letter %s was not taken, try %s: %s", letter.pk, tries, reason)
