"""Files within the actions: written before their rows, gone again when the transaction fails, kept for a next try."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import Model

from accounts.models import User
from requests_app.attachments import MAX_FILES, CheckedFile
from requests_app.forms import FilesForm
from requests_app.models import AccessGrant, Attachment, Message, ServiceRequest
from requests_app.models.attachment import AttachmentQuerySet, private_storage, random_name

logger = logging.getLogger(__name__)

MAX_DRAFTS = 3 * MAX_FILES  # of one person: refused forms must not fill the disk


class FilesNotStored(Exception):
    """The disk does not take the files; nothing of the action was done."""


@contextmanager
def transaction_of_files() -> Iterator[list[str]]:
    """
    A transaction that takes the files written in it along when it fails; yields the list for their stored names.

    Once the commit was tried they stay: a lost connection does not tell whether it came through. What then belongs to
    no row is removed by the command `cleanup_files`.
    """
    stored: list[str] = []
    with transaction.atomic():
        try:
            yield stored
        except BaseException:
            for name in stored:
                private_storage().delete(name)
            raise


def write_files(form: FilesForm, *, by: User, stored: list[str]) -> list[Attachment]:
    """
    Put the new files of the valid `form` on the disk and return their unsaved rows, for `attach`: apart, so that
    a slow disk need not hold up others while the number of a request is taken. Raises `FilesNotStored`.
    """
    return [_write(file, by=by, stored=stored) for file in form.good_files]


def attach(
    form: FilesForm, written: list[Attachment], service_request: ServiceRequest, *, by: User, message: Message | None
) -> None:
    """Give the written files and those kept from earlier tries to the request; drafts that were ticked off go."""
    _give(form, written, by=by, service_request=service_request, message=message)
    if service_request.is_anonymous and by.pk == service_request.owner_id:
        _forget_names(service_request, message)


def attach_to_grant(form: FilesForm, written: list[Attachment], grant: AccessGrant, *, by: User) -> None:
    """The same for the documents by which access to a supply point is asked for."""
    _give(form, written, by=by, access_grant=grant)


def brings_nothing_new(form: FilesForm, attachments: AttachmentQuerySet) -> bool:
    """Are all files of the form among these already? Then, the text being the same too, it was sent before."""
    known = set(attachments.values_list("sha256", flat=True))
    sent = {file.sha256 for file in form.good_files} | {file.sha256 for file in form.kept_files}
    return sent <= known


def keep_files(*, form: FilesForm, by: User) -> None:
    """
    Keep the good files of a refused form under its key, and drop those that were ticked for removal.

    A courtesy: when the disk does not take them, the page with the text must still be shown.
    """
    try:
        with transaction_of_files() as stored:
            form.kept_files, form.good_files = _keep(form, by=by, stored=stored), []
    except FilesNotStored:
        logger.exception("Files of a refused form cannot be kept")


def remove_drafts(drafts: AttachmentQuerySet) -> int:
    """
    Delete uploads that belong to nothing, rows first, files after the commit. Returns how many.

    `drafts` selects drafts only. They are locked, so one that is being sent at this moment is left alone.
    """
    with transaction.atomic():
        doomed = list(drafts.select_for_update())
        for draft in doomed:
            transaction.on_commit(partial(private_storage().delete, str(draft.file)), robust=True)
        Attachment.objects.filter(pk__in=[draft.pk for draft in doomed]).delete()
    return len(doomed)


def _give(form: FilesForm, written: list[Attachment], *, by: User, **owner: Model | None) -> None:
    drafts = Attachment.objects.drafts(uploader=by, key=form.key)
    kept = drafts.filter(pk__in=[draft.pk for draft in form.kept_files])
    kept.update(draft_key=None, **owner)
    remove_drafts(drafts)
    for attachment in written:
        for name, value in owner.items():
            setattr(attachment, name, value)
    Attachment.objects.bulk_create(written)


def _forget_names(service_request: ServiceRequest, message: Message | None) -> None:
    """Number the files that the hidden reporter has just sent: a name like «Иванов, кв. 5.jpg» would tell who it is."""
    earlier = service_request.attachments.filter(uploader=service_request.owner).exclude(message=message).count()
    for number, attachment in enumerate(service_request.attachments.filter(message=message), earlier + 1):
        attachment.original_name = f"Фото {number}{PurePosixPath(attachment.original_name).suffix.lower()}"
        attachment.save(update_fields=["original_name"])


def _keep(form: FilesForm, *, by: User, stored: list[str]) -> list[Attachment]:
    """Everything that the form holds now, stored as drafts under its key, which may be a new one."""
    kept = form.kept_files
    own_drafts = Attachment.objects.filter(draft_key__isnull=False, uploader=by)
    own_drafts.filter(pk__in=[draft.pk for draft in kept]).update(draft_key=form.key)
    remove_drafts(own_drafts.filter(draft_key=form.key).exclude(pk__in=[draft.pk for draft in kept]))
    new = write_files(form, by=by, stored=stored)
    for attachment in new:
        attachment.draft_key = form.key
    Attachment.objects.bulk_create(new)
    remove_drafts(own_drafts.order_by("-created_at")[MAX_DRAFTS:])
    return [*kept, *new]


def _write(file: CheckedFile, *, by: User, stored: list[str]) -> Attachment:
    attachment = Attachment(
        uploader=by,
        original_name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
    )
    name = random_name(attachment, file.name)
    stored.append(name)  # before writing: half a file must go too
    try:
        attachment.file.name = private_storage().save(name, file.content)
    except OSError as error:
        raise FilesNotStored from error
    return attachment
