"""
Looking at a file without taking it out: photos as they are stored, which is drawn anew, and the pages of a PDF as
pictures. Nothing of what people send is run by the browser.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from requests_app import pdf_pages
from requests_app.models import Attachment

PDF = "application/pdf"
PICTURES = {"image/jpeg", "image/png"}
MOST_PAGES = 20  # the rest is read in the file itself

_SECONDS = 20  # until a page is given up, waiting for the processor too
_two_at_once = threading.BoundedSemaphore(2)  # of each process of the server


class NotShown(Exception):
    """The file cannot be looked at here: broken, locked or too much for a glance. It may still be downloaded."""


@dataclass(frozen=True)
class Drawn:
    """A page of a PDF: how many there are, and this one as PNG."""

    pages: int
    png: bytes


def may_be_shown(attachment: Attachment) -> bool:
    return attachment.content_type == PDF or attachment.content_type in PICTURES


def page_count(attachment: Attachment) -> int:
    """Of how many pages the preview is; raises `NotShown`, and FileNotFoundError when the stored file is gone."""
    return 1 if attachment.content_type in PICTURES else _run(attachment).pages


def drawn_page(attachment: Attachment, page: int) -> bytes:
    """The page of a PDF, from 1, as PNG; raises as `page_count`, `NotShown` also for a page that is not there."""
    png = _run(attachment, str(page)).png
    if not png:
        raise NotShown
    return png


def _run(attachment: Attachment, *page: str) -> Drawn:
    with attachment.file.open("rb") as content:
        data = content.read()
    command = [sys.executable, "-I", str(Path(pdf_pages.__file__)), *page]
    try:
        with _two_at_once:
            done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=True, env={})  # noqa: S603  our own script
    except (subprocess.SubprocessError, OSError) as error:
        raise NotShown from error
    count, _, png = done.stdout.partition(b"\n")
    if not count.isdigit():
        raise NotShown
    return Drawn(int(count), png)
