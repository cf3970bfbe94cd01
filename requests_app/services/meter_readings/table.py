"""The readings of one meter as a table to keep."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format

from requests_app.models.readings import Reading
from requests_app.models.supply import Meter, ZoneLabel
from requests_app.tables import Value

COLUMNS = [
    "Месяц",
    "Счётчик",
    "Зона",
    "Дата показания",
    "Прошлое",
    "Показание",
    "Разность",
    "Коэффициент",
    "Расход, кВт·ч",
    "Источник",
    "Состояние",
    "Причина исправления",
    "Заявка",
]


def rows_of(meter: Meter) -> Iterator[list[Value]]:
    """Newest first; two queries."""
    labels = {label.number: label.label for label in ZoneLabel.objects.filter(zones=meter.zones)}
    found = Reading.objects.filter(meter=meter).select_related("period", "service_request")
    for reading in found.order_by("-taken_on", "-pk").iterator():
        yield [
            date_format(reading.period.month, "F Y").lower() if reading.period else "",
            meter.serial,
            labels.get(reading.zone, str(reading.zone)),
            reading.taken_on,
            reading.previous_value,
            reading.value,
            reading.difference,
            reading.ratio,
            reading.consumption_kwh,
            reading.get_source_display(),
            reading.get_state_display(),
            reading.correction_reason,
            reading.service_request.number if reading.service_request else "",
        ]
