"""While an answer is written: its draft, who else looks, and whether something has come meanwhile."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import unseen
from requests_app.actions.steps import check_allowed, may_process
from requests_app.lifecycle import Transition
from requests_app.models import AnswerDraft, Message, Presence, ServiceRequest, StatusChange
from requests_app.models.answering import AnswerDraftQuerySet, PresenceQuerySet

MOST_DRAFTED = 100_000  # characters, encoded; 4000 letters take 24000


class SomethingNew(Exception):
    """Others have written or done something that the writer has not seen; nothing was done."""

    def __init__(self, service_request: ServiceRequest) -> None:
        super().__init__(f"Something new in {service_request.number}")


def check_nothing_new(
    service_request: ServiceRequest,
    *,
    seen: unseen.Seen | None,
    key: uuid.UUID | None,
    by: User,
    step: Transition | None = None,
) -> None:
    """
    Hold the request until the transaction ends and see whether others have added to it what `by` has not `seen`; raises
    `SomethingNew` then, or `TransitionNotAllowed` where the `step` cannot be taken any more and sending again is no use.
    A form whose `key` was used is a repetition, which the action itself takes for done.
    """
    locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
    if seen and not (key and _is_sent(key, by)) and unseen.since(locked, seen, by=by):
        if step:
            check_allowed(locked, step, by=by)
        raise SomethingNew(locked)


def save_draft(service_request: ServiceRequest, *, form: str, answers: str, key: uuid.UUID, by: User) -> bool:
    """
    Keep what `by` has written in the `form` (the name of the step, `message` or `note`) in place of what was kept;
    empty `answers` remove it. Returns whether a draft is kept now: not one that is too long, nor one that comes in after
    the form with its `key` was sent.

    Raises `PermissionDenied` for whoever may not process the request.
    """
    if not may_process(service_request, by=by):
        raise PermissionDenied("Drafts are for those who process requests")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)  # nothing is being sent meanwhile
        if not answers:
            drop_draft(locked, form=form, by=by)
            return False
        if len(answers) > MOST_DRAFTED or _is_sent(key, by):
            return False
        kept = {"answers": answers, "saved_at": timezone.now()}
        AnswerDraft.objects.update_or_create(service_request=locked, author=by, form=form, defaults=kept)
    return True


def drop_draft(service_request: ServiceRequest, *, form: str, by: User) -> None:
    """Forget what `by` has written in the form; nothing happens where there is no draft."""
    service_request.answer_drafts.filter(author=by, form=form).delete()


def note_presence(service_request: ServiceRequest, *, by: User, is_writing: bool) -> None:
    """`by` has a page of the request open now, and writes in it or not."""
    Presence.objects.note(service_request, by=by, is_writing=is_writing)


def remove_answer_drafts(drafts: AnswerDraftQuerySet) -> int:
    """Delete the drafts that nobody has gone on with. Returns how many."""
    return drafts.delete()[0]


def remove_presences(presences: PresenceQuerySet) -> int:
    """Delete the rows of those who have long gone. Returns how many."""
    return presences.delete()[0]


def _is_sent(key: uuid.UUID, by: User) -> bool:
    sent = Message.objects.filter(author=by, submission_key=key).exists()
    return sent or StatusChange.objects.filter(by=by, submission_key=key).exists()
