"""The schedule of an office as its rows say, and the taking of a time in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from requests_app.models.calendar import CalendarDay
from requests_app.services.appointment.models import Appointment, AppointmentQuerySet
from requests_app.services.appointment.offices import ClosedDay, Office
from requests_app.services.appointment.slots import Schedule, Slot

_SLOT = re.compile(r"([0-9]{1,9})@(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})")


@dataclass(frozen=True)
class OpenTime:
    """An office and a moment at which somebody wants to come."""

    office: Office
    starts_at: datetime

    def __str__(self) -> str:
        return f"{self.office.pk}@{timezone.localtime(self.starts_at):%Y-%m-%dT%H:%M}"


def read_slot(value: str) -> tuple[int, datetime] | None:
    """The key of an office and a moment, as `OpenTime` writes them; None for anything else."""
    sent = _SLOT.fullmatch(value)
    if sent is None:
        return None
    try:
        return int(sent[1]), timezone.make_aware(datetime.fromisoformat(sent[2]))
    except ValueError:  # 31 November, 25:00
        return None


class NotFree(Exception):
    """Nobody can be booked at this time (any more). The text says why."""


def schedule_of(office: Office) -> Schedule:
    """The rules of the office as they are now. Three queries, however many times it offers."""
    return Schedule(
        hours={row.weekday: row.as_hours for row in office.hours.all()},
        ends=dict(ClosedDay.objects.filter(office=office).values_list("date", "receives_until")),
        is_working=CalendarDay.objects.working_day_check(),
        length=timedelta(minutes=office.slot_minutes),
        windows=office.windows,
        lead=timedelta(minutes=office.lead_minutes),
        horizon_days=office.horizon_days,
    )


def times(office: Office, *, now: datetime) -> dict[date, list[Slot]]:
    """Every time that can be booked at the office, by day, the taken ones among them. Four queries."""
    busy = Appointment.objects.filter(office=office, ends_at__gt=now).busy()
    return schedule_of(office).slots(now=now, busy=busy)


def set_time(appointment: Appointment, wanted: OpenTime, *, now: datetime) -> None:
    """
    Give the appointment, which is not saved here, a free window of the wanted time. Must run in a transaction: the
    office stays locked until its end, so nobody else finds the same window, and behind that stands the constraint
    `appointment_slot_once`. Raises `NotFree`.
    """
    office = Office.objects.locked().get(pk=wanted.office.pk)
    start, day = wanted.starts_at, timezone.localdate(wanted.starts_at)
    others = Appointment.objects.filter(office=office).exclude(pk=appointment.pk)
    busy = others.on(day).busy()
    schedule = schedule_of(office)
    slot = next((slot for slot in schedule.slots(now=now, busy=busy).get(day, []) if slot.starts_at == start), None)
    if not office.is_open or slot is None:
        raise NotFree(_why_not(schedule, start, now=now))
    if not slot.is_free:
        raise NotFree("Это время только что заняли. Выберите другое: свободное показано ниже.")
    appointment.office, appointment.window, appointment.set_at = office, slot.free_windows[0], now
    appointment.starts_at, appointment.ends_at = start, start + schedule.length


def displaced(office: Office, *, now: datetime, day: date | None = None) -> list[Appointment]:
    """Who is booked, on that day or at all, for a time at which the office does not receive any more: they must be told."""
    visits = Appointment.objects.filter(office=office)
    return _not_received(visits.on(day) if day else visits, schedule_of(office), now=now)


def displaced_on(office: Office, day: date, *, receives_until: time | None, now: datetime) -> list[Appointment]:
    """Who is booked for that day and would stand before a closed door if it ended then; None: were it closed."""
    schedule = replace(schedule_of(office), ends={day: receives_until})
    return _not_received(Appointment.objects.filter(office=office).on(day), schedule, now=now)


def _not_received(visits: AppointmentQuerySet, schedule: Schedule, *, now: datetime) -> list[Appointment]:
    coming = visits.coming(now=now).select_related("service_request", "owner").order_by("starts_at", "window")
    return [appointment for appointment in coming if not schedule.receives(appointment.busy)]


def _why_not(schedule: Schedule, start: datetime, *, now: datetime) -> str:
    earliest = schedule.earliest(now)
    if start in schedule.starts(timezone.localdate(start)) and earliest is not None and start < earliest:
        return "На\N{NO-BREAK SPACE}это время записаться уже нельзя: до\N{NO-BREAK SPACE}него слишком мало осталось."
    return "В\N{NO-BREAK SPACE}это время приёма нет. Выберите другое: свободное показано ниже."
