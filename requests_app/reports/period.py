"""The days of a report, by Moscow's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from requests_app.reading_windows import MOSCOW


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, MOSCOW)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, MOSCOW)

    def year_before(self) -> Self:
        """The same days of the year before; February ends there when it ends, and its last day is not left out."""
        last = _year_before(self.last + timedelta(days=1)) - timedelta(days=1)
        return type(self)(min(_year_before(self.first), last), last)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)
