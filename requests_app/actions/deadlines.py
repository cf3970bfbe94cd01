"""The day of the answer: moved for a reason that the consumer is told, or counted anew by the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from requests_app import notifications, services
from requests_app.actions.steps import TransitionNotAllowed, may_process
from requests_app.colleagues import EXTEND_TERMS
from requests_app.dates import full_day
from requests_app.deadlines import DayKind, WorkingDayCheck, due_date
from requests_app.models import CalendarDay, ServiceRequest, TermExtension
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.services.base import CannotBeSent

# Past the first day, by all extensions of a term together: our rule, after the 30 days by which the law on appeals to
# state bodies (59-ФЗ, article 12) lets them extend.
MOST_DAYS = 30

_BATCH = 500


def may_extend(service_request: ServiceRequest, *, by: User) -> bool:
    """Is a day promised to the consumer there, does the term run, and may `by` move it?"""
    is_promised = service_request.is_open and service_request.kind.life.promises_answer
    return is_promised and may_process(service_request, by=by) and by.has_perm(EXTEND_TERMS)


def extend_term(service_request: ServiceRequest, *, until: date, reason: str, by: User) -> ServiceRequest:
    """
    Promise the answer by `until`, a working day later than the one promised, and tell the consumer. Returns the request
    as it is now. The same extension sent twice is one.

    Raises `TransitionNotAllowed` when the term does not run any more or is not for `by` to move, `CannotBeSent` for a
    day that cannot be, and ValidationError when the `reason` is too short or too long.
    """
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        before = list(locked.extensions.filter(disputes=locked.disputes))
        if before and (before[-1].until, before[-1].reason, before[-1].by_id) == (until, reason.strip(), by.pk):
            return locked
        if not may_extend(locked, by=by):
            raise TransitionNotAllowed("Срок этой заявки сейчас продлить нельзя.")
        _check_day(until, locked, first=before[0].from_day if before else locked.due_on)
        extension = TermExtension(
            service_request=locked,
            disputes=locked.disputes,
            from_day=locked.due_on,
            until=until,
            reason=reason.strip(),
            by=by,
        )
        extension.full_clean()
        extension.save()
        locked.due_on = until
        locked.save(update_fields=["due_on"])
        notifications.term_extended(locked)
    return locked


def _check_day(until: date, service_request: ServiceRequest, *, first: date) -> None:
    """Raises `CannotBeSent` by the field of the day; `first` is the day that was promised at the beginning."""
    latest = first + timedelta(days=MOST_DAYS)
    refusal = ""
    if until <= service_request.due_on:
        refusal = f"Срок и\N{NO-BREAK SPACE}так до {full_day(service_request.due_on)}. Выберите день позже."
    elif until <= timezone.localdate():
        refusal = "Этот день уже наступил. Выберите день позже сегодняшнего."
    elif until > latest:
        refusal = f"Продлить можно не\N{NO-BREAK SPACE}дальше чем до {full_day(latest)}."
    elif not CalendarDay.objects.working_day_check()(until):
        refusal = "Это нерабочий день. Выберите рабочий."
    if refusal:
        raise CannotBeSent("until", refusal)


@dataclass(frozen=True, kw_only=True)
class Recounted:
    """A request whose day was, or would be, another."""

    number: str
    was: date
    becomes: date


def recount_terms(*, is_dry_run: bool) -> Iterator[Recounted]:
    """
    Count the day of every open request anew, by its own term and the calendar of today, and store it unless
    `is_dry_run`. Terms that staff have extended stay. Those that change are given one by one, each stored already; run
    again, nothing is left to change.
    """
    is_working = CalendarDay.objects.working_day_check()
    last = 0
    while batch := list(_countable().filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        for service_request in batch:
            found = _recounted(service_request, is_working)
            if found and (is_dry_run or _store(service_request.pk, is_working)):
                yield found


def _countable() -> ServiceRequestQuerySet:
    """Open requests whose term runs and was not extended, with the moment of the last disagreement."""
    extended = TermExtension.objects.filter(service_request=OuterRef("pk"), disputes=OuterRef("disputes"))
    disputed_at = Max("status_changes__at", filter=Q(status_changes__transition="dispute"))
    running = ServiceRequest.objects.open().filter(service__in=services.with_term())
    return running.filter(~Exists(extended)).annotate(disputed_at=disputed_at)


def _recounted(service_request: ServiceRequest, is_working: WorkingDayCheck) -> Recounted | None:
    """What becomes of it; None when the day stays."""
    since = service_request.disputed_at or service_request.submitted_at  # type: ignore[attr-defined]
    kind = DayKind(service_request.term_day_kind)
    start = timezone.localdate(since)
    day = due_date(start=start, days=service_request.term_days, kind=kind, is_working=is_working)
    if day == service_request.due_on:
        return None
    return Recounted(number=service_request.number, was=service_request.due_on, becomes=day)


def _store(pk: int, is_working: WorkingDayCheck) -> bool:
    """Under the lock, by how the request is by now; False when somebody answered or extended it meanwhile."""
    with transaction.atomic():
        ServiceRequest.objects.locked().get(pk=pk)
        service_request = _countable().filter(pk=pk).first()
        found = _recounted(service_request, is_working) if service_request else None
        if service_request is None or found is None:
            return False
        service_request.due_on = found.becomes
        service_request.save(update_fields=["due_on"])
    return True
