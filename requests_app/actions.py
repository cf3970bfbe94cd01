"""
What changes requests. Each action is one transaction, says who acts (`by=`), and queues its letters inside it, so
nothing half-done is ever seen. Views and the admin call these and hold no rule of their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Consumer, User
from requests_app import notifications, numbers
from requests_app.attachments import CheckedFile
from requests_app.codes import Outcome
from requests_app.deadlines import DayKind, add_working_days, due_date
from requests_app.forms import FilesForm
from requests_app.lifecycle import (
    DISPUTE_WORKING_DAYS,
    FINAL_STATUSES,
    STAFF_LABELS,
    Actor,
    Status,
    Transition,
    get_transition,
    transitions_from,
)
from requests_app.models import (
    Attachment,
    Audience,
    CalendarDay,
    Message,
    MessageKind,
    ReplyChannel,
    ServiceRequest,
    ServiceTerm,
    StatusChange,
)
from requests_app.models.attachment import private_storage
from requests_app.services.base import DefaultTerm, Service, ServiceForm

DUPLICATE_WINDOW = timedelta(minutes=10)

# The kind of the message that carries a transition's comment.
_COMMENT_KIND = {
    "ask": MessageKind.QUESTION,
    "answer": MessageKind.ANSWER,
    "refuse": MessageKind.REFUSAL,
    "dispute": MessageKind.DISPUTE,
}


class TransitionNotAllowed(Exception):
    """The step cannot be taken: not from this status, not by this person, or not any more. The text says why."""


class AlreadySent(Exception):
    """This form was sent before with another content; `service_request` is what it became then."""

    def __init__(self, service_request: ServiceRequest) -> None:
        super().__init__(f"Already sent as {service_request.number}")
        self.service_request = service_request


# -- Sending --------------------------------------------------------------------------------------------------------


def submit(*, service: Service, form: ServiceForm, by: User) -> ServiceRequest:
    """
    Register what the valid `form` asks for and return the request: with its number, detail, files and letter, or
    not at all.

    The same sending again (double click, refresh, retry after a time-out) and the same content again within ten
    minutes (two tabs) return the request that exists. Raises `AlreadySent` when the form was sent before with another
    content, and `PermissionDenied` when the service is not for the consumer's legal form.
    """
    if by.consumer.legal_form not in service.allowed_for:
        raise PermissionDenied(f"{service.slug} is not for {by.consumer.legal_form}")
    with _transaction_of_files() as stored:
        # One sending of a consumer at a time: what the next lines look for cannot appear behind them.
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        existing = _sent_before(service, form, by)
        if existing:
            return existing
        service_request = _register(service, form, by)
        form.save_detail(service_request)
        _attach(form, service_request, by=by, stored=stored)
        StatusChange.objects.create(service_request=service_request, to_status=Status.REGISTERED, by=by)
        notifications.request_registered(service_request)
    return service_request


def keep_files(*, form: FilesForm, by: User) -> None:
    """Keep the good files of a refused form under its key, and drop those that were ticked for removal."""
    with _transaction_of_files() as stored:
        kept = [draft.pk for draft in form.kept_files]
        remove_drafts(Attachment.objects.drafts(uploader=by, key=form.key).exclude(pk__in=kept))
        for file in form.good_files:
            _store(file, by=by, stored=stored, draft_key=form.key)


def remove_drafts(drafts: Iterable[Attachment]) -> int:
    """Delete uploads that belong to no request, rows first, files after the commit. Returns how many."""
    count = 0
    for draft in drafts:
        transaction.on_commit(lambda name=draft.file.name: private_storage().delete(name))
        draft.delete()
        count += 1
    return count


def _sent_before(service: Service, form: ServiceForm, by: User) -> ServiceRequest | None:
    content = form.content_hash()
    mine = ServiceRequest.objects.owned_by(by).filter(service=service.slug)
    same_sending = mine.filter(submission_key=form.key).first()
    if same_sending and same_sending.content_hash != content:
        raise AlreadySent(same_sending)
    if same_sending:
        return same_sending
    recent = timezone.now() - DUPLICATE_WINDOW
    return mine.filter(content_hash=content, submitted_at__gte=recent).exclude(status__in=FINAL_STATUSES).first()


def _register(service: Service, form: ServiceForm, by: User) -> ServiceRequest:
    consumer: Consumer = by.consumer
    now = timezone.now()
    term = _term_of(service)
    answers = form.cleaned_data
    return ServiceRequest.objects.create(
        number=numbers.next_number(on=timezone.localdate(now)),
        service=service.slug,
        subject=form.subject()[:200],
        owner=by,
        submission_key=form.key,
        content_hash=form.content_hash(),
        submitted_at=now,
        due_on=_due_on(term.days, term.day_kind),
        term_days=term.days,
        term_day_kind=term.day_kind,
        term_basis=term.legal_basis,
        applicant_name=consumer.display_name[:300],
        applicant_legal_form=consumer.legal_form,
        applicant_identifier=consumer.masked_identifier,
        applicant_email=by.email,
        applicant_phone=consumer.phone.as_international if consumer.phone else "",
        reply_channel=answers.get("reply_channel") or ReplyChannel.CABINET,
        postal_address=answers.get("postal_address", ""),
        object_address=answers.get("object_address", ""),
        contract_number=answers.get("contract_number", ""),
        category=form.category(),
        repeat_of=form.repeat_of(),
    )


def _term_of(service: Service) -> ServiceTerm | DefaultTerm:
    today = timezone.localdate()
    return ServiceTerm.objects.current(on=today).filter(service=service.slug).first() or service.default_term


def _due_on(days: int, day_kind: str) -> date:
    is_working = CalendarDay.objects.working_day_check()
    return due_date(start=timezone.localdate(), days=days, kind=DayKind(day_kind), is_working=is_working)


# -- The life cycle -------------------------------------------------------------------------------------------------


def transition(
    service_request: ServiceRequest, name: str, *, by: User, form: FilesForm | None = None
) -> ServiceRequest:
    """
    Take the step `name` of the life cycle; `form` is the valid `TransitionForm` with the comment, files and, for a
    refusal, its reason.

    The row is locked, so of two people at once the second is told and overwrites nothing: raises
    `TransitionNotAllowed` with a text for people. Sending the same form twice is taken as once.
    """
    step = get_transition(name)
    answers = form.cleaned_data if form else {}
    with _transaction_of_files() as stored:
        locked = ServiceRequest.objects.select_for_update(of=("self",)).get(pk=service_request.pk)
        if form and _message_exists(form, by):
            return locked
        _check_allowed(locked, step, by)
        if step.needs_comment and not answers.get("comment"):
            raise TransitionNotAllowed("Нужен текст: без него этот шаг не сделать.")
        previous = locked.status
        _apply(locked, step, by=by, refusal_reason=answers.get("refusal_reason", ""))
        StatusChange.objects.create(
            service_request=locked, transition=step.name, from_status=previous, to_status=step.target, by=by
        )
        if form and answers.get("comment"):
            kind = _COMMENT_KIND.get(step.name, MessageKind.MESSAGE)
            _write(locked, form, text=answers["comment"], kind=kind, by=by, stored=stored)
        notifications.status_changed(locked, step)
    return locked


def available_transitions(service_request: ServiceRequest, *, by: User) -> list[Transition]:
    """The steps that `by` may take now, in the order of the table: what buttons are drawn."""
    if service_request.owner_id == by.pk:
        steps = transitions_from(service_request.status, Actor.CONSUMER)
        return [step for step in steps if step.name != "dispute" or may_dispute(service_request)]
    if by.has_perm("requests_app.process_servicerequest"):
        return transitions_from(service_request.status, Actor.STAFF)
    return []


def may_dispute(service_request: ServiceRequest) -> bool:
    """An answer may be disputed within 30 working days."""
    return service_request.answered_at is not None and timezone.localdate() <= dispute_until(service_request)


def dispute_until(service_request: ServiceRequest) -> date:
    """The last day on which the consumer may disagree with the answer."""
    assert service_request.answered_at is not None
    answered_on = timezone.localdate(service_request.answered_at)
    is_working = CalendarDay.objects.working_day_check()
    return add_working_days(answered_on, DISPUTE_WORKING_DAYS, is_working=is_working)


def assign(service_request: ServiceRequest, *, to: User | None, by: User) -> None:
    """Give the request to a colleague, or to nobody. Raises `TransitionNotAllowed` when `by` may not process it."""
    if not by.has_perm("requests_app.process_servicerequest"):
        raise TransitionNotAllowed("Назначать исполнителя может только оператор.")
    service_request.assignee = to
    service_request.assigned_at = timezone.now() if to else None
    service_request.save(update_fields=["assignee", "assigned_at"])


def _check_allowed(service_request: ServiceRequest, step: Transition, by: User) -> None:
    if step.name in {allowed.name for allowed in available_transitions(service_request, by=by)}:
        return
    if step.starts_from(service_request.status):
        raise TransitionNotAllowed("Этот шаг сейчас вам недоступен.")
    status = STAFF_LABELS.get(Status(service_request.status), service_request.get_status_display())
    raise TransitionNotAllowed(f"Статус заявки уже другой: «{status}». Возможно, её изменили, пока вы писали.")


def _apply(service_request: ServiceRequest, step: Transition, *, by: User, refusal_reason: str) -> None:
    now = timezone.now()
    service_request.status = step.target
    if step.name == "take" and not service_request.assignee_id:
        service_request.assignee, service_request.assigned_at = by, now
    elif step.name == "answer":
        service_request.answered_at = now
        in_time = timezone.localdate(now) <= service_request.due_on
        service_request.outcome = Outcome.IN_TIME if in_time else Outcome.LATE
    elif step.name == "dispute":
        service_request.answered_at, service_request.outcome = None, ""
        service_request.disputes += 1
        service_request.due_on = _due_on(service_request.term_days, service_request.term_day_kind)
    elif step.name == "refuse":
        service_request.refusal_reason = refusal_reason
    if step.target in FINAL_STATUSES:
        service_request.closed_at = now
    service_request.save()


# -- Messages -------------------------------------------------------------------------------------------------------


def post_message(service_request: ServiceRequest, *, form: FilesForm, by: User) -> ServiceRequest:
    """
    Add what the valid `form` (`MessageForm`) says. A consumer's answer to a question also brings the request back to
    work. Raises `TransitionNotAllowed` when the request is finished.
    """
    with _transaction_of_files() as stored:
        locked = ServiceRequest.objects.select_for_update(of=("self",)).get(pk=service_request.pk)
        if _message_exists(form, by):
            return locked
        if locked.status in FINAL_STATUSES:
            raise TransitionNotAllowed("Заявка завершена, написать в неё уже нельзя. Отправьте новую.")
        message = _write(locked, form, text=form.cleaned_data["body"], kind=MessageKind.MESSAGE, by=by, stored=stored)
        notifications.message_posted(message)
        if by.pk == locked.owner_id and locked.status == Status.AWAITING_CONSUMER:
            _bring_back(locked, by=by)
    return locked


def write_note(service_request: ServiceRequest, *, form: FilesForm, by: User) -> None:
    """Add a note that only staff read; no letter goes out."""
    with _transaction_of_files() as stored:
        if not _message_exists(form, by):
            text = form.cleaned_data["body"]
            _write(service_request, form, text=text, kind=MessageKind.NOTE, by=by, stored=stored)


def _bring_back(service_request: ServiceRequest, *, by: User) -> None:
    step = get_transition("supply")
    previous = service_request.status
    _apply(service_request, step, by=by, refusal_reason="")
    StatusChange.objects.create(
        service_request=service_request, transition=step.name, from_status=previous, to_status=step.target, by=by
    )


def _message_exists(form: FilesForm, by: User) -> bool:
    return Message.objects.filter(author=by, submission_key=form.key).exists()


def _write(
    service_request: ServiceRequest, form: FilesForm, *, text: str, kind: MessageKind, by: User, stored: list[str]
) -> Message:
    audience = Audience.STAFF if kind == MessageKind.NOTE else Audience.CONSUMER
    message = Message.objects.create(
        service_request=service_request,
        author=by,
        audience=audience,
        kind=kind,
        body=text,
        submission_key=form.key,
    )
    _attach(form, service_request, by=by, stored=stored, message=message)
    return message


# -- Files ----------------------------------------------------------------------------------------------------------


def _attach(
    form: FilesForm, service_request: ServiceRequest, *, by: User, stored: list[str], message: Message | None = None
) -> None:
    """The files of this sending and those kept from earlier tries; drafts that were ticked for removal go."""
    for draft in form.kept_files:
        draft.service_request, draft.message, draft.draft_key = service_request, message, None
        draft.save(update_fields=["service_request", "message", "draft_key"])
    remove_drafts(Attachment.objects.drafts(uploader=by, key=form.key))
    for file in form.good_files:
        _store(file, by=by, stored=stored, service_request=service_request, message=message)


def _store(
    file: CheckedFile,
    *,
    by: User,
    stored: list[str],
    draft_key: uuid.UUID | None = None,
    service_request: ServiceRequest | None = None,
    message: Message | None = None,
) -> None:
    attachment = Attachment(
        service_request=service_request,
        message=message,
        draft_key=draft_key,
        uploader=by,
        original_name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
    )
    attachment.file.save(file.name, file.content, save=False)
    stored.append(attachment.file.name)
    attachment.save(force_insert=True)


@contextmanager
def _transaction_of_files() -> Iterator[list[str]]:
    """A transaction that takes the files written in it along when it fails; yields the list of their stored names."""
    stored: list[str] = []
    try:
        with transaction.atomic():
            yield stored
    except BaseException:
        for name in stored:
            private_storage().delete(name)
        raise
