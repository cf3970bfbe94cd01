"""Visits to an office are reminded of the day before and two hours before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from requests_app import notifications
from requests_app.reminders.base import Reminder
from requests_app.services.appointment.models import Appointment, AppointmentQuerySet, AppointmentReminder
from requests_app.services.appointment.reminding import OCCASIONS, Occasion

FARTHEST = timedelta(days=2)  # nothing later than this is due


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The letters of one occasion."""

    occasion: Occasion

    @property
    def name(self) -> str:
        return self.occasion.name

    def is_due(self, appointment: Appointment, now: datetime) -> bool:
        return self.occasion.is_due(appointment.starts_at, set_at=appointment.set_at, now=now)

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


KINDS = tuple(Kind(occasion=occasion) for occasion in OCCASIONS)
REMINDERS = tuple(Reminder(name=f"visit-{kind.name}", due=kind.due, write=kind.write) for kind in KINDS)
