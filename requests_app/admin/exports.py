"""
Every list of the desk as a file, exactly as it is narrowed and in its order: one address for all lists that the admin
has, so that a new one needs nothing to be exported. And the log of what has been taken out.
"""

from __future__ import annotations

import copy
import logging
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList, ChangeListSearchForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from accounts.trail_admin import ColleagueFilter
from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.export_columns import columns_of, rows_of
from requests_app.admin.export_words import narrowed_by, query_of
from requests_app.admin.filters import ChoiceFilter
from requests_app.admin.words import colleague
from requests_app.colleagues import EXPORT_LISTS
from requests_app.models import ExportRun
from requests_app.table_responses import FORMATS, table_response
from rsmportal.desk_admin import ReadOnlyAdmin

# An XLSX is made whole before it goes out, and a proxy waits for a minute. The format itself holds 1,048,576 rows.
MOST_XLSX_ROWS = 100_000
logger = logging.getLogger(__name__)


@require_GET
def export_list(request: StaffRequest, app_label: str, model: str, ending: str) -> HttpResponseBase:
    """The list of `model` as a file in the format `ending`, narrowed by the same address as the page of the list."""
    model_admin = _admin_of(app_label, model)
    if ending not in FORMATS:
        raise Http404
    if not request.user.has_perm(EXPORT_LISTS) or not model_admin.has_view_permission(request):
        raise PermissionDenied
    listing = _narrowed(model_admin, request)
    if listing is None:
        return _back_to_list(request, model_admin)
    if ending == "xlsx" and _is_too_long(listing):
        messages.error(request, _too_long(MOST_XLSX_ROWS))
        return _back_to_list(request, model_admin)
    run = actions.begin_export(
        listing=model_admin.opts.label_lower,
        file_format=ending,
        narrowed_by=narrowed_by(listing),
        query=query_of(listing),
        by=request.user,
    )
    logger.info("List %s is exported by user %s, run %s", run.listing, request.user.pk, run.pk)
    rows = actions.counted_rows(run, rows_of(listing.queryset, model_admin, request))
    header = [column.heading for column in columns_of(model_admin, request)]
    name = f"{capfirst(model_admin.opts.verbose_name_plural)} {timezone.localtime():%d.%m.%Y %H-%M}"
    return table_response(ending, name=name, header=header, rows=rows)


def _admin_of(app_label: str, model: str) -> ModelAdmin[Any]:
    try:
        return admin.site.get_model_admin(apps.get_model(app_label, model))
    except (LookupError, NotRegistered):
        raise Http404 from None


def _narrowed(model_admin: ModelAdmin[Any], request: HttpRequest) -> ChangeList | None:
    """
    The list as its page narrows it, without counting or reading a page of it. None where the page would say that the
    address is wrong: a search that cannot be read must not give out everything.
    """
    if not ChangeListSearchForm(request.GET).is_valid():
        return None
    usual = model_admin.get_changelist(request)

    class Narrowed(usual):  # type: ignore[misc,valid-type]
        def get_results(self, request: HttpRequest) -> None:
            """Nothing: the rows are streamed."""

    exported = copy.copy(model_admin)
    exported.get_changelist = lambda request, **kwargs: Narrowed  # type: ignore[method-assign]
    try:
        return exported.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return None


def _is_too_long(listing: ChangeList) -> bool:
    """Counts no further than it must."""
    return bool(listing.queryset.order_by()[: MOST_XLSX_ROWS + 1].count() > MOST_XLSX_ROWS)


def _too_long(most: int) -> str:
    grouped = f"{most:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"В\N{NO-BREAK SPACE}XLSX не\N{NO-BREAK SPACE}больше {grouped} строк. Сузьте список или скачайте CSV."


def _back_to_list(request: HttpRequest, model_admin: ModelAdmin[Any]) -> HttpResponseBase:
    address = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


@admin.register(ExportRun)
class ExportRunAdmin(ReadOnlyAdmin[ExportRun]):
    list_display = ["at", "who", "list_column", "narrowed_column", "file_format", "rows_column"]
    list_display_links = ["at"]
    list_filter = [ColleagueFilter, ("file_format", ChoiceFilter)]
    list_select_related = ["by"]
    date_hierarchy = "at"
    ordering = ["-pk"]
    fields = ["at", "who", "list_column", "narrowed_column", "query", "file_format", "rows_column", "finished_at"]
    export_display = ["at", "who", "list_column", "narrowed_column", "query", "file_format", "rows", "is_whole"]

    @admin.display(description="кто")
    def who(self, run: ExportRun) -> str:
        return colleague(run.by)

    @admin.display(description="список")
    def list_column(self, run: ExportRun) -> str:
        return run.list_name

    @admin.display(description="отбор")
    def narrowed_column(self, run: ExportRun) -> str:
        return run.narrowed_by or "весь список"

    @admin.display(description="строк")
    def rows_column(self, run: ExportRun) -> str:
        if run.rows is None:
            return "не\N{NO-BREAK SPACE}окончена"
        return f"{run.rows}" if run.is_whole else f"{run.rows}, скачивание прервано"
