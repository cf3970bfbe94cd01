"""When letters remind of a visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

MORNING, EVENING = time(10), time(22)  # letters about tomorrow are written between these, Moscow time
SHORTLY = timedelta(hours=2)

_AND = " и\N{NO-BREAK SPACE}"


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """One reminder of a visit: from when until when its letter makes sense."""

    name: str
    words: str
    begins: Callable[[datetime], datetime]
    ends: Callable[[datetime], datetime]

    def is_meant(self, starts_at: datetime, *, set_at: datetime) -> bool:
        """Not for a time that was chosen later than the reminder begins: its confirmation is fresh enough."""
        return set_at < self.begins(starts_at)

    def is_due(self, starts_at: datetime, *, set_at: datetime, now: datetime) -> bool:
        return self.is_meant(starts_at, set_at=set_at) and self.begins(starts_at) <= now < self.ends(starts_at)


def _day_before(hour: time) -> Callable[[datetime], datetime]:
    def moment(starts_at: datetime) -> datetime:
        day = timezone.localdate(starts_at) - timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, hour))

    return moment


OCCASIONS = (
    Occasion(name="day", words="за\N{NO-BREAK SPACE}день", begins=_day_before(MORNING), ends=_day_before(EVENING)),
    Occasion(
        name="hours",
        words="за\N{NO-BREAK SPACE}два часа",
        begins=lambda starts_at: starts_at - SHORTLY,
        ends=lambda starts_at: starts_at,
    ),
)


def promise(starts_at: datetime, *, set_at: datetime, now: datetime) -> str:
    """«Напомним письмом за день и за два часа.»: what is still to come of it; empty for nothing."""
    to_come = [
        each.words for each in OCCASIONS if each.is_meant(starts_at, set_at=set_at) and now < each.begins(starts_at)
    ]
    return f"Напомним письмом {_AND.join(to_come)}." if to_come else ""
