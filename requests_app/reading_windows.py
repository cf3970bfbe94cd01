"""
For which month readings count, and when a month's readings are taken in. Pure; the windows themselves are rows that
staff edit (`models.ReadingWindow`).

Everything is counted by the days of Moscow, whatever the zone of the server: readings sent on the last day at 23:59:59
in Rostov-on-Don are in time. A reading counts for the first month whose window has not ended yet (Decree No. 354 of
06.05.2011: what comes after the last day goes into the next month's bill).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, kw_only=True)
class WindowRule:
    """From which day to which day a month's readings are taken in; days that a month has not are its last one."""

    from_day: int
    to_day: int
    ends_next_month: bool = False  # `to_day` is of the month after
    advised_from: int | None = None  # «лучше с 23»
    as_of_next_first: bool = False  # readings are those of 00:00 on the first day of the month after


@dataclass(frozen=True, kw_only=True)
class Window:
    """The window of one month; all days included."""

    month: date  # its first day
    opens: date
    closes: date
    advised_from: date | None = None
    as_of: date | None = None  # the day whose beginning the readings are meant for

    def is_open(self, day: date) -> bool:
        return self.opens <= day <= self.closes

    @property
    def in_time_from(self) -> date:
        """
        Readings taken earlier leave the month's use short, so new ones are still asked for: those of an earlier month,
        and where the end of the month is meant, those from before the window.
        """
        return self.opens if self.as_of else self.month


def moscow_day(moment: datetime) -> date:
    """The day in Moscow at `moment`, which knows its zone."""
    return moment.astimezone(MOSCOW).date()


def first_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def next_month(month: date, count: int = 1) -> date:
    """The first day of the month `count` months after that of `month`; `count` may be negative."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def window_of(month: date, rule: WindowRule) -> Window:
    """The window in which the readings of `month` are taken in."""
    month = first_of(month)
    after = next_month(month)
    return Window(
        month=month,
        opens=_day_of(month, rule.from_day),
        closes=_day_of(after if rule.ends_next_month else month, rule.to_day),
        advised_from=_day_of(month, rule.advised_from) if rule.advised_from else None,
        as_of=after if rule.as_of_next_first else None,
    )


def window_at(day: date, rule: WindowRule, *, closed: frozenset[date] = frozenset()) -> Window:
    """
    The window of the month for which readings sent on `day` count: the first that has not ended, whether it has begun
    or not, and whose month is not among the `closed` ones (by their first days).
    """
    month = next_month(first_of(day), -1)  # the window of the month before may still be open
    while (window := window_of(month, rule)).closes < day or month in closed:
        month = next_month(month)
    return window


def usual_day(day: date, window: Window) -> date:
    """
    Which day the readings are of when the consumer names none: `day`, but once the day that they are meant for has
    begun, that one.
    """
    return window.as_of if window.as_of and window.as_of <= day <= window.closes else day


def _day_of(month: date, number: int) -> date:
    return month.replace(day=min(number, monthrange(month.year, month.month)[1]))
