"""
When an office can receive visitors: hours, breaks, days off, the length of a visit, lead time and horizon. No database.

A visit begins and ends within one stretch of the office's open time, so visits never run into the break or past the
closing time, however many windows there are. Moments are aware; days and hours are those of the current time zone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from requests_app.deadlines import WorkingDayCheck

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The open hours of one day of the week; the break is None twice where there is none."""

    opens: time
    closes: time
    break_starts: time | None = None
    break_ends: time | None = None

    def stretches(self, *, until: time | None = None) -> list[tuple[time, time]]:
        """From when to when the office is open without a pause, on a day that ends at `until` if that is earlier."""
        end = min(self.closes, until or self.closes)
        if self.break_starts is None or self.break_ends is None:
            whole = [(self.opens, self.closes)]
        else:
            whole = [(self.opens, self.break_starts), (self.break_ends, self.closes)]
        return [(first, min(last, end)) for first, last in whole if first < end]


@dataclass(frozen=True, kw_only=True)
class Busy:
    """A window that is taken from `starts_at` until `ends_at`."""

    window: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time at which a visit may begin, and the windows that are still free then."""

    starts_at: datetime
    free_windows: tuple[int, ...]

    @property
    def is_free(self) -> bool:
        return bool(self.free_windows)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """
    The rules of one office. `hours` by day of the week, Monday is 0; `ends` has the days that end earlier than these
    hours say, None where nobody is received at all; `lead` is counted in open time.
    """

    hours: Mapping[int, Hours]
    ends: Mapping[date, time | None]
    is_working: WorkingDayCheck
    length: timedelta  # of a visit
    windows: int
    lead: timedelta
    horizon_days: int

    def stretches(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when to when the office is open that day; empty on a day off."""
        hours = self.usual_hours(day)
        until = self.ends.get(day)
        if hours is None or (day in self.ends and until is None):
            return []
        return [(_moment(day, first), _moment(day, last)) for first, last in hours.stretches(until=until)]

    def usual_hours(self, day: date) -> Hours | None:
        """Those of its day of the week, whatever `ends` says; None on a day off."""
        return self.hours.get(day.weekday()) if self.is_working(day) else None

    def starts(self, day: date) -> list[datetime]:
        """Every time at which a visit may begin that day, one visit after another, none past the end of a stretch."""
        found = []
        for first, last in self.stretches(day):
            start = first
            while start + self.length <= last:
                found.append(start)
                start += self.length
        return found

    def receives(self, visit: Busy) -> bool:
        """Is the office open for the whole visit, at a window that it has? Also for one booked by earlier rules."""
        day = timezone.localdate(visit.starts_at)
        is_open = any(first <= visit.starts_at and visit.ends_at <= last for first, last in self.stretches(day))
        return is_open and visit.window <= self.windows

    def earliest(self, now: datetime) -> datetime | None:
        """
        Before when nobody can be booked: the lead time later, counted only while the office is open, so that a
        booking of Sunday night is seen before Monday's first visitor. None when the office is not open so soon.
        """
        left = self.lead
        for day in self.days(now):
            for first, last in self.stretches(day):
                begin = max(first, now)
                if begin >= last:
                    continue
                if last - begin >= left:
                    return begin + left
                left -= last - begin
        return None

    def days(self, now: datetime) -> list[date]:
        """Today and as many days as one can book ahead."""
        today = timezone.localdate(now)
        return [today + number * _ONE_DAY for number in range(self.horizon_days + 1)]

    def slots(self, *, now: datetime, busy: Iterable[Busy]) -> dict[date, list[Slot]]:
        """The times of every day that can be booked at all, the taken ones among them; days off have none."""
        earliest = self.earliest(now)
        taken: dict[date, list[Busy]] = {}
        for visit in busy:
            taken.setdefault(timezone.localdate(visit.starts_at), []).append(visit)
        return {
            day: [
                slot
                for slot in self._slots(day, taken.get(day, []))
                if earliest is not None and slot.starts_at >= earliest
            ]
            for day in self.days(now)
        }

    def _slots(self, day: date, taken: Iterable[Busy]) -> Iterator[Slot]:
        starts = self.starts(day)
        occupied: dict[datetime, set[int]] = {start: set() for start in starts}
        for visit in taken:
            # every visit that would begin before this one ends, and end after it begins
            first, last = bisect_right(starts, visit.starts_at - self.length), bisect_left(starts, visit.ends_at)
            for start in starts[first:last]:
                occupied[start].add(visit.window)
        for start in starts:
            free = tuple(window for window in range(1, self.windows + 1) if window not in occupied[start])
            yield Slot(starts_at=start, free_windows=free)


def nearest_free(slots: Mapping[date, list[Slot]], wanted: datetime, *, count: int) -> list[Slot]:
    """So many free times as near to `wanted` as there are, in order of time."""
    free = [slot for day in slots.values() for slot in day if slot.is_free]
    free.sort(key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))
    return sorted(free[:count], key=lambda slot: slot.starts_at)


def _moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
