"""Where meters stand: their last accepted values, what they usually use, what is given for the month already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from accounts.models import LegalForm
from requests_app.models.readings import (
    Reading,
    ReadingPeriod,
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


def standings(meters: Iterable[Meter], *, month: date) -> dict[int, Standing]:
    """Key of the meter → where it stands as of `month`; two queries at most for all of them."""
    by_key = {meter.pk: meter for meter in meters}
    known = Reading.objects.current_or_control().filter(meter__in=by_key).select_related("period")
    known = known.order_by("-taken_on", "-pk")
    rows: dict[int, list[Reading]] = {key: [] for key in by_key}
    for reading in known.filter(taken_on__gte=next_month(month, -_LOOK_BACK)):
        rows[reading.meter_id].append(reading)
    silent = [key for key, recent in rows.items() if not any(reading.is_accepted for reading in recent)]
    for reading in known.filter(meter__in=silent, taken_on__lt=next_month(month, -_LOOK_BACK)) if silent else ():
        rows[reading.meter_id].append(reading)
    return {key: _standing(meter, month, rows[key]) for key, meter in by_key.items()}


def _standing(meter: Meter, month: date, newest_first: list[Reading]) -> Standing:
    before: dict[int, Reading] = {}
    current: dict[int, Reading] = {}
    controls: dict[int, Reading] = {}
    history: dict[int, list[Used]] = {}
    for reading in newest_first:
        if reading.period and reading.period.month == month:
            if reading.source == Source.CONTROL:
                controls.setdefault(reading.zone, reading)
            if reading.is_current:
                current[reading.zone] = reading
        elif reading.is_accepted and (reading.period is None or reading.period.month < month):
            before.setdefault(reading.zone, reading)
            _remember(history.setdefault(reading.zone, []), reading)
    return Standing(meter=meter, month=month, before=before, current=current, controls=controls, history=history)


def _remember(history: list[Used], reading: Reading) -> None:
    if reading.consumption_kwh is not None and len(history) < MAX_HISTORY:
        history.append(Used(reading.consumption_kwh, reading.days))
