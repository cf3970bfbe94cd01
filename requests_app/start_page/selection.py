"""
What a number of the charts counts, as a value of an address: `received-2026-W44`, `late-2026-W44`, `recent-7`,
`service-invoice`, `category-complaint_energy`, `urgent`. The charts, the workload and the list of requests read the same words, so a number
leads to exactly its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from requests_app import services
from requests_app.codes import Category, Outcome
from requests_app.lifecycle import OPEN_STATUSES, Status

WEEKS = 12  # of the charts, this one among them
ANSWERED_DAYS = (7, 30)  # of the workload


@dataclass(frozen=True)
class Selection:
    """Some requests, and what they are called."""

    label: str
    condition: Q


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def span_of(monday: date) -> str:
    """The week in words: «23.11–29.11»."""
    return f"{monday:%d.%m}\N{EN DASH}{monday + timedelta(days=6):%d.%m}"


def first_monday(today: date) -> date:
    """The day on which the charts begin."""
    return monday_of(today) - timedelta(weeks=WEEKS - 1)


def midnight(day: date) -> datetime:
    """The beginning of the day in Moscow."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def of_week(kind: str, monday: date) -> str:
    """The value for `received`, `answered` or `late` of the week that begins on `monday`."""
    return f"{kind}-{monday:%G-W%V}"


def read(value: str, *, today: date) -> Selection | None:
    """What the value of an address selects; None for anything else."""
    kind, _, what = value.partition("-")
    reader = _READERS.get(kind)
    return reader(what, today) if reader else None


def since(today: date) -> Q:
    """Received in the weeks of the charts."""
    return Q(submitted_at__gte=midnight(first_monday(today)))


def appeals() -> Q:
    """What somebody has to answer: readings, visits and surveys would drown it."""
    return Q(service__in=services.appeals())


def answered_within(days: int, today: date) -> Q:
    """Answered today or on one of the `days - 1` before."""
    return Q(answered_at__gte=midnight(today - timedelta(days=days - 1)))


def _recent(what: str, today: date) -> Selection | None:
    if what not in map(str, ANSWERED_DAYS):
        return None
    return Selection(f"Отвечены за\N{NO-BREAK SPACE}{what}\N{NO-BREAK SPACE}дней", answered_within(int(what), today))


def _week(field: str, label: str, **more: str) -> Callable[[str, date], Selection | None]:
    def read_week(what: str, today: date) -> Selection | None:
        try:
            monday = datetime.strptime(f"{what}-1", "%G-W%V-%u").date()  # noqa: DTZ007  a week of our own calendar
        except ValueError:
            return None
        if not 2000 <= monday.year <= 2100:
            return None
        span = {f"{field}__gte": midnight(monday), f"{field}__lt": midnight(monday + timedelta(weeks=1))}
        words = f"{label} {monday:%d.%m.%Y}\N{EN DASH}{monday + timedelta(days=6):%d.%m.%Y}"
        return Selection(words, appeals() & Q(**span, **more))

    return read_week


def _service(what: str, today: date) -> Selection | None:
    nouns = dict(services.choices())
    label = f"{nouns.get(what)} за\N{NO-BREAK SPACE}{WEEKS}\N{NO-BREAK SPACE}недель"
    return Selection(label, since(today) & Q(service=what)) if what in nouns else None


def _category(what: str, today: date) -> Selection | None:
    if what not in Category.values:
        return None
    label = f"{Category(what).label}, за\N{NO-BREAK SPACE}{WEEKS}\N{NO-BREAK SPACE}недель"
    return Selection(label, appeals() & since(today) & Q(category=what))


def _plain(label: str, condition: Callable[[date], Q]) -> Callable[[str, date], Selection | None]:
    def read_plain(what: str, today: date) -> Selection | None:
        return None if what else Selection(label, condition(today))

    return read_plain


def _urgent(today: date) -> Q:
    return Q(is_urgent=True, status=Status.REGISTERED)


def _due_today(today: date) -> Q:
    return Q(status__in=OPEN_STATUSES, due_on=today)


_READERS: dict[str, Callable[[str, date], Selection | None]] = {
    "received": _week("submitted_at", "Поступили"),
    "answered": _week("answered_at", "Отвечены"),
    "late": _week("answered_at", "Отвечены с\N{NO-BREAK SPACE}опозданием", outcome=Outcome.LATE),
    "recent": _recent,
    "service": _service,
    "category": _category,
    "urgent": _plain("Опасно прямо сейчас, никто не\N{NO-BREAK SPACE}взял", _urgent),
    "today": _plain("Сегодня последний день", _due_today),
}
