"""
Terms in days, by articles 191–194 of the Civil Code of the Russian Federation. No database.

A term begins on the day after the event (art. 191) and ends at the end of its last day (art. 194), so a due date is a
plain date. Which days are working is asked of a function, because staff keep a calendar of their own over the
standard one.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.db.models import TextChoices

WorkingDayCheck = Callable[[date], bool]

_ONE_DAY = timedelta(days=1)


class DayKind(TextChoices):
    CALENDAR = "calendar", "календарные"
    WORKING = "working", "рабочие"


def due_date(*, start: date, days: int, kind: DayKind, is_working: WorkingDayCheck) -> date:
    """
    The last day of a term of `days` days that runs from the event on `start`.

    Calendar days are counted one after another, and a term that would end on a day off ends on the next working day
    (art. 193). Working days are counted by `is_working`. Raises ValueError when `days` is less than one.
    """
    if kind == DayKind.WORKING:
        return add_working_days(start, days, is_working)
    if days < 1:
        raise ValueError("A term is at least one day")
    last_day = start + timedelta(days=days)
    while not is_working(last_day):
        last_day += _ONE_DAY
    return last_day


def add_working_days(start: date, days: int, is_working: WorkingDayCheck) -> date:
    """The `days`-th working day after `start`, which itself is not counted. ValueError when `days` is less than one."""
    if days < 1:
        raise ValueError("A term is at least one day")
    day = start
    while days:
        day += _ONE_DAY
        days -= is_working(day)
    return day


def standard_working_day(day: date) -> bool:
    """
    Is `day` working in the five-day week of the whole country: Labour Code, articles 111 and 112?

    The days that the Government transfers are known for the years it has published. A later year has only its week-ends
    and fixed holidays until staff add the rest as rows of the calendar.
    """
    return _calendar(day.year).is_working_day(day)


@lru_cache
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("RU", years=year, expand=False)
