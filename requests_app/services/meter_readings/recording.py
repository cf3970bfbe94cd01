"""How readings come into the account and leave it. Everything here is called within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from requests_app.models.readings import (
    Reading,
    ReadingPeriod,
    ReadingState,
    Source,
    codes_of,
    kind_of,
)
from requests_app.models.request import ServiceRequest
from requests_app.models.supply import Meter
from requests_app.reading_rules import CHECKED_BY_STAFF, Answer, Question, used
from requests_app.services.meter_readings.standing import Standing, standings


class PeriodClosed(Exception):
    """The month was closed by staff: its readings stay as they are."""


@dataclass(frozen=True)
class Given:
    """The value of one zone as it is to be recorded."""

    value: Decimal
    questions: tuple[Question, ...] = ()
    answer: str = ""  # of `Answer`


def locked_standing(meter: Meter, month: date) -> tuple[Standing, ReadingPeriod]:
    """
    Where the meter stands, held until the transaction ends: nobody else records for this meter or closes this month
    meanwhile. Raises `PeriodClosed`.
    """
    held = Meter.objects.select_for_update(of=("self",), no_key=True).select_related("point").get(pk=meter.pk)
    period = ReadingPeriod.objects.locked(month)
    if period.is_closed:
        raise PeriodClosed
    return standings([held], month=period.month)[held.pk], period


def record(
    standing: Standing,
    period: ReadingPeriod,
    given: Mapping[int, Given],
    *,
    taken_on: date,
    by: User,
    source: Source = Source.CONSUMER,
    service_request: ServiceRequest | None = None,
    reason: str = "",
    is_checked: bool = False,
) -> list[Reading]:
    """
    Write the values of the zones `given` and return their rows. What stood for the month in these zones is superseded,
    for the `reason` said. A consumer's value with a question that staff look at makes the whole sending wait for them,
    unless it is staff who record it (`is_checked`).
    `standing` and `period` come from `locked_standing`.
    """
    rows = drafted(
        standing,
        period,
        given,
        taken_on=taken_on,
        by=by,
        source=source,
        service_request=service_request,
        reason=reason,
        is_checked=is_checked,
    )
    superseded = [row.replaces_id for row in rows if row.replaces_id]
    Reading.objects.filter(pk__in=superseded).update(state=ReadingState.SUPERSEDED)
    for row in rows:
        row.save(force_insert=True)
    recount_after(standing.meter, period.month)
    return rows


def drafted(
    standing: Standing,
    period: ReadingPeriod,
    given: Mapping[int, Given],
    *,
    taken_on: date,
    by: User,
    source: Source = Source.CONSUMER,
    service_request: ServiceRequest | None = None,
    reason: str = "",
    is_checked: bool = False,
) -> list[Reading]:
    """The rows that `record` writes, counted and not saved; each names in `replaces` the one that it supersedes."""
    asked = {question for value in given.values() for question in value.questions}
    waits = source == Source.CONSUMER and not is_checked and bool(asked & CHECKED_BY_STAFF)
    rows = [
        Reading(
            meter=standing.meter,
            zone=zone,
            period=period,
            taken_on=taken_on,
            value=value.value,
            ratio=standing.meter.ratio,
            source=source,
            state=ReadingState.IN_QUESTION if waits else ReadingState.ACCEPTED,
            accepted_at=None if waits else timezone.now(),
            question_codes=codes_of(value.questions),
            answer=value.answer,
            service_request=service_request,
            replaces=standing.current.get(zone),
            correction_reason=reason if zone in standing.current else "",
            recorded_by=by,
        )
        for zone, value in sorted(given.items())
    ]
    for row in rows:
        count(row, standing.before.get(row.zone))
    return rows


def count(row: Reading, before: Reading | None) -> None:
    """Set what the row was counted from, and its use; unknown where the value fell without passing zero."""
    row.previous_value = before.value if before else None
    row.previous_on = before.taken_on if before else None
    row.consumption_kwh = None
    rolled_over = row.answer == Answer.ROLLOVER
    if before and row.answer != Answer.REPLACED and (row.value >= before.value or rolled_over):
        row.consumption_kwh = used(row.value, before.value, kind_of(row.meter), rolled_over=rolled_over)


def accept(rows: Iterable[Reading], *, by: User) -> None:
    """Readings in question count from now on."""
    now = timezone.now()
    for row in rows:
        row.state, row.accepted_at = ReadingState.ACCEPTED, now
        row.decided_by, row.decided_at = by, now
        row.save(update_fields=["state", "accepted_at", "decided_by", "decided_at"])
        recount_after(row.meter, _month(row))


def drop(rows: Iterable[Reading], *, state: ReadingState, by: User, reason: str = "") -> None:
    """
    Readings in question are rejected by staff, for a `reason`, or withdrawn by the consumer. What was accepted before
    them stands again while the month is open.
    """
    now = timezone.now()
    for row in rows:
        row.state = state
        row.decided_by, row.decided_at, row.decision_reason = by, now, reason
        row.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        earlier = _accepted_before(row)
        if earlier and row.period and not row.period.is_closed:
            earlier.state = ReadingState.ACCEPTED
            earlier.save(update_fields=["state"])
        recount_after(row.meter, _month(row))


def recount_after(meter: Meter, month: date) -> None:
    """Count the next readings after `month` anew, while their month is open: what they were counted from has changed."""
    later = Reading.objects.current().filter(meter=meter, period__month__gt=month, period__closed_at=None)
    nearest: dict[int, Reading] = {}
    for row in later.select_related("period", "meter").order_by("period__month"):
        nearest.setdefault(row.zone, row)
    for row in nearest.values():
        count(row, standings([meter], month=_month(row))[meter.pk].before.get(row.zone))
        row.save(update_fields=["previous_value", "previous_on", "consumption_kwh"])


def _accepted_before(row: Reading) -> Reading | None:
    """The nearest of those it replaces that had been accepted."""
    earlier = row.replaces
    while earlier and (earlier.accepted_at is None or earlier.state != ReadingState.SUPERSEDED):
        earlier = earlier.replaces
    return earlier


def _month(row: Reading) -> date:
    if row.period is None:
        raise ValueError("An initial reading is of no month")
    return row.period.month
