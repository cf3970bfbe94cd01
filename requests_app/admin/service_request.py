"""The list of requests and the page of one: to look at. What is done with a request stands in `steps`."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from requests_app import unsent
from requests_app.actions import note_presence
from requests_app.admin.answering import desk_of
from requests_app.admin.base import StaffRequest
from requests_app.admin.bulk import BULK_ACTIONS
from requests_app.admin.correction import CorrectionPage
from requests_app.admin.export_columns import REQUEST_COLUMNS
from requests_app.admin.extension import ExtensionPage
from requests_app.admin.figure_filter import FigureFilter
from requests_app.admin.filters import AssigneeFilter, DueFilter, ServiceFilter, StatusFilter
from requests_app.admin.group_answer import GroupAnswerPages, groups_of
from requests_app.admin.last_word import has_last_word
from requests_app.admin.on_behalf import OnBehalfPages
from requests_app.admin.page import request_page
from requests_app.admin.previews import PreviewPages
from requests_app.admin.queue import QueueList, order_of
from requests_app.admin.queue_views import ViewTabs
from requests_app.admin.reporter import ReporterPage
from requests_app.admin.search import HELP_TEXT, find
from requests_app.admin.words import colleague, due_badge, status_badge
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.models import ServiceRequest

MOST_URGENT = 20  # more than these are read in the list itself
_WRITTEN = mark_safe('<small class="written">написал заявитель</small>')


@admin.register(ServiceRequest)
class ServiceRequestAdmin(GroupAnswerPages, OnBehalfPages, ExtensionPage, CorrectionPage, ReporterPage, PreviewPages):
    actions = [*BULK_ACTIONS, "answer_together"]
    list_display = [
        "number",
        "what",
        "applicant_name",
        "status_column",
        "assignee_column",
        "due_column",
    ]
    list_filter = [ViewTabs, StatusFilter, ServiceFilter, AssigneeFilter, DueFilter, FigureFilter]
    list_select_related = ["assignee"]
    search_fields = ["number"]  # shows the box; what a term is compared with depends on its shape: `search`
    search_help_text = HELP_TEXT
    fields = ["number"]  # the page is drawn by its own template
    export_display = REQUEST_COLUMNS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QueueList]:
        return QueueList

    def get_ordering(self, request: HttpRequest) -> Any:
        return order_of(request).fields()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ServiceRequest], search_term: str
    ) -> tuple[QuerySet[ServiceRequest], bool]:
        return (find(queryset, search_term) if search_term.strip() else queryset), False

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Above the list, whatever it is narrowed by: where somebody is in danger and nobody has taken it yet."""
        urgent = self.get_queryset(request).urgent_and_new().newest_first()[:MOST_URGENT]
        return super().changelist_view(request, {**(extra_context or {}), "urgent": urgent})

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        context |= self._page_of(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="услуга и\N{NO-BREAK SPACE}предмет")
    def what(self, service_request: ServiceRequest) -> str:
        is_urgent = service_request.is_urgent and service_request.is_open
        danger = mark_safe(' <strong class="urgent">опасно</strong>') if is_urgent else ""
        noun = service_request.get_service_display()
        return format_html("{} <small>{}</small>{}", noun, service_request.subject, danger)

    @admin.display(description="статус")
    def status_word(self, service_request: ServiceRequest) -> str:
        """For an exported list, which tells no news."""
        return service_request.kind.life.staff_label(service_request.status)

    @admin.display(description="статус")
    def status_column(self, service_request: ServiceRequest) -> str:
        badge = status_badge(service_request)
        return format_html("{} {}", badge, _WRITTEN) if has_last_word(service_request) else badge

    @admin.display(description="исполнитель")
    def assignee_column(self, service_request: ServiceRequest) -> str:
        return colleague(service_request.assignee).partition(",")[0]

    @admin.display(description="срок")
    def due_column(self, service_request: ServiceRequest) -> str:
        return due_badge(service_request, today=timezone.localdate())

    def _page_of(self, request: StaffRequest, service_request: ServiceRequest) -> dict[str, Any]:
        if request.method != "HEAD":
            note_presence(service_request, by=request.user, is_writing=False)
        desk = desk_of(service_request, by=request.user)
        return {
            "desk": desk,
            "box": self.answer_box(service_request, desk, by=request.user),
            "mark": unsent.mark(request.user),
            "title": f"Заявка № {service_request.number}",
            "subtitle": service_request.title,
            "service_request": service_request,
            "status": status_badge(service_request),
            "due": due_badge(service_request, today=timezone.localdate()),
            "assignee": colleague(service_request.assignee),
            "may_process": request.user.has_perm(PROCESS_REQUESTS),
            "take_key": uuid.uuid4(),
            **self.ways(request),
            "groups": groups_of(service_request),
            **request_page(service_request, by=request.user),
        }
