"""Sending a request."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.fields import format_phone
from accounts.models import LegalForm, User
from requests_app import notifications, numbers, terms
from requests_app.actions.assignment import assign_by_rule
from requests_app.actions.files import attach, brings_nothing_new, transaction_of_files, write_files
from requests_app.actions.quality import note_repetition
from requests_app.actions.steps import advance
from requests_app.codes import AppealForm
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models import Consent, PlaceKey, Reception, ReplyChannel, ServiceRequest, StatusChange
from requests_app.models.request import HIDDEN_NAME
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.services.base import CannotBeSent, Service, ServiceForm

DUPLICATE_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """Who has no cabinet, and how to reach them: one of the three at least."""

    legal_form: LegalForm
    name: str
    phone: str
    email: str
    postal_address: str
    reply_channel: ReplyChannel


@dataclass(frozen=True, kw_only=True)
class OnBehalf:
    """
    An appeal that a colleague writes down: of a consumer, or of a stranger. The term runs from `received_at`, a moment
    that is not to come.
    """

    applicant: User | Stranger
    appeal_form: AppealForm
    received_at: datetime
    consent: Consent
    consent_on: date
    visit: ServiceRequest | None = None  # at which it was said

    @property
    def owner(self) -> User | None:
        return self.applicant if isinstance(self.applicant, User) else None

    @property
    def legal_form(self) -> str:
        return self.applicant.consumer.legal_form if isinstance(self.applicant, User) else self.applicant.legal_form


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
        sent = {"owner": by, **_applicant(by, is_anonymous=form.is_anonymous())}
        return _register(service, form, by, stored, at=timezone.now(), **sent)


def register_on_behalf(*, service: Service, form: ServiceForm, facts: OnBehalf, by: User) -> ServiceRequest:
    """
    The same for an appeal that came by telephone, on paper or in the office, written down by a colleague: whose form it
    is, is said by `facts`. Sent again, or with the same content within ten minutes, it is taken as once.

    Raises as `submit` does, and `CannotBeSent` for facts that cannot be.
    """
    if not (by.has_perm(PROCESS_REQUESTS) and by.has_perm(service.view_permission)):
        raise PermissionDenied("Appeals are written down by those who process them")
    if not service.is_taken_on_behalf or facts.legal_form not in service.allowed_for:
        raise PermissionDenied(f"{service.slug} is not taken on behalf of {facts.legal_form}")
    _check_facts(facts, form)
    with transaction_of_files() as stored:
        both = {by.pk, facts.owner.pk if facts.owner else by.pk}
        list(
            User.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk")
        )  # never each after the other
        if earlier := _written_before(form, facts, by):
            return earlier
        told = {"owner": facts.owner, "appeal_form": facts.appeal_form, **_told_of(facts)}
        service_request = _register(service, form, by, stored, at=facts.received_at, **told)
        Reception.objects.create(
            service_request=service_request,
            by=by,
            submission_key=form.key,
            consent=facts.consent,
            consent_on=facts.consent_on,
            visit=facts.visit,
        )
    return service_request


def _check_facts(facts: OnBehalf, form: ServiceForm) -> None:
    """Raises `CannotBeSent`. The form of the desk says the same by each field."""
    today = timezone.localdate()
    if facts.received_at > timezone.now():
        raise CannotBeSent(None, "Обращение не\N{NO-BREAK SPACE}могло поступить позже, чем сейчас.")
    if facts.consent_on > today:
        raise CannotBeSent(None, "Согласие не\N{NO-BREAK SPACE}могли дать позже, чем сегодня.")
    if facts.consent == Consent.SCAN and not form.good_files and not form.kept_files:
        raise CannotBeSent("files", "Приложите скан согласия.")


def _sent_before(form: ServiceForm, by: User) -> ServiceRequest | None:
    mine = ServiceRequest.objects.owned_by(by)
    same_sending = mine.filter(submission_key=form.key).first()
    if same_sending is None:
        return _same_content(form, mine.exclude(status__in=FINAL_STATUSES))
    if same_sending.status == Status.WITHDRAWN or not _is_same(form, same_sending):
        raise AlreadySent(same_sending)
    return same_sending


def _written_before(form: ServiceForm, facts: OnBehalf, by: User) -> ServiceRequest | None:
    """The same, among what this colleague has written down."""
    mine = ServiceRequest.objects.filter(reception__by=by)
    same_sending = mine.filter(reception__submission_key=form.key).first()
    if same_sending:
        if not _is_same(form, same_sending) or not _is_of(facts, same_sending):
            raise AlreadySent(same_sending)
        return same_sending
    recent = timezone.now() - DUPLICATE_WINDOW
    candidates = mine.filter(content_hash=form.content_hash(), reception__registered_at__gte=recent)
    open_ones = candidates.exclude(status__in=FINAL_STATUSES)
    return next((one for one in open_ones if _is_same(form, one) and _is_of(facts, one)), None)


def _is_of(facts: OnBehalf, service_request: ServiceRequest) -> bool:
    """The same applicant?"""
    if facts.owner or service_request.owner_id:
        return service_request.owner == facts.owner
    told = {**_told_of(facts), "appeal_form": facts.appeal_form}
    return all(getattr(service_request, name) == value for name, value in told.items())


def _same_content(form: ServiceForm, requests: ServiceRequestQuerySet) -> ServiceRequest | None:
    recent = timezone.now() - DUPLICATE_WINDOW
    candidates = requests.filter(content_hash=form.content_hash(), submitted_at__gte=recent)
    return next((candidate for candidate in candidates if _is_same(form, candidate)), None)


def _is_same(form: ServiceForm, service_request: ServiceRequest) -> bool:
    """The same answers, and no file that the request lacks."""
    if service_request.content_hash != form.content_hash():
        return False
    return brings_nothing_new(form, service_request.attachments.filter(message=None))


def _register(
    service: Service, form: ServiceForm, by: User, stored: list[str], *, at: datetime, **told: Any
) -> ServiceRequest:
    """The request with all that belongs to it; `told`: of whom it is and how it came."""
    written = write_files(form, by=by, stored=stored)
    service_request = _create(service, form, at=at, **told)
    form.save_detail(service_request)
    PlaceKey.objects.note(service_request)
    attach(form, written, service_request, by=by, message=None)
    StatusChange.objects.create(
        service_request=service_request, to_status=Status.REGISTERED, by=by, submission_key=form.key
    )
    note_repetition(service_request)
    if name := form.first_step():
        advance(service_request, service.life.get(name), by=by, key=uuid.uuid4())
    if service_request.is_open:
        assign_by_rule(service_request)
    notifications.request_registered(service_request)
    if service_request.is_urgent:
        notifications.danger_reported(service_request)
    return service_request


def _create(service: Service, form: ServiceForm, *, at: datetime, **told: Any) -> ServiceRequest:
    start = timezone.localdate(at)
    term = terms.current(service, on=start)
    answers = form.cleaned_data
    values = {
        "reply_channel": answers.get("reply_channel") or ReplyChannel.CABINET,
        "postal_address": answers.get("postal_address", ""),
        **told,
    }
    return ServiceRequest.objects.create(
        number=numbers.next_number(on=timezone.localdate()),
        service=service.slug,
        subject=form.subject()[:200],
        submission_key=form.key,
        content_hash=form.content_hash(),
        submitted_at=at,
        due_on=terms.due_on(term.days, term.day_kind, start=start),
        term_days=term.days,
        term_day_kind=term.day_kind,
        term_basis=term.legal_basis,
        is_urgent=form.is_urgent(),
        object_address=answers.get("object_address", ""),
        contract_number=answers.get("contract_number", ""),
        category=form.category(),
        repeat_of=form.repeat_of(),
        **values,
    )


def _told_of(facts: OnBehalf) -> dict[str, Any]:
    """The snapshot of the applicant, and for a stranger how to answer."""
    if isinstance(facts.applicant, User):
        return _applicant(facts.applicant, is_anonymous=False)
    stranger = facts.applicant
    return {
        "applicant_name": stranger.name,
        "applicant_legal_form": stranger.legal_form,
        "applicant_email": stranger.email,
        "applicant_phone": stranger.phone,
        "postal_address": stranger.postal_address,
        "reply_channel": stranger.reply_channel,
    }


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
