"""
Pages of a list that is read along an index. A page begins after a row, not after a number of rows: the thousandth page
costs what the first one costs, and a row that comes or goes meanwhile neither repeats nor hides another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True)
class Order:
    """By one column without NULLs, then by the key; both the same way round, so that one index gives it."""

    column: str
    is_descending: bool = False

    def fields(self, *, backwards: bool = False) -> list[str]:
        sign = "-" if self.is_descending != backwards else ""
        return [f"{sign}{self.column}", f"{sign}pk"]

    def beyond(self, row: Model, *, backwards: bool = False) -> Q:
        """
        What stands after `row`, before it when `backwards`. The first of the two conditions is a bound in the index; the
        second tells rows of the same day apart.
        """
        way = "lt" if self.is_descending != backwards else "gt"
        value = getattr(row, self.column)
        further = Q(**{f"{self.column}__{way}": value}) | Q(**{f"pk__{way}": row.pk})
        return Q(**{f"{self.column}__{way}e": value}) & further


@dataclass(frozen=True)
class KeysetPage:
    rows: list[Any]
    has_previous: bool = False
    has_next: bool = False

    @property
    def previous_cursor(self) -> int:
        """What the address of the page before this one says: «before this row»."""
        return -int(self.rows[0].pk)

    @property
    def next_cursor(self) -> int:
        return int(self.rows[-1].pk)


def page_of(queryset: QuerySet[Any], order: Order, *, size: int, row: Model | None, backwards: bool) -> KeysetPage:
    """
    `size` rows of `queryset` after `row`, or before it; without a row the first ones. Before the first rows there is a
    page with fewer: then it is the first page, whole.
    """
    if row is None:
        found = _some(queryset, order, size)
        return KeysetPage(found[:size], has_next=len(found) > size)
    found = _some(queryset.filter(order.beyond(row, backwards=backwards)), order, size, backwards=backwards)
    is_more = len(found) > size
    if backwards and not is_more:
        return page_of(queryset, order, size=size, row=None, backwards=False)
    if backwards:
        return KeysetPage(found[size - 1 :: -1], has_previous=True, has_next=True)
    return KeysetPage(found[:size], has_previous=True, has_next=is_more)


def _some(queryset: QuerySet[Any], order: Order, size: int, *, backwards: bool = False) -> list[Any]:
    """One more than a page has: whether there is a further page is told without counting."""
    return list(queryset.order_by(*order.fields(backwards=backwards))[: size + 1])
