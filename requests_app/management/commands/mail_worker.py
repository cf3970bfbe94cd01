"""Sends the queued letters, for as long as it runs."""

import fcntl
import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from post_office.mail import send_queued

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send the queued letters one by one until INT or TERM. A second worker on the machine waits for the first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between looks into an empty queue")
        parser.add_argument("--once", action="store_true", help="send what is there and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
        with _only_worker(stop):
            while not stop.is_set():
                if _send_one():
                    continue
                if options["once"]:
                    break
                stop.wait(options["interval"])


def _send_one() -> bool:
    """Send the next letter, if any; False when the queue is empty or the database is away."""
    try:
        close_old_connections()
        sent, failed, requeued = send_queued()
    except DatabaseError:
        logger.exception("The mail queue cannot be read")
        return False
    return bool(sent or failed or requeued)


@contextmanager
def _only_worker(stop: threading.Event) -> Iterator[None]:
    """One worker at a time: two would send the same letter. The kernel frees the lock however a worker ends."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "mail_worker.lock").open("w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stop.wait(1)
        yield
