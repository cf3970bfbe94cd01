"""What the two sides write to each other, and staff to themselves."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied

from accounts.models import User
from requests_app import notifications
from requests_app.actions.files import attach, brings_nothing_new, transaction_of_files, write_files
from requests_app.actions.steps import TransitionNotAllowed, advance, may_process
from requests_app.forms import FilesForm
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models import Attachment, Audience, Message, MessageKind, ServiceRequest, StatusChange


def post_message(service_request: ServiceRequest, *, form: FilesForm, by: User) -> ServiceRequest:
    """
    Add what the valid `form` (`MessageForm`) says; sent twice, it is added once. A consumer's answer to a question
    also brings the request back to work. Returns the request as it is now.

    Raises `TransitionNotAllowed` when the request is finished, `PermissionDenied` when it is not by one of the two
    sides, and `FilesNotStored` when the disk is full.
    """
    if by.pk != service_request.owner_id and not may_process(service_request, by=by):
        raise PermissionDenied("Only the owner and those who process requests write in them")
    text = form.cleaned_data["body"]
    with transaction_of_files() as stored:
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if is_said(form, text, by=by):
            return locked
        if not may_write(locked):
            raise TransitionNotAllowed("Заявка завершена, написать в неё уже нельзя. Отправьте новую.")
        key = unused_key(form, by)
        written = write_files(form, by=by, stored=stored)
        message = write(locked, form, text=text, kind=MessageKind.MESSAGE, by=by, key=key, written=written)
        notifications.message_posted(message)
        if by.pk == locked.owner_id and locked.status == Status.AWAITING_CONSUMER:
            advance(locked, locked.kind.life.get("supply"), by=by, key=key)
    return locked


def may_write(service_request: ServiceRequest) -> bool:
    """May the two sides still write to each other in it?"""
    return service_request.kind.life.takes_messages and service_request.status not in FINAL_STATUSES


def write_note(service_request: ServiceRequest, *, form: FilesForm, by: User) -> None:
    """
    Add a note that only staff read; no letter goes out. Sent twice, it is added once.

    Raises `PermissionDenied` for whoever may not process requests and `FilesNotStored` when the disk is full.
    """
    if not may_process(service_request, by=by):
        raise PermissionDenied("Notes are for those who process requests")
    text = form.cleaned_data["body"]
    with transaction_of_files() as stored:
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if not is_said(form, text, by=by):
            written = write_files(form, by=by, stored=stored)
            key = unused_key(form, by)
            write(locked, form, text=text, kind=MessageKind.NOTE, by=by, key=key, written=written)


def write(
    service_request: ServiceRequest,
    form: FilesForm,
    *,
    text: str,
    kind: MessageKind,
    by: User,
    key: uuid.UUID,
    written: list[Attachment],
) -> Message:
    """The message and its files."""
    message = Message.objects.create(
        service_request=service_request,
        author=by,
        audience=Audience.STAFF if kind == MessageKind.NOTE else Audience.CONSUMER,
        kind=kind,
        body=text,
        submission_key=key,
    )
    attach(form, written, service_request, by=by, message=message)
    return message


def is_said(form: FilesForm, text: str, *, by: User) -> bool:
    """Was this form sent before with this text and these files?"""
    earlier = Message.objects.filter(author=by, submission_key=form.key, body=text).first()
    return earlier is not None and brings_nothing_new(form, earlier.attachments.all())


def unused_key(form: FilesForm, by: User) -> uuid.UUID:
    """The form's key; after «Back», an edit and another sending it is taken, so a new one."""
    is_used = (
        Message.objects.filter(author=by, submission_key=form.key).exists()
        or StatusChange.objects.filter(by=by, submission_key=form.key).exists()
    )
    return uuid.uuid4() if is_used else form.key
