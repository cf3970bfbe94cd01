"""Meter readings: sent by consumers, decided by staff, closed by month."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from requests_app import notifications
from requests_app.actions.life_cycle import transition
from requests_app.actions.steps import TransitionNotAllowed, advance
from requests_app.actions.submission import submit
from requests_app.codes import RefusalReason
from requests_app.forms import TransitionForm
from requests_app.lifecycle import Status
from requests_app.models import (
    Meter,
    PeriodChange,
    PlaceKey,
    Reading,
    ReadingPeriod,
    ReadingState,
    ServiceRequest,
    Source,
)
from requests_app.reading_rules import Answer
from requests_app.reading_windows import first_of
from requests_app.services import meter_readings
from requests_app.services.base import ServiceForm
from requests_app.services.meter_readings.detail import MeterReadings
from requests_app.services.meter_readings.recording import Given, PeriodClosed, drop, locked_standing, record
from requests_app.services.meter_readings.standing import Standing


class ReadingsNotChanged(TransitionNotAllowed):
    """It cannot be done: the month is closed, decided already, or the values are impossible. The text says why."""


# -- By consumers ---------------------------------------------------------------------------------------------------


def send_readings(*, form: ServiceForm, by: User) -> ServiceRequest:
    """
    Register the valid `ReadingsForm` or `UnknownMeterForm` and return its request, as `submit` does and with what it
    raises. Values that waited for staff and are now replaced by these have their request closed.
    """
    waiting: list[ServiceRequest] = []
    with database.atomic():
        if isinstance(form, meter_readings.ReadingsForm) and form.meter:
            # locked before the meter is, in the order of the steps of staff
            waiting = waiting_requests([form.meter.pk], form.window.month)
        sent = submit(service=meter_readings.SERVICE, form=form, by=by)
        close_replaced(waiting, by=by, besides=sent)
    return sent


def waiting_requests(meters: Iterable[int], month: date) -> list[ServiceRequest]:
    """The requests whose values for one of these meters (by key) and this month wait for staff, locked."""
    waiting = Reading.objects.in_question().filter(meter__in=meters, period__month=month)
    found = ServiceRequest.objects.filter(pk__in=waiting.values("service_request"), status=Status.REGISTERED)
    return list(found.order_by("pk").locked())


def close_replaced(waiting: Iterable[ServiceRequest], *, by: User, besides: ServiceRequest | None = None) -> None:
    """Those of which nothing waits any more, since a consumer gave other values, are done with."""
    for earlier in _without_questions(waiting):
        if earlier != besides:
            name = "settle" if _detail(earlier).is_sheet else "supersede"
            advance(earlier, meter_readings.LIFE.get(name), by=by, key=uuid.uuid4())


def _without_questions(waiting: Iterable[ServiceRequest]) -> Iterator[ServiceRequest]:
    return (earlier for earlier in waiting if not earlier.readings.in_question().exists())


# -- By staff -------------------------------------------------------------------------------------------------------


def accept_readings(service_request: ServiceRequest, *, by: User) -> None:
    """
    The values in question are right. Raises `TransitionNotAllowed` when they are decided already or `by` may not.
    """
    transition(service_request, "approve", by=by)


def reject_readings(service_request: ServiceRequest, *, reason: str, by: User) -> None:
    """
    They are not, for a `reason` that the consumer reads; what was accepted before stands again while the month is open.
    Raises `TransitionNotAllowed` as above, `ReadingsNotChanged` without a reason.
    """
    _check_reason(reason)
    with database.atomic():
        held = ServiceRequest.objects.locked().get(pk=service_request.pk)
        rows = held.readings.in_question().select_related("meter", "period")
        form = _with_comment("refuse", reason, by=by)
        if held.status == Status.REGISTERED:
            drop(rows, state=ReadingState.REJECTED, by=by, reason=reason[:500])
        transition(held, "refuse", by=by, form=form)


def correct_readings(
    service_request: ServiceRequest,
    *,
    values: Mapping[int, Decimal],
    reason: str,
    by: User,
    rolled_over: frozenset[int] = frozenset(),
) -> list[Reading]:
    """
    Accept other `values` (zone → value, all zones) in place of those in question, for a `reason` that the consumer
    reads; in the zones `rolled_over` the drums passed zero. Returns the new rows. Raises `ReadingsNotChanged` when a
    zone is missing or the month is closed, `TransitionNotAllowed` as above.
    """
    _check_reason(reason)
    with database.atomic():
        held = ServiceRequest.objects.locked().get(pk=service_request.pk)
        rows = put_corrected(held, values=values, reason=reason, by=by, rolled_over=rolled_over)
        transition(held, "correct", by=by, form=_with_comment("correct", reason, by=by))
    return rows


def match_unknown_meter(
    service_request: ServiceRequest, *, meter: Meter, month: date, by: User, rolled_over: frozenset[int] = frozenset()
) -> list[Reading]:
    """
    Give the values of an unknown meter to `meter`, for `month`, and accept them. What stands for this month already is
    left alone: raises `ReadingsNotChanged` then, and when the values are not those of such a meter or the month is
    closed; `TransitionNotAllowed` when it is decided already.
    """
    with database.atomic():
        held = ServiceRequest.objects.locked().get(pk=service_request.pk)
        rows = put_matched(held, meter=meter, month=month, by=by, rolled_over=rolled_over)
        transition(held, "match", by=by)
    return rows


def put_corrected(
    service_request: ServiceRequest,
    *,
    values: Mapping[int, Decimal],
    reason: str,
    by: User,
    rolled_over: frozenset[int] = frozenset(),
) -> list[Reading]:
    """The rows of `correct_readings` without its step, for the form of the step, which is taken right after it."""
    detail = _detail(service_request)
    if detail.meter is None or detail.month is None:
        raise ReadingsNotChanged("Сначала найдите счётчик.")
    standing, period = _standing(detail.meter, detail.month)
    return record(
        standing,
        period,
        given_by_staff(standing, values, rolled_over),
        taken_on=detail.taken_on,
        by=by,
        service_request=service_request,
        reason=reason[:300],
        is_checked=True,
    )


def put_matched(
    service_request: ServiceRequest, *, meter: Meter, month: date, by: User, rolled_over: frozenset[int] = frozenset()
) -> list[Reading]:
    """The rows of `match_unknown_meter` without its step, for the form of the step, which is taken right after it."""
    detail = _detail(service_request)
    standing, period = _standing(meter, month)
    if standing.current:
        raise ReadingsNotChanged("За этот месяц по\N{NO-BREAK SPACE}счётчику уже есть показания.")
    last = standing.last_day()
    if last and detail.taken_on < last:
        raise ReadingsNotChanged(f"Последнее показание снято {last:%d.%m.%Y}, эти раньше.")
    rows = record(
        standing,
        period,
        given_by_staff(standing, detail.values_on(meter), rolled_over),
        taken_on=detail.taken_on,
        by=by,
        service_request=service_request,
        is_checked=True,
    )
    detail.meter, detail.month = meter, period.month
    detail.save(update_fields=["meter", "month"])
    PlaceKey.objects.note(service_request)
    return rows


def record_control_reading(
    *,
    meter: Meter,
    values: Mapping[int, Decimal],
    taken_on: date,
    month: date,
    by: User,
    source: Source = Source.CONTROL,
    reason: str = "",
    rolled_over: frozenset[int] = frozenset(),
) -> list[Reading]:
    """
    What our own people read, or the remote system, or an estimate: it takes the place of the consumer's for `month`,
    and the consumer's later values may not be below it. Whose values waited is told by letter. `values`: zone → value, all zones. Raises `ReadingsNotChanged`
    when a zone is missing, the day is earlier than the last reading's or the month is closed, `PermissionDenied` for
    whoever may not.
    """
    _check_permission("process_reading", by)
    with database.atomic():
        waiting = waiting_requests([meter.pk], first_of(month))
        standing, period = _standing(meter, month)
        last = standing.last_day()
        if last and taken_on < last:
            raise ReadingsNotChanged(
                f"Последнее показание снято {last:%d.%m.%Y}: новое не\N{NO-BREAK SPACE}может быть раньше."
            )
        given = given_by_staff(standing, values, rolled_over)
        reason = reason or Source(source).label
        rows = record(standing, period, given, taken_on=taken_on, by=by, source=source, reason=reason[:300])
        for earlier in _without_questions(waiting):
            step = meter_readings.LIFE.get("settle" if _detail(earlier).is_sheet else "control")
            advance(earlier, step, by=by, key=uuid.uuid4())
            notifications.status_changed(earlier, step)
    return rows


def record_initial_reading(*, meter: Meter, values: Mapping[int, Decimal], taken_on: date, by: User) -> list[Reading]:
    """
    Where the meter stood when it was installed: what the first readings are counted from. Raises `ReadingsNotChanged`
    when it has one or a zone is missing, `PermissionDenied` for whoever may not.
    """
    _check_permission("process_reading", by)
    with database.atomic():
        held = Meter.objects.select_for_update(of=("self",), no_key=True).get(pk=meter.pk)
        if held.readings.exists():
            raise ReadingsNotChanged("У\N{NO-BREAK SPACE}этого счётчика уже есть показания.")
        given = given_by_staff(Standing(meter=held, month=taken_on.replace(day=1)), values, frozenset())
        rows = [
            Reading(
                meter=held,
                zone=zone,
                taken_on=taken_on,
                value=value.value,
                ratio=held.ratio,
                source=Source.INITIAL,
                accepted_at=timezone.now(),
                recorded_by=by,
            )
            for zone, value in given.items()
        ]
        return Reading.objects.bulk_create(rows)


# -- Months ---------------------------------------------------------------------------------------------------------


def close_period(month: date, *, by: User) -> ReadingPeriod:
    """
    From now on the readings of this month stay as they are, and what consumers send counts for the next. Twice is once.
    Raises `ReadingsNotChanged` while values of the month wait for a decision, `PermissionDenied` for whoever may not.
    """
    _check_permission("close_readingperiod", by)
    with database.atomic():
        period = ReadingPeriod.objects.locked(month)
        if period.is_closed:
            return period
        waiting = period.readings.in_question().values("meter").distinct().count()
        if waiting:
            raise ReadingsNotChanged(
                f"Счётчиков с\N{NO-BREAK SPACE}показаниями на\N{NO-BREAK SPACE}проверке: {waiting}. Сначала решите их."
            )
        _mark(period, is_closed=True, by=by)
    return period


def reopen_period(month: date, *, reason: str, by: User) -> ReadingPeriod:
    """
    The month takes readings again, for a `reason` that is logged. Twice is once. Raises `ReadingsNotChanged` without a
    reason, `PermissionDenied` for whoever may not.
    """
    _check_permission("close_readingperiod", by)
    _check_reason(reason)
    with database.atomic():
        period = ReadingPeriod.objects.locked(month)
        if period.is_closed:
            _mark(period, is_closed=False, by=by, reason=reason)
    return period


def _mark(period: ReadingPeriod, *, is_closed: bool, by: User, reason: str = "") -> None:
    now = timezone.now()
    period.closed_at, period.closed_by = (now, by) if is_closed else (None, None)
    period.save(update_fields=["closed_at", "closed_by"])
    PeriodChange.objects.create(period=period, is_closed=is_closed, by=by, at=now, reason=reason[:300])


# -- Parts ----------------------------------------------------------------------------------------------------------


def _standing(meter: Meter, month: date) -> tuple[Standing, ReadingPeriod]:
    try:
        return locked_standing(meter, month)
    except PeriodClosed as closed:
        raise ReadingsNotChanged("Этот месяц закрыт. Откройте его снова или выберите следующий.") from closed


def given_by_staff(standing: Standing, values: Mapping[int, Decimal], rolled_over: frozenset[int]) -> dict[int, Given]:
    """What staff have typed for all zones, as it is recorded. Raises `ReadingsNotChanged` when it cannot be."""
    meter = standing.meter
    if set(values) != set(standing.zones):
        raise ReadingsNotChanged(f"У\N{NO-BREAK SPACE}счётчика зон: {meter.zones}. Нужны показания всех.")
    if any(not 0 <= value < 10**meter.digits_before for value in values.values()):
        raise ReadingsNotChanged(
            f"На\N{NO-BREAK SPACE}счётчике до\N{NO-BREAK SPACE}запятой {meter.digits_before} знаков."
        )
    return {zone: Given(value, answer=Answer.ROLLOVER if zone in rolled_over else "") for zone, value in values.items()}


def _detail(service_request: ServiceRequest) -> MeterReadings:
    detail = service_request.detail
    if not isinstance(detail, MeterReadings):
        raise TypeError("Not a sending of readings")
    return detail


def _check_permission(codename: str, by: User) -> None:
    if not by.has_perm(f"requests_app.{codename}"):
        raise PermissionDenied(f"This one may not {codename}")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ReadingsNotChanged("Напишите причину.")


def _with_comment(name: str, comment: str, *, by: User) -> TransitionForm:
    """The step's form with the comment as its text."""
    data = MultiValueDict[str, str]({"comment": [comment], "refusal_reason": [RefusalReason.OTHER.value]})
    form = TransitionForm(data, owner=by, transition=meter_readings.LIFE.get(name))
    if not form.is_valid():
        raise ReadingsNotChanged("Причина слишком длинная.")
    return form
