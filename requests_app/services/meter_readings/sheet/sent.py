"""What was sent by one table, while its meters are the consumer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import User
from requests_app.models.readings import Reading, ReadingQuerySet, ReadingState
from requests_app.models.request import ServiceRequest
from requests_app.services.meter_readings.replaced import by_whom
from requests_app.services.meter_readings.sheet.columns import zone_labels
from requests_app.tables import Value

MOST_SHOWN = 50  # readings on the page of the request; all of them are in the table

COLUMNS = [
    "Договор",
    "Адрес",
    "Номер счётчика",
    "Зона",
    "Дата",
    "Прошлое показание",
    "Показание",
    "Разность",
    "Коэффициент",
    "Расход, кВт·ч",
    "Состояние",
    "Причина",
]


@dataclass(frozen=True)
class Sent:
    """For the page of the request: how many, those that staff look at or have refused first, then the others."""

    meters: int
    readings: int
    shown: list[tuple[Reading, str]]  # each with whose value stands in its place, if one does


def sent_of(service_request: ServiceRequest) -> Sent:
    """As many queries whatever the number of meters."""
    found = _of(service_request, service_request.owner)
    special = found.filter(state__in=[ReadingState.IN_QUESTION, ReadingState.REJECTED])
    shown = list(special.order_by("state", "pk")[:MOST_SHOWN])
    if len(shown) < MOST_SHOWN:
        others = found.exclude(state__in=[ReadingState.IN_QUESTION, ReadingState.REJECTED])
        shown += list(others.order_by("pk")[: MOST_SHOWN - len(shown)])
    meters = found.order_by().values("meter").distinct().count()
    return Sent(meters, found.count(), [(row, by_whom(row, owner=service_request.owner_id)) for row in shown])


def rows_of(service_request: ServiceRequest, *, user: User) -> Iterator[list[Value]]:
    labels = zone_labels()
    for reading in _of(service_request, user).order_by("pk").iterator(chunk_size=500):
        meter = reading.meter
        yield [
            meter.point.contract_number,
            meter.point.address,
            meter.serial,
            labels[meter.zones].get(reading.zone, str(reading.zone)) if meter.zones > 1 else "сутки",
            reading.taken_on,
            reading.previous_value,
            reading.value,
            reading.difference,
            reading.ratio,
            reading.consumption_kwh,
            reading.get_state_display(),
            reading.decision_reason or by_whom(reading, owner=user.pk) or reading.correction_reason,
        ]


def _of(service_request: ServiceRequest, user: User | None) -> ReadingQuerySet:
    found: ReadingQuerySet = Reading.objects.visible_to(user).filter(service_request=service_request)
    return found.select_related("meter__point").prefetch_related("replaced_by__recorded_by")
