"""The official codes of an appeal, which staff give, and correct once it has ended."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from requests_app.actions.steps import TransitionNotAllowed, may_process
from requests_app.codes import Category
from requests_app.colleagues import CORRECT_CODES
from requests_app.lifecycle import FINAL_STATUSES
from requests_app.models import Audience, Message, MessageKind, ServiceRequest
from requests_app.models.detail import rows_of
from requests_app.services.base import CannotBeSent

_CODES = ["category", "measures_done", "measures_planned"]


def set_codes(
    service_request: ServiceRequest, *, category: str, measures_done: str, measures_planned: str, by: User
) -> None:
    """
    Set the category of the appeal and tell what was done and is planned about it: columns 10–26, 30 and 31 of table
    4.9 of Annex 7 to the Unified standards of service (Order of the Ministry of Energy No. 186 of 15.04.2014).

    Raises `PermissionDenied` for whoever may not process requests and ValueError for an unknown category.
    """
    if not may_process(service_request, by=by):
        raise PermissionDenied("Codes are for those who process requests")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        _store(locked, category, measures_done, measures_planned)


def may_correct_codes(service_request: ServiceRequest, *, by: User) -> bool:
    """Has the appeal ended, does it stand in the regulator's tables, and may `by` correct what stands there?"""
    is_counted = service_request.status in FINAL_STATUSES and service_request.kind.counts_as_appeal
    return is_counted and may_process(service_request, by=by) and by.has_perm(CORRECT_CODES)


def correct_codes(
    service_request: ServiceRequest,
    *,
    category: str,
    measures_done: str,
    measures_planned: str,
    reason: str,
    by: User,
) -> None:
    """
    Set other codes of an appeal that has ended, with a note among staff of what each was and became, and the `reason`.
    Its outcome stays: whether the answer came in time is no choice. The consumer is not told. The same correction sent
    twice is one.

    Raises `TransitionNotAllowed` when the codes are not for `by` to correct, or not yet, and `CannotBeSent` by the
    category when nothing would change.
    """
    why = f"Причина: {reason}"
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if not may_correct_codes(locked, by=by):
            raise TransitionNotAllowed("Исправить можно только коды завершённой заявки.")
        was = _in_words(locked)
        _store(locked, category, measures_done, measures_planned)
        changes = list(_changes(was, _in_words(locked)))
        if changes:
            _note(locked, "\n".join(["Исправлены коды для\N{NO-BREAK SPACE}отчёта регулятору.", *changes, why]), by=by)
        elif not _last_note(locked, by=by).endswith(f"\n{why}"):
            raise CannotBeSent("category", "Коды и\N{NO-BREAK SPACE}так такие. Измените хотя бы один.")


def _store(locked: ServiceRequest, category: str, measures_done: str, measures_planned: str) -> None:
    locked.category = Category(category)
    locked.measures_done, locked.measures_planned = measures_done, measures_planned
    locked.save(update_fields=_CODES)


def _in_words(service_request: ServiceRequest) -> dict[str, str]:
    """Name of a code → what it says; without those that are empty."""
    return {row.label: row.value for row in rows_of(service_request, _CODES)}


def _changes(was: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for label in {**was, **now}:
        if was.get(label) != now.get(label):
            yield f"{label}: было {_quoted(was.get(label))}, стало {_quoted(now.get(label))}."


def _quoted(text: str | None) -> str:
    return f"«{text}»" if text else "пусто"


def _last_note(service_request: ServiceRequest, *, by: User) -> str:
    note = service_request.messages.filter(author=by, kind=MessageKind.NOTE).last()
    return note.body if note else ""


def _note(service_request: ServiceRequest, text: str, *, by: User) -> None:
    Message.objects.create(
        service_request=service_request, author=by, audience=Audience.STAFF, kind=MessageKind.NOTE, body=text
    )
