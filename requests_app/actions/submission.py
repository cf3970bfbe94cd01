"""Sending a request."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.fields import format_phone
from accounts.models import User
from requests_app import notifications, numbers, terms
from requests_app.actions.files import attach, brings_nothing_new, transaction_of_files, write_files
from requests_app.actions.quality import note_repetition
from requests_app.actions.steps import advance
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models import PlaceKey, ReplyChannel, ServiceRequest, StatusChange
from requests_app.models.request import HIDDEN_NAME, ServiceRequestQuerySet
from requests_app.services.base import Service, ServiceForm

DUPLICATE_WINDOW = timedelta(minutes=10)


class AlreadySent(Exception):
    """This form was sent before with another content; `service_request` is what it became then."""

    def __init__(self, service_request: ServiceRequest) -> None:
        super().__init__(f"Already sent as {service_request.number}")
        self.service_request = service_request


def submit(*, service: Service, form: ServiceForm, by: User) -> ServiceRequest:
    """
    Register what the valid `form` asks for and return the request: with its number, detail, files and letter, or
    not at all.

    The same sending again (double click, refresh, retry after a time-out) and the same content again within ten
    minutes (two tabs) return the request that exists. Raises `AlreadySent` when the form was sent before with another
    content, `CannotBeSent` when the service refuses, `PermissionDenied` when it is not for the consumer's legal form,
    and `FilesNotStored` when the disk is full.
    """
    if by.consumer.legal_form not in service.allowed_for:
        raise PermissionDenied(f"{service.slug} is not for {by.consumer.legal_form}")
    with transaction_of_files() as stored:
        # One sending of a consumer at a time: what the next line looks for cannot appear behind it.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if earlier := _sent_before(form, by):
            return earlier
        written = write_files(form, by=by, stored=stored)
        service_request = _register(service, form, by)
        form.save_detail(service_request)
        PlaceKey.objects.note(service_request)
        attach(form, written, service_request, by=by, message=None)
        StatusChange.objects.create(
            service_request=service_request, to_status=Status.REGISTERED, by=by, submission_key=form.key
        )
        note_repetition(service_request)
        if name := form.first_step():
            advance(service_request, service.life.get(name), by=by, key=uuid.uuid4())
        notifications.request_registered(service_request)
        if service_request.is_urgent:
            notifications.danger_reported(service_request)
    return service_request


def _sent_before(form: ServiceForm, by: User) -> ServiceRequest | None:
    mine = ServiceRequest.objects.owned_by(by)
    same_sending = mine.filter(submission_key=form.key).first()
    if same_sending is None:
        return _same_content(form, mine.exclude(status__in=FINAL_STATUSES))
    if same_sending.status == Status.WITHDRAWN or not _is_same(form, same_sending):
        raise AlreadySent(same_sending)
    return same_sending


def _same_content(form: ServiceForm, requests: ServiceRequestQuerySet) -> ServiceRequest | None:
    recent = timezone.now() - DUPLICATE_WINDOW
    candidates = requests.filter(content_hash=form.content_hash(), submitted_at__gte=recent)
    return next((candidate for candidate in candidates if _is_same(form, candidate)), None)


def _is_same(form: ServiceForm, service_request: ServiceRequest) -> bool:
    """The same answers, and no file that the request lacks."""
    if service_request.content_hash != form.content_hash():
        return False
    return brings_nothing_new(form, service_request.attachments.filter(message=None))


def _register(service: Service, form: ServiceForm, by: User) -> ServiceRequest:
    now = timezone.now()
    term = terms.current(service, on=timezone.localdate(now))
    answers = form.cleaned_data
    return ServiceRequest.objects.create(
        number=numbers.next_number(on=timezone.localdate(now)),
        service=service.slug,
        subject=form.subject()[:200],
        owner=by,
        submission_key=form.key,
        content_hash=form.content_hash(),
        submitted_at=now,
        due_on=terms.due_on(term.days, term.day_kind),
        term_days=term.days,
        term_day_kind=term.day_kind,
        term_basis=term.legal_basis,
        **_applicant(by, is_anonymous=form.is_anonymous()),
        is_urgent=form.is_urgent(),
        reply_channel=answers.get("reply_channel") or ReplyChannel.CABINET,
        postal_address=answers.get("postal_address", ""),
        object_address=answers.get("object_address", ""),
        contract_number=answers.get("contract_number", ""),
        category=form.category(),
        repeat_of=form.repeat_of(),
    )


def _applicant(by: User, *, is_anonymous: bool) -> dict[str, Any]:
    """The snapshot: who asks, or that they do not want to be named."""
    if is_anonymous:
        return {"is_anonymous": True, "applicant_name": HIDDEN_NAME}
    consumer = by.consumer
    return {
        "applicant_name": consumer.display_name[:300],
        "applicant_legal_form": consumer.legal_form,
        "applicant_identifier": consumer.masked_identifier,
        "applicant_email": by.email,
        "applicant_phone": format_phone(consumer.phone) if consumer.phone else "",
    }
