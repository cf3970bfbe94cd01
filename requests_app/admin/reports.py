"""The regulator's tables of appeals: looked at on a page, downloaded as XLSX, each download kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from requests_app import services
from requests_app.admin.base import StaffRequest
from requests_app.admin.words import colleague
from requests_app.codes import Outcome
from requests_app.models import ReportRun, ReportTable, ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.reading_windows import moscow_day
from requests_app.reports import Period, appeal_rows, count_lines, count_outcomes, headings
from requests_app.table_responses import XLSX_TYPE
from requests_app.tables import Value, xlsx_file
from rsmportal.desk_admin import ReadOnlyAdmin

MAKE = "requests_app.make_report"
FIRST_DAY = date(2015, 1, 1)  # the tables are not older
logger = logging.getLogger(__name__)


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"})


class PeriodForm(forms.Form):
    """Of which days."""

    mark_optional = False

    first = forms.DateField(label="С", widget=_day())
    last = forms.DateField(label="По", widget=_day())

    def clean_first(self) -> date:
        first: date = self.cleaned_data["first"]
        if first < FIRST_DAY:
            raise forms.ValidationError("Выберите день не раньше 01.01.2015.", code="early")
        return first

    def clean_last(self) -> date:
        last: date = self.cleaned_data["last"]
        if last > moscow_day(timezone.now()):
            raise forms.ValidationError("Этот день ещё не\N{NO-BREAK SPACE}наступил.", code="future")
        return last

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", forms.ValidationError("Последний день раньше первого.", code="order"))
        return self.cleaned_data

    def period(self) -> Period:
        """The form is valid."""
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])


@admin.register(ReportRun)
class ReportRunAdmin(ReadOnlyAdmin[ReportRun]):
    list_display = ["at", "table", "first_day", "last_day", "rows", "who"]
    list_display_links = None
    list_select_related = ["by"]
    fields = ["at", "table", "first_day", "last_day", "rows", "who"]

    @admin.display(description="кто")
    def who(self, run: ReportRun) -> str:
        return colleague(run.by)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("make/", wrap(require_safe(self.make_page)), name="requests_app_reportrun_make"),
            path("make/<str:table>/", wrap(require_safe(self.make_file)), name="requests_app_reportrun_file"),
            *super().get_urls(),
        ]

    def make_page(self, request: StaffRequest) -> HttpResponse:
        form = _form(request)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Отчёт регулятору об\N{NO-BREAK SPACE}обращениях",
            "form": form,
        }
        if form.is_valid():
            period, appeals = form.period(), _appeals(request)
            lines = count_lines(appeals, period)
            context |= {
                "lines": lines,
                "total": sum(cell.now for cell in lines[0].cells),
                "outcomes": _outcomes(_within(appeals, period)),
                "forms": headings.FORMS,
                "before": _words(period.year_before()),
                "now": _words(period),
                "query": f"first={period.first.isoformat()}&last={period.last.isoformat()}",
                "hidden": [title for slug, title in services.choices() if slug in _closed(request)],
            }
        return TemplateResponse(request, "admin/requests_app/reportrun/make.html", context)

    def make_file(self, request: StaffRequest, table: str) -> FileResponse:
        form = _form(request)
        if table not in ReportTable.values or not form.is_valid():
            raise Http404
        period = form.period()
        make = _appeals_file if table == ReportTable.APPEALS else _by_category_file
        file, rows = make(_appeals(request), period)
        ReportRun.objects.create(table=table, first_day=period.first, last_day=period.last, rows=rows, by=request.user)
        logger.info("Table %s with %d appeals is made by user %s", table, rows, request.user.pk)
        name = f"Таблица {table} {period.first:%d.%m.%Y}-{period.last:%d.%m.%Y}.xlsx"
        response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)
        response.headers["Cache-Control"] = "no-store, private"
        return response


def _form(request: StaffRequest) -> PeriodForm:
    """Of the last whole year until something else is asked for: that is what is published by 1 April."""
    if not request.user.has_perm(MAKE):
        raise PermissionDenied
    year = moscow_day(timezone.now()).year - 1
    return PeriodForm({"first": f"{year}-01-01", "last": f"{year}-12-31", **request.GET.dict()})


def _appeals(request: StaffRequest) -> ServiceRequestQuerySet:
    found: Any = ServiceRequest.objects.visible_to(request.user).filter(service__in=services.appeals())
    appeals: ServiceRequestQuerySet = found
    return appeals


def _within(appeals: ServiceRequestQuerySet, period: Period) -> ServiceRequestQuerySet:
    return appeals.filter(submitted_at__gte=period.start, submitted_at__lt=period.end)


def _outcomes(appeals: ServiceRequestQuerySet) -> list[tuple[str, int]]:
    """The last columns of table 4.9 in words, with their sums."""
    counts = count_outcomes(appeals)
    waiting = ("Ещё без\N{NO-BREAK SPACE}ответа: столбцы 27–29 пусты", counts[""])
    return [*((str(outcome.label), counts[outcome]) for outcome in Outcome), waiting]


def _closed(request: StaffRequest) -> set[str]:
    """The appeals that this colleague may not know of, and that the tables therefore miss."""
    return set(services.appeals()) - set(services.seen_by(request.user))


def _words(period: Period) -> str:
    if (period.first.day, period.first.month, period.last.day, period.last.month) == (1, 1, 31, 12) and (
        period.first.year == period.last.year
    ):
        return str(period.first.year)
    return f"{period.first:%d.%m.%Y}–{period.last:%d.%m.%Y}"


def _by_category_file(appeals: ServiceRequestQuerySet, period: Period) -> tuple[IO[bytes], int]:
    lines = count_lines(appeals, period)
    file = xlsx_file(
        headings.by_category_header(_words(period.year_before()), _words(period)),
        headings.by_category_rows(lines),
        sheet="Таблица 4.1",
        widths=[6, 52, *[12] * 15],
        above=[headings.BY_CATEGORY_ABOVE],
        merged=headings.BY_CATEGORY_MERGED,
    )
    return file, sum(cell.now for cell in lines[0].cells)


def _appeals_file(appeals: ServiceRequestQuerySet, period: Period) -> tuple[IO[bytes], int]:
    rows = 0

    def counted() -> Iterator[list[Value]]:
        nonlocal rows
        for row in appeal_rows(_within(appeals, period)):
            rows += 1
            yield row

    file = xlsx_file(
        headings.APPEALS,
        counted(),
        sheet="Таблица 4.9",
        widths=[8, 16, 12, 10, *[14] * 25, 40, 40],
        above=[headings.APPEALS_ABOVE],
        merged=headings.APPEALS_MERGED,
    )
    return file, rows
