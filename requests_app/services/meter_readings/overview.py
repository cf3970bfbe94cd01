"""The consumer's meters with what is given for the month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from accounts.models import User
from requests_app.models.readings import Reading, ReadingState
from requests_app.models.supply import Meter, SupplyPoint
from requests_app.reading_windows import Window


class MeterState(StrEnum):
    """Its value picks the shape of the breaker: see the status part of the style sheet."""

    SENT = "confirmed"
    CHECKED = "in_progress"
    MISSING = "awaiting_consumer"
    EARLY = "registered"
    REMOTE = "closed"


_LABELS = {
    MeterState.SENT: "Передано",
    MeterState.CHECKED: "На\N{NO-BREAK SPACE}проверке",
    MeterState.MISSING: "Не\N{NO-BREAK SPACE}передано",
    MeterState.EARLY: "Ещё не\N{NO-BREAK SPACE}передано",
    MeterState.REMOTE: "Снимаются дистанционно",
}


@dataclass(frozen=True)
class MeterLine:
    """One meter on the list."""

    meter: Meter
    state: MeterState
    reading: Reading | None  # of the first zone, for its day

    @property
    def label(self) -> str:
        """A value that is there and still missing was read too early."""
        return "Нужны новые" if self.reading and self.state == MeterState.MISSING else _LABELS[self.state]

    @property
    def may_send(self) -> bool:
        return self.state != MeterState.REMOTE


def meter_lines(user: User, window: Window, day: date) -> list[MeterLine]:
    """Every installed meter of the consumer, by point; two queries."""
    meters = Meter.objects.visible_to(user).installed().select_related("point")
    lines = list(meters.order_by("point__address", "point", "serial", "pk"))
    given = Reading.objects.current().of_month(window.month).filter(meter__in=lines)
    first: dict[int, Reading] = {}
    for reading in given.order_by("zone"):
        first.setdefault(reading.meter_id, reading)
    return [MeterLine(meter, _state(meter, first.get(meter.pk), window, day), first.get(meter.pk)) for meter in lines]


def by_point(lines: Iterable[MeterLine]) -> list[tuple[SupplyPoint, list[MeterLine]]]:
    """The lines, which stand in order of their points, under each point."""
    groups = groupby(lines, key=lambda line: line.meter.point)
    return [(point, list(own)) for point, own in groups]


def _state(meter: Meter, reading: Reading | None, window: Window, day: date) -> MeterState:
    is_open = window.is_open(day)
    if reading and not (is_open and reading.is_early(window) and not meter.is_remote):
        return MeterState.CHECKED if reading.state == ReadingState.IN_QUESTION else MeterState.SENT
    if meter.is_remote:
        return MeterState.REMOTE
    return MeterState.MISSING if is_open else MeterState.EARLY
