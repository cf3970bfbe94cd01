"""Table 4.1: how many appeals of each category came in each form, beside the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from requests_app.codes import AppealForm, Category
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.reports.headings import CATEGORIES
from requests_app.reports.period import Period

_KINDS = {
    "appeal": "Обращения",
    "complaint": "Обращения, содержащие жалобу",
    "application": "Обращения, содержащие заявку на оказание услуг",
}

_Counts = Counter[tuple[str, str]]  # (category, form) → appeals


@dataclass(frozen=True)
class Cell:
    """The number of appeals the year before and now."""

    before: int
    now: int

    @property
    def change(self) -> float | None:
        """In percent; None where there was nothing to compare with."""
        return round((self.now - self.before) / self.before * 100, 1) if self.before else None


@dataclass(frozen=True)
class Line:
    number: str
    title: str
    cells: list[Cell]  # by the forms, in their order
    is_sum: bool


def count_lines(appeals: ServiceRequestQuerySet, period: Period) -> list[Line]:
    """The lines of the table over `appeals`, in one query: all, then each kind with its categories."""
    before, now = _counts(appeals, period)
    return list(_lines(before, now))


def _counts(appeals: ServiceRequestQuerySet, period: Period) -> tuple[_Counts, _Counts]:
    earlier = period.year_before()
    is_now = Q(submitted_at__gte=period.start, submitted_at__lt=period.end)
    is_before = Q(submitted_at__gte=earlier.start, submitted_at__lt=earlier.end)
    found = appeals.filter(is_now | is_before).order_by().values_list("category", "appeal_form")
    before, now = _Counts(), _Counts()
    for category, form, in_now, in_before in found.annotate(
        now=Count("pk", filter=is_now), before=Count("pk", filter=is_before)
    ):
        now[category, form], before[category, form] = in_now, in_before
    return before, now


def _lines(before: _Counts, now: _Counts) -> Iterator[Line]:
    def line(number: str, title: str, belongs: Callable[[str], bool], *, is_sum: bool) -> Line:
        cells = [Cell(_sum(before, belongs, form), _sum(now, belongs, form)) for form in AppealForm]
        return Line(number, title, cells, is_sum)

    yield line("", "Всего обращений потребителей", lambda category: True, is_sum=True)
    for order, (kind, title) in enumerate(_KINDS.items(), start=1):
        own = [category for category in Category if category.startswith(f"{kind}_")]
        yield line(str(order), title, own.__contains__, is_sum=True)
        for place, category in enumerate(own, start=1):
            yield line(f"{order}.{place}", CATEGORIES[category], category.__eq__, is_sum=False)


def _sum(counts: _Counts, belongs: Callable[[str], bool], form: str) -> int:
    return sum(number for (category, of), number in counts.items() if of == form and belongs(category))
