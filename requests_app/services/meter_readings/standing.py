"""Where meters stand: their last accepted values, what they usually use, what is given for the month already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from accounts.models import LegalForm
from requests_app.models.readings import (
    CURRENT,
    Reading,
    ReadingPeriod,
    ReadingQuerySet,
    ReadingState,
    ReadingWindow,
    Source,
    kind_of,
)
from requests_app.models.supply import Meter
from requests_app.reading_rules import MAX_HISTORY, Before, Checked, Used, check, usual
from requests_app.reading_windows import Window, next_month, window_at

_LOOK_BACK = 25  # months; what is older is looked up only where nothing newer is accepted


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One meter as of one month. `before` and `current`: zone → reading."""

    meter: Meter
    month: date
    before: Mapping[int, Reading] = field(default_factory=dict)  # the last accepted one of an earlier month
    current: Mapping[int, Reading] = field(default_factory=dict)  # of this month, accepted or in question
    controls: Mapping[int, Reading] = field(default_factory=dict)  # what our own people read this month: it prevails
    history: Mapping[int, list[Used]] = field(default_factory=dict)  # uses of earlier months, newest first

    @property
    def zones(self) -> range:
        return range(1, self.meter.zones + 1)

    @property
    def fingerprint(self) -> tuple[int, ...]:
        """Differs once anything has been recorded that a check of new values rests on."""
        rows = [*self.before.values(), *self.current.values(), *self.controls.values()]
        return (self.month.toordinal(), *sorted(reading.pk for reading in rows))

    def is_early(self, window: Window) -> bool:
        """Was what consumers gave for this month taken so early that its use comes out short?"""
        return any(row.is_early(window) for row in self.current.values())

    def has(self, values: Mapping[int, Decimal], *, taken_on: date, window: Window) -> bool:
        """Do these values stand already? Where those are too early, the same ones of a later day are new."""
        is_newer = self.is_early(window) and taken_on >= window.in_time_from
        return not is_newer and {zone: row.value for zone, row in self.current.items()} == values

    def last_day(self) -> date | None:
        """New readings may not be of an earlier day."""
        days = [reading.taken_on for reading in self.before.values()]
        return max([*days, *(reading.taken_on for reading in self.controls.values())], default=None)

    def check(self, values: Mapping[int, Decimal], *, taken_on: date) -> dict[int, Checked]:
        """What must be asked about these values of all zones."""
        return check(
            values,
            before=self.start,
            kind=kind_of(self.meter),
            taken_on=taken_on,
            max_power_kw=self.meter.point.max_power_kw,
            is_verified=self.meter.is_verified(on=taken_on),
        )

    @property
    def start(self) -> dict[int, Before]:
        """The same as `before`, as the rules take it."""
        return {
            zone: Before(reading.value, reading.taken_on, usual(self.history.get(zone, [])))
            for zone, reading in self.before.items()
        }


def window_for(legal_form: str, day: date) -> Window:
    """The window of the month for which a consumer of this legal form sends readings on `day`; two queries."""
    rule = ReadingWindow.objects.get(legal_form=LegalForm(legal_form)).rule
    closed = ReadingPeriod.objects.closed_months(since=next_month(day, -1))
    return window_at(day, rule, closed=closed)


class _Past(NamedTuple):
    """What the past of a zone is judged by. Of a meter there are dozens of these, and of many meters a hundred thousand:
    whole rows are loaded only of those that stand in a `Standing`."""

    pk: int
    meter: int
    zone: int
    state: str
    source: str
    taken_on: date
    previous_on: date | None
    consumption_kwh: Decimal | None
    month: date | None


_COLUMNS = [
    "pk",
    "meter",
    "zone",
    "state",
    "source",
    "taken_on",
    "previous_on",
    "consumption_kwh",
    "period__month",
]


def standings(meters: Iterable[Meter], *, month: date) -> dict[int, Standing]:
    """Key of the meter → where it stands as of `month`; three queries at most for all of them."""
    by_key = {meter.pk: meter for meter in meters}
    known = Reading.objects.current_or_control().filter(meter__in=by_key).order_by("-taken_on", "-pk")
    past: dict[int, list[_Past]] = {key: [] for key in by_key}
    _remember(past, known.filter(taken_on__gte=next_month(month, -_LOOK_BACK)))
    silent = [key for key, rows in past.items() if not any(row.state == ReadingState.ACCEPTED for row in rows)]
    if silent:
        _remember(past, known.filter(meter__in=silent, taken_on__lt=next_month(month, -_LOOK_BACK)))
    found = {key: _Found.of(rows, month) for key, rows in past.items()}
    wanted = [pk for each in found.values() for pk in each.wanted()]
    readings = Reading.objects.filter(pk__in=wanted).select_related("period").in_bulk() if wanted else {}
    for reading in readings.values():
        reading.meter = by_key[reading.meter_id]
    return {key: each.standing(by_key[key], month, readings) for key, each in found.items()}


def _remember(past: dict[int, list[_Past]], rows: ReadingQuerySet) -> None:
    for values in rows.values_list(*_COLUMNS):
        row = _Past(*values)
        past[row.meter].append(row)


@dataclass
class _Found:
    """The keys of the rows of a `Standing`."""

    before: dict[int, int] = field(default_factory=dict)
    current: dict[int, int] = field(default_factory=dict)
    controls: dict[int, int] = field(default_factory=dict)
    history: dict[int, list[Used]] = field(default_factory=dict)

    @classmethod
    def of(cls, newest_first: list[_Past], month: date) -> _Found:
        found = cls()
        for row in newest_first:
            if row.month == month:
                if row.source == Source.CONTROL:
                    found.controls.setdefault(row.zone, row.pk)
                if row.state in CURRENT:
                    found.current[row.zone] = row.pk
            elif row.state == ReadingState.ACCEPTED and (row.month is None or row.month < month):
                found.before.setdefault(row.zone, row.pk)
                history = found.history.setdefault(row.zone, [])
                if row.consumption_kwh is not None and row.previous_on and len(history) < MAX_HISTORY:
                    history.append(Used(row.consumption_kwh, (row.taken_on - row.previous_on).days))
        return found

    def wanted(self) -> list[int]:
        return [*self.before.values(), *self.current.values(), *self.controls.values()]

    def standing(self, meter: Meter, month: date, readings: Mapping[int, Reading]) -> Standing:
        before, current, controls = (
            {zone: readings[pk] for zone, pk in keys.items()} for keys in (self.before, self.current, self.controls)
        )
        return Standing(
            meter=meter, month=month, before=before, current=current, controls=controls, history=self.history
        )
