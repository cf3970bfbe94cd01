"""Grades of consumers, repeated appeals and the figures of both, for those who answer for the work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from requests_app import quality, services
from requests_app.admin.base import StaffRequest
from requests_app.admin.filters import BarFilter
from requests_app.admin.reports import PeriodForm
from requests_app.admin.words import colleague
from requests_app.colleagues import processing_staff
from requests_app.models import AnswerGrade, Grade, QualityRule, Repetition, ServiceRequest
from requests_app.reading_windows import moscow_day
from rsmportal.desk_admin import DeskAdmin, ReadOnlyAdmin

WEEKS = 12  # what the page of figures begins with, and the longest filter by weeks
VIEW = "requests_app.view_answergrade"


class GradeFilter(BarFilter):
    title = "оценка"
    parameter_name = "grade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", "Низкие: 1 и\N{NO-BREAK SPACE}2"), *((str(grade.value), str(grade.label)) for grade in Grade)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "low":
            return queryset.low()
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(grade=int(str(self.value()))) if known else queryset


class _RelatedFilter(BarFilter):
    """By a column that another model of the list may hold elsewhere: its path is `column` of the model admin."""

    column: str  # the name of the attribute of the model admin that holds the path

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(**{self.path: self.value()}) if known else queryset

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        self.path = getattr(model_admin, self.column)
        super().__init__(request, params, model, model_admin)


class OfServiceFilter(_RelatedFilter):
    title = "услуга"
    parameter_name = "service"
    column = "service_path"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = services.seen_by(request.user)
        return [(each.slug, each.noun) for each in services.SERVICES if each.slug in seen and each.life.promises_answer]


class AnswererFilter(_RelatedFilter):
    title = "кто ответил"
    parameter_name = "by"
    column = "answerer_path"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(user.pk), colleague(user)) for user in processing_staff()]


class WeeksFilter(BarFilter):
    """The last weeks, this one among them: as the figures of the start page count."""

    title = "период"
    parameter_name = "weeks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = {1: "Эта неделя", 4: "4\N{NO-BREAK SPACE}недели", WEEKS: f"{WEEKS}\N{NO-BREAK SPACE}недель"}
        return [(str(count), label) for count, label in words.items()] + [("52", "Год")]

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        self.path = model_admin.date_path
        super().__init__(request, params, model, model_admin)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        period = quality.last_weeks(int(str(self.value())), today=timezone.localdate())
        return queryset.filter(**{f"{self.path}__gte": period.start})


def link_to(service_request: ServiceRequest) -> str:
    """The number, leading to the page of the request."""
    address = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    return format_html('<a href="{}">№\N{NO-BREAK SPACE}{}</a>', address, service_request.number)


@admin.register(AnswerGrade)
class AnswerGradeAdmin(ReadOnlyAdmin[AnswerGrade]):
    list_display = ["grade_column", "of_request", "service", "answerer", "comment_column", "graded_at"]
    list_display_links = None
    list_filter = [GradeFilter, OfServiceFilter, AnswererFilter, WeeksFilter]
    list_select_related = ["answer__by", "answer__service_request"]
    fields = ["grade", "comment", "graded_at", "of_request", "service", "answerer"]
    export_display = ["grade", "of_request", "service", "answerer", "comment", "graded_at"]
    service_path, answerer_path = "answer__service_request__service", "answer__by"
    date_path = "graded_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnswerGrade]:
        return AnswerGrade.objects.visible_to(request.user)

    @admin.display(description="оценка")
    def grade_column(self, row: AnswerGrade) -> str:
        return format_html('<span class="grade" data-grade="{}">{}</span>', "low" if row.is_low else "", row)

    @admin.display(description="заявка")
    def of_request(self, row: AnswerGrade) -> str:
        return link_to(row.answer.service_request)

    @admin.display(description="услуга")
    def service(self, row: AnswerGrade) -> str:
        return str(row.answer.service_request.get_service_display())

    @admin.display(description="кто ответил")
    def answerer(self, row: AnswerGrade) -> str:
        return colleague(row.answer.by)

    @admin.display(description="комментарий")
    def comment_column(self, row: AnswerGrade) -> str:
        return Truncator(row.comment).chars(160) or "—"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.quality_page))
        return [path("quality/", view, name="requests_app_answergrade_quality"), *super().get_urls()]

    def quality_page(self, request: StaffRequest) -> HttpResponse:
        """Grades, second readings and repeated appeals of some days, by service and by who answered."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        weeks = quality.last_weeks(WEEKS, today=moscow_day(timezone.now()))
        form = PeriodForm({"first": f"{weeks.first}", "last": f"{weeks.last}", **request.GET.dict()})
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Качество ответов",
            "form": form,
        }
        if form.is_valid():
            period = form.period()
            context |= {
                "grades": quality.grades(period, by=request.user),
                "reviews": quality.reviews(period, by=request.user),
                "repeated": quality.repeated_in(period, by=request.user).count(),
                "tables": {
                    "Услуга": quality.by_service(period, by=request.user),
                    "Кто ответил": quality.by_colleague(period, by=request.user),
                },
                "weeks": [
                    (monday, monday + timedelta(days=6), each)
                    for monday, each in quality.by_week(period, by=request.user).items()
                ],
            }
        return TemplateResponse(request, "admin/requests_app/answergrade/quality.html", context)


@admin.register(Repetition)
class RepetitionAdmin(ReadOnlyAdmin[Repetition]):
    list_display = ["at", "of_request", "service", "before", "reason", "answerer"]
    list_display_links = None
    list_filter = [OfServiceFilter, AnswererFilter, WeeksFilter]
    list_select_related = ["service_request", "earlier", "answered_by"]
    fields = ["at", "of_request", "before", "reason", "answerer"]
    service_path, answerer_path, date_path = "service_request__service", "answered_by", "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Repetition]:
        return Repetition.objects.standing().visible_to(request.user)

    @admin.display(description="обращение")
    def of_request(self, row: Repetition) -> str:
        return link_to(row.service_request)

    @admin.display(description="услуга и\N{NO-BREAK SPACE}тема")
    def service(self, row: Repetition) -> str:
        return row.service_request.title

    @admin.display(description="прежнее")
    def before(self, row: Repetition) -> str:
        return link_to(row.earlier)

    @admin.display(description="кто отвечал на\N{NO-BREAK SPACE}прежнее")
    def answerer(self, row: Repetition) -> str:
        return colleague(row.answered_by) if row.answered_by else "ответа ещё не\N{NO-BREAK SPACE}было"


@admin.register(QualityRule)
class QualityRuleAdmin(DeskAdmin[QualityRule]):
    """The one row: changed, neither added nor deleted."""

    list_display = ["__str__", "sample_percent", "sample_least", "sample_most", "repeat_days"]
    fields = ["sample_percent", "sample_least", "sample_most", "repeat_days"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
