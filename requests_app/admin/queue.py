"""The queue as a list: its views, its pages along an index, and how many rows it has without counting them all."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from requests_app.admin.filters import DueFilter
from requests_app.admin.keyset import Order, page_of
from requests_app.admin.last_word import with_last_word
from requests_app.admin.queue_views import ALL, DUE_FIRST, view_of
from rsmportal.desk_admin import FixedOrder

MOST_COUNTED = 1000  # rows: beyond it nobody reads the number, and counting would read the whole list
_LONGEST_KEY = 18  # digits of a key that the database can hold


def order_of(request: HttpRequest) -> Order:
    """What is due first stands first; all requests of all times, newest first."""
    return DUE_FIRST if request.GET.get(DueFilter.parameter_name) else view_of(request).order


class QueueList(FixedOrder):
    """
    The page of the address `?p=`: after the row with that key, before it when the number is negative. Django drops `p`
    from the links that narrow the list, so each of them begins at the first page.
    """

    model_admin: Any
    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        self.view = view_of(request)
        cursor = _cursor(request.GET.get("p", ""))
        row = self._row(abs(cursor)) if cursor else None
        rows = with_last_word(self.queryset)  # of the page alone: counting and the buttons need none of it
        self.page = page_of(rows, order_of(request), size=self.list_per_page, row=row, backwards=cursor < 0)
        self.result_list = self.page.rows
        self.result_count = len(self.page.rows)
        self.full_result_count, self.show_full_result_count = None, False
        self.show_admin_actions = bool(self.page.rows)
        self.can_show_all = self.multi_page = False
        self.paginator = None

    @cached_property
    def count_in_words(self) -> str:
        """«51»; «больше 1000» of a longer list. Of a list on one page it costs nothing."""
        if not (self.page.has_previous or self.page.has_next):
            return str(len(self.page.rows))
        counted = self.queryset[: MOST_COUNTED + 1].count()
        return f"больше\N{NO-BREAK SPACE}{MOST_COUNTED}" if counted > MOST_COUNTED else str(counted)

    @property
    def is_narrowed(self) -> bool:
        """By more than a view?"""
        return bool(self.query) or any(
            spec.used_parameters for spec in self.filter_specs if not getattr(spec, "is_tabs", False)
        )

    @property
    def bare_view(self) -> str:
        """The address of the same view without filters and search."""
        return f"?view={self.view.name}"

    @property
    def address_of_all(self) -> str:
        """The same filters and search among all requests."""
        return self.get_query_string({"view": ALL.name})

    @property
    def previous_address(self) -> str:
        return self.get_query_string({"p": self.page.previous_cursor})

    @property
    def next_address(self) -> str:
        return self.get_query_string({"p": self.page.next_cursor})

    @property
    def first_address(self) -> str:
        return self.get_query_string()

    def _row(self, key: int) -> Model | None:
        """Where the page begins. A row that this colleague may not know of is no place to begin at."""
        row: Model | None = self.root_queryset.only("submitted_at", "due_on").filter(pk=key).first()
        return row


def _cursor(typed: str) -> int:
    """A number of the address, zero for anything else."""
    digits = typed.removeprefix("-")
    return int(typed) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_KEY else 0
