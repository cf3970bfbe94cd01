"""Visits to an office are reminded of the day before and two hours before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from requests_app import notifications
from requests_app.reminders.base import Reminder
from requests_app.services.appointment.models import Appointment, AppointmentQuerySet, AppointmentReminder

MORNING, EVENING = time(10), time(22)  # letters about tomorrow are written between these, Moscow time
SHORTLY = timedelta(hours=2)
FARTHEST = timedelta(days=2)  # nothing later than this is due


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One reminder of a visit: from when until when its letter makes sense."""

    name: str
    begins: Callable[[datetime], datetime]
    ends: Callable[[datetime], datetime]

    def is_due(self, appointment: Appointment, now: datetime) -> bool:
        """Not for a time that was chosen later than the reminder begins: its confirmation is fresh enough."""
        begins = self.begins(appointment.starts_at)
        return begins <= now < self.ends(appointment.starts_at) and appointment.set_at < begins

    def due(self, now: datetime) -> list[int]:
        coming = _unreminded(self.name).coming(now=now).filter(starts_at__lt=now + FARTHEST)
        return [appointment.pk for appointment in coming.order_by("starts_at", "pk") if self.is_due(appointment, now)]

    def write(self, pk: int, now: datetime) -> bool:
        with transaction.atomic():
            # others who write, cancel or move it wait, or have done so before
            held = Appointment.objects.select_for_update(of=("self",), no_key=True).coming(now=now)
            appointment = held.select_related("service_request__owner", "office").filter(pk=pk).first()
            if appointment is None or not self.is_due(appointment, now):
                return False
            _, is_new = AppointmentReminder.objects.get_or_create(
                appointment=appointment, kind=self.name, starts_at=appointment.starts_at, defaults={"written_at": now}
            )
            if is_new:
                notifications.visit_comes(appointment)
        return is_new


def _unreminded(kind: str) -> AppointmentQuerySet:
    marks = AppointmentReminder.objects.filter(appointment=OuterRef("pk"), starts_at=OuterRef("starts_at"), kind=kind)
    return Appointment.objects.filter(~Exists(marks))


def _day_before(hour: time) -> Callable[[datetime], datetime]:
    def moment(starts_at: datetime) -> datetime:
        day = timezone.localdate(starts_at) - timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, hour))

    return moment


KINDS = (
    Kind(name="day", begins=_day_before(MORNING), ends=_day_before(EVENING)),
    Kind(name="hours", begins=lambda starts_at: starts_at - SHORTLY, ends=lambda starts_at: starts_at),
)
REMINDERS = tuple(Reminder(name=f"visit-{kind.name}", due=kind.due, write=kind.write) for kind in KINDS)
