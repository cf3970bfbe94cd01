"""One answer to several requests about the same event: an outage, a change of tariff."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from requests_app.actions.codes import set_codes
from requests_app.actions.files import remove_drafts
from requests_app.actions.life_cycle import transition
from requests_app.actions.steps import TransitionNotAllowed, advance, check_allowed, may_process
from requests_app.attachments import CheckedFile
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.forms import FilesForm
from requests_app.lifecycle import APPEAL, Status
from requests_app.models import Attachment, GroupAnswer, GroupAnswerPart, ServiceRequest

MOST_TOGETHER = 200  # requests: more would keep the page waiting for longer than a proxy does
MOST_STORED = 500 * 2**20  # bytes of all copies of the files, as each request has its own


@dataclass(frozen=True)
class Skipped:
    service_request: ServiceRequest
    reason: str


@dataclass
class AnsweredTogether:
    """What came of a group answer, in the order in which it was given."""

    answered: list[ServiceRequest] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    group: GroupAnswer | None = None  # none where nothing was answered


def why_not_together(service_request: ServiceRequest, *, by: User) -> str:
    """Why `by` cannot answer this request together with others now; empty when it can be."""
    if service_request.kind.life is not APPEAL:
        return "у\N{NO-BREAK SPACE}этой услуги свой порядок: отвечайте на\N{NO-BREAK SPACE}странице заявки"
    if not may_process(service_request, by=by):
        return "такие заявки обрабатывают другие сотрудники"
    if service_request.status not in (Status.REGISTERED, Status.IN_PROGRESS):
        return f"статус «{APPEAL.staff_label(service_request.status)}»"
    return ""


def answer_together(
    service_requests: Iterable[ServiceRequest], *, form: FilesForm, seen_at: datetime, by: User
) -> AnsweredTogether:
    """
    Answer each of the requests with the words, files and codes of the valid `form`, each in a transaction of its own: its
    history, letter and term are those of an answer given to it alone. A new one is taken on the way, with no letter of
    its own. An empty category leaves each request the one that it has.

    What cannot be answered, or was changed by somebody after `seen_at`, is skipped with the reason. Sent again, also
    after a power cut in the middle or in the same moment, what has its answer is left alone and counts as answered.

    Raises `PermissionDenied` for whoever may not process requests, and `FilesNotStored` when the disk is full: what
    was answered until then stays answered.
    """
    if not by.has_perm(PROCESS_REQUESTS):
        raise PermissionDenied("Only those who process requests answer them")
    done = AnsweredTogether()
    # each request stores its own copy, of files that were kept from an earlier try too
    files = [*form.good_files, *(_copy(draft) for draft in form.kept_files)]
    for service_request in service_requests:
        own = _form_for(service_request, form, files)
        try:
            _answer(service_request, own, group_key=form.key, seen_at=seen_at, by=by)
        except TransitionNotAllowed as refusal:
            done.skipped.append(Skipped(service_request, str(refusal)))
        else:
            done.answered.append(service_request)
    remove_drafts(Attachment.objects.drafts(uploader=by, key=form.key))
    done.group = GroupAnswer.objects.filter(by=by, submission_key=form.key).first()
    return done


def key_of_part(group_key: uuid.UUID, service_request: ServiceRequest) -> uuid.UUID:
    """The key of the answer to one request of the group: the same whenever the group is sent again."""
    return uuid.uuid5(group_key, f"answer {service_request.pk}")


def _answer(
    service_request: ServiceRequest, form: FilesForm, *, group_key: uuid.UUID, seen_at: datetime, by: User
) -> None:
    """The files are written last, so that a failure takes them along: see `transition`."""
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if locked.group_parts.filter(group_answer__by=by, group_answer__submission_key=group_key).exists():
            return
        _check(locked, seen_at=seen_at, by=by)
        if locked.status == Status.REGISTERED:
            take = APPEAL.get("take")
            check_allowed(locked, take, by=by)
            advance(locked, take, by=by, key=uuid.uuid5(group_key, f"take {locked.pk}"))
        codes = form.cleaned_data
        set_codes(
            locked,
            category=codes["category"] or locked.category,
            measures_done=codes["measures_done"],
            measures_planned=codes["measures_planned"],
            by=by,
        )
        group, _ = GroupAnswer.objects.get_or_create(by=by, submission_key=group_key)
        GroupAnswerPart.objects.create(group_answer=group, service_request=locked)
        transition(locked, "answer", by=by, form=form)


def _check(locked: ServiceRequest, *, seen_at: datetime, by: User) -> None:
    reason = why_not_together(locked, by=by)
    if reason:
        raise TransitionNotAllowed(reason)
    if locked.messages.filter(created_at__gt=seen_at).exists():
        raise TransitionNotAllowed("пока вы писали, в\N{NO-BREAK SPACE}заявке появилось сообщение")
    if locked.status_changes.filter(at__gt=seen_at).exists():
        raise TransitionNotAllowed("пока вы писали, заявку изменили")


def _form_for(service_request: ServiceRequest, form: FilesForm, files: list[CheckedFile]) -> FilesForm:
    """The form as if it had been sent for this request alone."""
    own = copy.copy(form)
    own.key = key_of_part(form.key, service_request)
    own.good_files, own.kept_files = files, []
    return own


def _copy(draft: Attachment) -> CheckedFile:
    with draft.file.open("rb") as stored:
        content = ContentFile(stored.read(), draft.original_name)
    return CheckedFile(
        name=draft.original_name,
        content=content,
        content_type=draft.content_type,
        size=draft.size,
        sha256=draft.sha256,
    )
