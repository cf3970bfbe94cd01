"""Steps of the life cycle, with the text and files that go with them."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.models import User
from requests_app import notifications
from requests_app.actions.absences import pass_on
from requests_app.actions.files import transaction_of_files, write_files
from requests_app.actions.messages import is_said, unused_key, write
from requests_app.actions.steps import TransitionNotAllowed, advance, check_allowed
from requests_app.forms import FilesForm
from requests_app.lifecycle import Transition
from requests_app.models import MessageKind, ServiceRequest

# The kind of the message that carries a transition's comment.
_COMMENT_KIND = {
    "ask": MessageKind.QUESTION,
    "answer": MessageKind.ANSWER,
    "reissue": MessageKind.ANSWER,
    "refuse": MessageKind.REFUSAL,
    "dispute": MessageKind.DISPUTE,
}


def transition(
    service_request: ServiceRequest, name: str, *, by: User, form: FilesForm | None = None
) -> ServiceRequest:
    """
    Take the step `name` of the life cycle; `form` is the valid `TransitionForm` with the comment, files and, for a
    refusal, its reason. Returns the request as it is now.

    The row is locked, so of two people at once the second is told and overwrites nothing: raises
    `TransitionNotAllowed` with a text for people. Sending the same form twice is taken as once. Raises
    `FilesNotStored` when the disk is full and KeyError for an unknown name.
    """
    step = service_request.kind.life.get(name)
    answers: dict[str, Any] = form.cleaned_data if form else {}
    with transaction_of_files() as stored:
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if form and _is_taken(locked, step, form, by):
            return locked
        check_allowed(locked, step, by=by)
        _check_complete(step, answers)
        key = unused_key(form, by) if form else uuid.uuid4()
        reason = answers["refusal_reason"] if step.needs_reason else ""
        advance(locked, step, by=by, key=key, refusal_reason=reason)
        if step.name == "dispute":
            pass_on(locked)
        if form and _says_something(form):
            kind = MessageKind.NOTE if step.comment_is_note else _COMMENT_KIND.get(step.name, MessageKind.MESSAGE)
            written = write_files(form, by=by, stored=stored)
            write(locked, form, text=_text(step, form), kind=kind, by=by, key=key, written=written)
        notifications.status_changed(locked, step)
    return locked


def _is_taken(service_request: ServiceRequest, step: Transition, form: FilesForm, by: User) -> bool:
    """Was this very form sent before? With another text it is a new step."""
    changes = service_request.status_changes.filter(by=by, submission_key=form.key, transition=step.name)
    if not changes.exists():
        return False
    return is_said(form, _text(step, form), by=by) if _says_something(form) else True


def _check_complete(step: Transition, answers: dict[str, Any]) -> None:
    if step.needs_comment and not answers.get("comment"):
        raise TransitionNotAllowed("Нужен текст: без него этот шаг не сделать.")
    if step.needs_reason and not answers.get("refusal_reason"):
        raise TransitionNotAllowed("Нужно основание отказа: выберите его.")


def _says_something(form: FilesForm) -> bool:
    return bool(form.cleaned_data.get("comment") or form.good_files or form.kept_files)


def _text(step: Transition, form: FilesForm) -> str:
    """The comment; files that come without one are named by the step."""
    return form.cleaned_data.get("comment") or step.event
