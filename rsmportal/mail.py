"""Letters: rendered from `templates/emails/`, put into the queue inside the current transaction, sent by the worker."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from post_office import mail

from rsmportal.site import site_at


def queue(template: str, *, to: str, subject: str, context: dict[str, Any]) -> None:
    """
    Queue one letter in text and HTML from `emails/<template>.txt` and `.html`.

    `subject` becomes one line, whatever it holds. A rolled-back transaction takes the letter with it. Raises
    ValidationError when `to` is no address.
    """
    subject = " ".join(subject.split())  # a line break in a header would begin another header
    full = {"operator": site_at("").operator, "subject": subject, "site_url": settings.SITE_URL, **context}
    # post_office renders what it is given as a template once more: what people typed must reach it as a value
    mail.send(
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
