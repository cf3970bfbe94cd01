"""A month whose window is over and of which nothing was given: what is sent now does not fill it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from requests_app.models.readings import Reading, ReadingPeriod
from requests_app.models.supply import Meter
from requests_app.reading_windows import Window, next_month


class Missed(NamedTuple):
    month: date
    is_closed: bool


def missed_month(meter: Meter, window: Window, *, day: date) -> Missed | None:
    """The month before that of `window`, until the window opens; not one in which the meter was not there yet."""
    last = next_month(window.month, -1)
    if window.is_open(day) or (meter.installed_on and meter.installed_on >= window.month):
        return None
    if Reading.objects.current().of_month(last).filter(meter=meter).exists():
        return None
    return Missed(last, is_closed=last in ReadingPeriod.objects.closed_months(since=last))
