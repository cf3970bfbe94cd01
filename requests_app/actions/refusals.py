"""How a page says what an action has refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from requests_app.actions.answering import SomethingNew
from requests_app.actions.files import FilesNotStored
from requests_app.actions.steps import TransitionNotAllowed
from requests_app.models import ServiceRequest
from requests_app.services.base import CannotBeSent

_NOT_STORED = "Файлы сейчас не сохраняются. Отправьте без них, а файлы — позже."

_SOMETHING_NEW = (
    "Пока вы\N{NO-BREAK SPACE}писали, в\N{NO-BREAK SPACE}заявке появилось новое. Ничего не\N{NO-BREAK SPACE}отправлено: "
    "прочитайте и, если текст подходит, отправьте ещё раз."
)


@contextmanager
def refusals_in(form: forms.BaseForm, service_request: ServiceRequest | None = None) -> Iterator[None]:
    """
    What an action in this block refuses is said in the form, whose text stays, beside the request as it is now.

    Afterwards `form.is_valid()` tells whether the action was done.
    """
    try:
        yield
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        if service_request:
            service_request.refresh_from_db()
    except SomethingNew:
        form.add_error(None, _SOMETHING_NEW)
        if service_request:
            service_request.refresh_from_db()
    except CannotBeSent as refusal:
        form.add_error(refusal.field, refusal.message)
    except FilesNotStored:
        form.add_error("files", _NOT_STORED)
