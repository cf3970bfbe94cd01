"""Whose value has taken the place of another, in the words of the consumer's pages."""

from __future__ import annotations

from django.utils import timezone

from requests_app.dates import day_in_words
from requests_app.models.readings import Reading, ReadingState, Source
from requests_app.reading_windows import moscow_day
from requests_app.services.meter_readings.fields import spaced

_NBSP = "\N{NO-BREAK SPACE}"
_OURS = {
    Source.CONTROL: "учтено наше контрольное показание от",
    Source.REMOTE: "учтено показание, снятое дистанционно,",
    Source.ESTIMATE: "учтён наш расчёт на",
}


def replacing(reading: Reading) -> Reading | None:
    """What stands in place of a value that was corrected; `replaced_by` may be prefetched."""
    if reading.state != ReadingState.SUPERSEDED:
        return None
    return max(reading.replaced_by.all(), key=lambda newer: newer.pk, default=None)


def ours(newer: Reading) -> str:
    """«учтено наше контрольное показание от 23 ноября»; empty for a value that a consumer gave."""
    words = _OURS.get(Source(newer.source))
    return f"{words}{_NBSP}{day_in_words(newer.taken_on, today=moscow_day(timezone.now()))}" if words else ""


def by_whom(reading: Reading, *, owner: int | None) -> str:
    """
    Who gave what stands in place of `reading`, as `owner` (a user's key) is told; empty while nothing does. Of a
    colleague at the same point not even the name is said.
    """
    newer = replacing(reading)
    if newer is None:
        return ""
    if words := ours(newer):
        return f"{words}, {spaced(newer.value)}"
    if newer.recorded_by_id == owner:
        return "вы передали другое"
    if newer.recorded_by.is_staff:
        return "исправил специалист"
    return f"другое передал ещё один пользователь с{_NBSP}доступом к{_NBSP}счётчику"
