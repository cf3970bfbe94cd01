"""What the list of readings can be narrowed by and searched for."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from requests_app import numbers
from requests_app.admin.filters import BarFilter
from requests_app.admin.supply_search import find_points
from requests_app.models import Meter, Reading, ReadingPeriod, SupplyPoint
from requests_app.supply_keys import serial_key

SEARCH_HELP = "Номер счётчика, начало номера договора, часть адреса или названия, ИНН целиком; номер заявки"
MONTHS = 24  # of the filter


class MonthFilter(BarFilter):
    title = "месяц"
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(f"{period.month:%Y-%m}", str(period)) for period in ReadingPeriod.objects.all()[:MONTHS]]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Reading]:
        if self.value() not in dict(self.lookup_choices):
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Reading] = queryset.filter(period__month=f"{self.value()}-01")
        return found


def find_readings(readings: QuerySet[Reading], typed: str) -> QuerySet[Reading]:
    """Those that the term means: by the number of the request, the meter, or the point where it stands."""
    if "\0" in typed:
        return readings.none()
    if number := numbers.parse(typed):
        return readings.filter(service_request__number=number)
    points = find_points(SupplyPoint.objects.all(), typed)
    meters = Meter.objects.filter(Q(serial_key=serial_key(typed)) | Q(point__in=points.values("pk")))
    exact = Meter.objects.filter(serial_key=serial_key(typed))
    return readings.filter(meter__in=(exact if serial_key(typed) and exact.exists() else meters).values("pk"))
