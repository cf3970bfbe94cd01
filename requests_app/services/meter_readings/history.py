"""What a meter has used, month by month and zone by zone, beside the year before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format

from requests_app.models.readings import Reading, Source
from requests_app.models.supply import Meter
from requests_app.reading_chart import Chart, Column, draw
from requests_app.reading_windows import next_month

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """The readings of one month and what they say was used."""

    month: date
    readings: dict[int, Reading] = field(default_factory=dict)  # zone → current reading
    year_before: Decimal | None = None  # kWh

    @property
    def used(self) -> list[Decimal | None]:
        """kWh by zone, in order; None where it is not known."""
        return [self.readings[zone].consumption_kwh for zone in sorted(self.readings)]

    @property
    def total(self) -> Decimal | None:
        """Of all zones; of some of them it would be a wrong number."""
        known = [kwh for kwh in self.used if kwh is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(self.used) else None

    @property
    def is_in_question(self) -> bool:
        return any(not reading.is_accepted for reading in self.readings.values())


def months_of(meter: Meter, *, until: date) -> list[Month]:
    """The twelve months up to that of `until`, oldest first, each beside the same month a year before; one query."""
    first = next_month(until, 1 - MONTHS)
    found: dict[date, dict[int, Reading]] = {}
    since = next_month(first, -MONTHS)
    rows = Reading.objects.current().filter(meter=meter, period__month__gte=since, period__month__lte=until)
    for reading in rows.select_related("period", "replaces"):
        if reading.period:
            found.setdefault(reading.period.month, {})[reading.zone] = reading
    months = [next_month(first, count) for count in range(MONTHS)]
    return [
        Month(month, found.get(month, {}), Month(month, found.get(next_month(month, -12), {})).total)
        for month in months
    ]


def changed(months: list[Month]) -> list[Reading]:
    """What stands otherwise than the consumer first gave it, newest first: it is shown beside what was given."""
    rows = [month.readings[zone] for month in reversed(months) for zone in sorted(month.readings)]
    return [row for row in rows if row.replaces or row.source != Source.CONSUMER]


def chart_of(meter: Meter, months: list[Month]) -> Chart | None:
    """The drawing of these months; None while nothing is known of any."""
    if all(month.total is None and month.year_before is None for month in months):
        return None
    columns = [
        Column(
            label=date_format(month.month, "b").lower().rstrip("."),
            parts=[_used(month, zone) for zone in range(1, meter.zones + 1)],
            mark=month.year_before,
        )
        for month in months
    ]
    return draw(columns)


def _used(month: Month, zone: int) -> Decimal:
    reading = month.readings.get(zone)
    return (reading.consumption_kwh if reading else None) or Decimal(0)
