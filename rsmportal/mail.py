"""Letters: rendered from `templates/emails/`, put into the queue inside the current transaction, sent by the worker."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from post_office import mail
from post_office.models import Email

from rsmportal.site import site_at

# Files of a letter stay in its row: they come and go with the transaction, and a full disk cannot stop a booking.
_FILES = "files"


def queue(
    template: str, *, to: str, subject: str, context: dict[str, Any], files: Mapping[str, str] | None = None
) -> None:
    """
    Queue one letter in text and HTML from `emails/<template>.txt` and `.html`.

    `subject` becomes one line, whatever it holds; `files` are small texts by name. A rolled-back transaction takes the letter with it. Raises
    ValidationError when `to` is no address.
    """
    subject = " ".join(subject.split())  # a line break in a header would begin another header
    full = {"operator": site_at("").operator, "subject": subject, "site_url": settings.SITE_URL, **context}
    # post_office renders what it is given as a template once more: what people typed must reach it as a value
    letter = mail.send(
        recipients=[to],
        subject="{{ subject|safe }}",
        message="{{ text|safe }}",
        html_message="{{ html|safe }}",
        context={
            "subject": subject,
            "text": render_to_string(f"emails/{template}.txt", full),
            "html": render_to_string(f"emails/{template}.html", full),
        },
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no auto-reply to our letters
    )
    if files:
        letter.context = {_FILES: dict(files)}
        letter.save(update_fields=["context"])


def message_of(letter: Email) -> EmailMessage:
    """The queued letter as it is sent, with its files."""
    message: EmailMessage = letter.email_message()
    for name, text in (letter.context or {}).get(_FILES, {}).items():
        message.attach(name, text, mimetypes.guess_type(name)[0])
    return message
