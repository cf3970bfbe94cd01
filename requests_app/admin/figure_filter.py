"""Where a number of the start page's charts leads: the list of exactly these requests."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from requests_app.admin.filters import BarFilter
from requests_app.models import ServiceRequest
from requests_app.start_page.selection import Selection, read


class FigureFilter(BarFilter):
    """Stands in the row only while an address uses it: it is chosen on the start page. A strange value selects nothing."""

    title = "сводка"
    parameter_name = "figure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        selection = self._selection()
        return [(str(self.value()), selection.label)] if selection else []

    def has_output(self) -> bool:
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        requests: QuerySet[ServiceRequest] = queryset
        selection = self._selection()
        return requests.filter(selection.condition) if selection else requests.none()

    def _selection(self) -> Selection | None:
        return read(self.value() or "", today=timezone.localdate())
