"""Papers given out with an answer: copies of documents and invoices; and what becomes of an invoice."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from requests_app import notifications
from requests_app.actions.steps import TransitionNotAllowed, may_process
from requests_app.dates import full_day
from requests_app.models import (
    Attachment,
    Audience,
    Invoice,
    InvoiceState,
    IssuedDocument,
    Message,
    MessageKind,
    ServiceRequest,
)
from requests_app.months import last_day
from requests_app.services.base import CannotBeSent


class InvoiceNotChanged(Exception):
    """It cannot be done with the invoice any more. The text says why."""


@dataclass(frozen=True, kw_only=True)
class InvoiceFacts:
    """What stands in the invoice itself; roubles with tax."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    vat_percent: Decimal | None
    vat_amount: Decimal


def issue_copies(service_request: ServiceRequest, *, right_note: str, by: User) -> None:
    """
    Make the files of the answer just given papers of the consumer; twice is once. `right_note` says how the right was
    checked where no access to the object is confirmed.

    Raises `TransitionNotAllowed` when the answer has no file, or the right is neither confirmed nor checked, and
    `PermissionDenied` for whoever may not process requests. To be called in the transaction of the answer.
    """
    if not may_process(service_request, by=by):
        raise PermissionDenied("Copies are issued by those who process requests")
    detail: Any = service_request.detail
    with transaction.atomic():
        files = _files_of_answer(service_request)
        right = _right(detail, right_note, by=by)
        for file in files:
            IssuedDocument.objects.get_or_create(
                attachment=file,
                defaults={
                    "service_request": service_request,
                    "title": _title(detail),
                    "period_from": detail.period_from,
                    "period_to": detail.period_to,
                    "point": detail.point,
                    "issued_by": by,
                    **right,
                },
            )


def issue_invoice(service_request: ServiceRequest, *, facts: InvoiceFacts, right_note: str, by: User) -> None:
    """
    Make the one PDF of the answer just given an invoice; twice is once. The accountant whom the consumer has named gets
    a letter with the number alone.

    Raises `CannotBeSent` for a number that the year has already, `TransitionNotAllowed` as `issue_copies` does, and
    `PermissionDenied` for whoever may not issue invoices. To be called in the transaction of the answer.
    """
    _check_permission("issue", by)
    detail: Any = service_request.detail
    with transaction.atomic():
        files = _files_of_answer(service_request)
        if len(files) != 1:
            raise TransitionNotAllowed("Счёт — это один файл. Остальные отправьте сообщением.")
        if Invoice.objects.filter(document=files[0].pk).exists():
            return
        period = {"period_from": detail.period, "period_to": last_day(detail.period)} if detail.period else {}
        document = IssuedDocument.objects.create(
            attachment=files[0],
            service_request=service_request,
            title=f"Счёт №\N{NO-BREAK SPACE}{facts.number}",
            point=detail.point,
            issued_by=by,
            **period,
            **_right(detail, right_note, by=by),
        )
        invoice = _create(
            document=document,
            service_name=detail.get_kind_display(),
            contract_number=service_request.contract_number,
            **asdict(facts),
        )
        if detail.accountant_email:
            notifications.invoice_ready(invoice, to=detail.accountant_email)


def mark_paid(invoice: Invoice, *, paid_on: date, by: User) -> None:
    """
    Note that the money has come on that day, and send the letter. Raises `InvoiceNotChanged` when the invoice does not
    wait for money, or the day has not come, and `PermissionDenied` for whoever may not note it.
    """
    _check_permission("settle", by)
    if paid_on > timezone.localdate():
        raise InvoiceNotChanged("Этот день ещё не наступил.")
    with transaction.atomic():
        locked = _locked(invoice, expected=InvoiceState.ISSUED)
        locked.state, locked.paid_on, locked.paid_by = InvoiceState.PAID, paid_on, by
        locked.save(update_fields=["state", "paid_on", "paid_by"])
        _note(locked, f"отмечена оплата {full_day(paid_on)}.", by=by)
        notifications.invoice_changed(locked, news="оплата получена")


def take_back_payment(invoice: Invoice, *, reason: str, by: User) -> None:
    """
    The payment was noted by mistake: the invoice waits for money again. Raises `InvoiceNotChanged` when it is not paid or
    there is no reason, and `PermissionDenied` for whoever may not cancel invoices.
    """
    _check_permission("cancel", by)
    _check_reason(reason)
    with transaction.atomic():
        locked = _locked(invoice, expected=InvoiceState.PAID)
        locked.state, locked.paid_on, locked.paid_by = InvoiceState.ISSUED, None, None
        locked.save(update_fields=["state", "paid_on", "paid_by"])
        _note(locked, f"отметка об оплате снята. {reason}", by=by)
        notifications.invoice_changed(locked, news="отметка об оплате снята")


def cancel_invoice(invoice: Invoice, *, reason: str, by: User) -> None:
    """
    It is not to be paid any more, for a `reason` that the consumer reads. Raises `InvoiceNotChanged` when it is paid or
    cancelled or there is no reason, and `PermissionDenied` for whoever may not cancel invoices.
    """
    _check_permission("cancel", by)
    _check_reason(reason)
    with transaction.atomic():
        locked = _locked(invoice, expected=InvoiceState.ISSUED)
        locked.state, locked.cancel_reason = InvoiceState.CANCELLED, reason
        locked.cancelled_by, locked.cancelled_at = by, timezone.now()
        locked.save(update_fields=["state", "cancel_reason", "cancelled_by", "cancelled_at"])
        _note(locked, f"аннулирован. {reason}", by=by)
        notifications.invoice_changed(locked, news="аннулирован")


def _files_of_answer(service_request: ServiceRequest) -> list[Attachment]:
    answer = service_request.messages.filter(kind=MessageKind.ANSWER).last()
    files = list(answer.attachments.all()) if answer else []
    if not files:
        raise TransitionNotAllowed("Приложите файл: без него выдавать нечего.")
    return files


def _right(detail: Any, note: str, *, by: User) -> dict[str, Any]:
    """Who has checked the right and how; nothing where it rests on the confirmed access."""
    if detail.right_is_confirmed:
        return {}
    if not note.strip():
        raise TransitionNotAllowed("Доступ к объекту не подтверждён. Проверьте право заявителя и напишите, как.")
    return {"right_checked_by": by, "right_checked_at": timezone.now(), "right_note": note}


def _create(**values: Any) -> Invoice:
    try:
        with transaction.atomic():
            return Invoice.objects.create(**values)
    except IntegrityError as error:
        if "number" not in str(error):
            raise
        raise CannotBeSent("number", "Счёт с этим номером в этом году уже есть.") from error


def _title(detail: Any) -> str:
    """«Акт проверки прибора учёта № 14 от 2 декабря 2025»."""
    parts = [detail.get_kind_display()]
    if detail.document_number:
        parts.append(f"№\N{NO-BREAK SPACE}{detail.document_number}")
    if detail.document_date:
        parts.append(f"от\N{NO-BREAK SPACE}{full_day(detail.document_date)}")
    return " ".join(parts)


def _check_permission(what: str, by: User) -> None:
    if not by.has_perm(f"requests_app.{what}_invoice"):
        raise PermissionDenied(f"This one may not {what} invoices")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvoiceNotChanged("Напишите причину.")


def _locked(invoice: Invoice, *, expected: InvoiceState) -> Invoice:
    locked = Invoice.objects.locked().get(pk=invoice.pk)
    if locked.state != expected:
        raise InvoiceNotChanged(f"Состояние счёта уже другое: «{locked.get_state_display()}».")
    return locked


def _note(invoice: Invoice, text: str, *, by: User) -> None:
    """A line for staff beside the request: who did what with its invoice."""
    Message.objects.create(
        service_request=invoice.service_request,
        author=by,
        audience=Audience.STAFF,
        kind=MessageKind.NOTE,
        body=f"{invoice}: {text}",
    )
