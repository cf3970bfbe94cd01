"""
The saved views of the queue: what a colleague asks for every morning, as tabs above the list. Each has a partial index in
the order of its list (`ServiceRequest.Meta.indexes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from requests_app.admin.keyset import Order
from requests_app.deadlines import add_working_days
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet

NEWEST = Order("submitted_at", is_descending=True)
DUE_FIRST = Order("due_on")


@dataclass(frozen=True, kw_only=True)
class View:
    """A part of the queue under a name; `narrow` gets the requests that the colleague may see, and the colleague."""

    name: str  # in the address
    title: str
    narrow: Callable[[ServiceRequestQuerySet, Any], ServiceRequestQuerySet]
    order: Order = DUE_FIRST


def _tomorrow(service_requests: ServiceRequestQuerySet, user: Any) -> ServiceRequestQuerySet:
    """By the end of the next working day, without what is due today: on Friday that is Monday."""
    today = timezone.localdate()
    following = add_working_days(today, 1, CalendarDay.objects.working_day_check())
    return service_requests.due_by(following, on=today).exclude(due_on=today)


OPEN = View(name="open", title="Все открытые", narrow=lambda found, user: found.open())
ALL = View(name="all", title="Все", narrow=lambda found, user: found, order=NEWEST)
VIEWS = {
    view.name: view
    for view in (
        OPEN,
        View(name="mine", title="Мои", narrow=lambda found, user: found.open().filter(assignee=user.pk)),
        View(
            name="overdue",
            title="Просрочено",
            narrow=lambda found, user: found.overdue(on=timezone.localdate()),
        ),
        View(name="tomorrow", title="Завтра", narrow=_tomorrow),
        View(name="waiting", title="Ждут заявителя", narrow=lambda found, user: found.awaiting_consumer()),
        View(name="unassigned", title="Без исполнителя", narrow=lambda found, user: found.open().filter(assignee=None)),
        ALL,
    )
}


def view_of(request: HttpRequest) -> View:
    """
    The view that the address names. Without one: what is open; a search or a status asks for all, since what is looked
    for may be closed.
    """
    named = VIEWS.get(request.GET.get("view", ""))
    asks_for_all = request.GET.get("q", "").strip() or request.GET.get("status") or request.GET.get("figure")
    return named or (ALL if asks_for_all else OPEN)


class ViewTabs(admin.SimpleListFilter):
    """The views as tabs: the filters and the search beside them stay when another one is chosen."""

    title = "вид"
    parameter_name = "view"
    template = "admin/requests_app/servicerequest/tabs.html"
    is_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(view.name, view.title) for view in VIEWS.values()]

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.view = view_of(request)
        super().__init__(request, *args)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        return self.view.narrow(queryset, request.user)

    def choices(self, changelist: Any) -> Iterator[Any]:
        for view in VIEWS.values():
            yield {
                "selected": view is self.view,
                "query_string": changelist.get_query_string({self.parameter_name: view.name}),
                "display": view.title,
            }
