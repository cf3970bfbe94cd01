"""What the start page of the desk is built of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from requests_app.models import ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.reading_chart import Chart
from requests_app.terms import next_working_day


class Viewer:
    """Who looks, and when. A shared block may ask it for nothing but the day and the requests that may be seen."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now, self.today = user, now, timezone.localdate(now)

    @property
    def requests(self) -> ServiceRequestQuerySet:
        """Everything that this colleague may know of."""
        return ServiceRequest.objects.visible_to(self.user)

    @cached_property
    def next_working_day(self) -> date:
        """One query."""
        return next_working_day(self.today)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number, and the list that shows exactly so many rows; without an address there is no list of it."""

    label: str
    count: int
    address: str = ""
    note: str = ""
    mark: str = ""  # `late` or `soon`: somebody has to look, unless it is zero


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of a table: its name, its figures in the order of the columns, its part of the whole in per cent."""

    label: str
    figures: Sequence[Figure]
    share: int | None = None
    share_title: str = ""  # «92 %», «—»


@dataclass(frozen=True, kw_only=True)
class Table:
    """Numbers in rows; those with a share have a bar beside them. Folded when a chart above says the same."""

    columns: Sequence[str]  # the first is that of the labels
    lines: Sequence[Line]
    share_column: str = ""
    is_folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart, what it shows in words, and what each of its fillings means, from the bottom; the last is the mark."""

    chart: Chart
    title: str
    fillings: Sequence[str]
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of the page. Figures of several blocks under one title are shown as one part."""

    name: str  # in the markup
    title: str
    figures: Sequence[Figure] = ()
    table: Table | None = None
    drawing: Drawing | None = None
    note: str = ""
    is_wide: bool = False  # a chart or a table, that wants room


@dataclass(frozen=True, kw_only=True)
class BlockKind:
    """
    How a block comes to be: for whom it is, by permissions, and the function that asks the database for it. That returns
    None when there is nothing to tell.

    What is not personal is kept for everybody who sees the same services and blocks, so `make` must not depend on
    anything else of the viewer.
    """

    name: str
    permissions: Sequence[str]  # all of them
    make: Callable[[Viewer], Block | None]
    is_personal: bool = False

    def is_for(self, user: Any) -> bool:
        return bool(user.has_perms(self.permissions))


def share_of(part: int, whole: int) -> int | None:
    """Whole per cents; None of nothing."""
    return round(100 * part / whole) if whole else None


def per_cent(share: int | None) -> str:
    """«92 %»; a dash where there is nothing to divide by."""
    return "—" if share is None else f"{share}\N{NO-BREAK SPACE}%"
