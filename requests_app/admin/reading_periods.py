"""Months of the account, closed and opened again with a log; when readings are taken in and reminded of."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.missing_readings import missing_meters
from requests_app.admin.words import colleague
from requests_app.models import ReadingPeriod, ReadingReminderRule, ReadingState, ReadingWindow
from rsmportal.desk_admin import DeskAdmin, ReadOnlyAdmin

CLOSE = "requests_app.close_readingperiod"
_MOST_DAYS_BEFORE = 28  # as the table allows


class CloseForm(forms.Form):
    """Nothing to fill in: the button is the decision."""


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        help_text="Останется в\N{NO-BREAK SPACE}журнале месяца",
        error_messages={"required": "Напишите, зачем месяц открывают снова."},
    )


PAGES: dict[str, tuple[str, str, type[forms.Form]]] = {
    "close": ("Закрыть месяц", "Месяц закрыт.", CloseForm),
    "reopen": ("Открыть снова", "Месяц снова открыт.", ReopenForm),
}


@admin.register(ReadingPeriod)
class ReadingPeriodAdmin(ReadOnlyAdmin[ReadingPeriod]):
    list_display = ["__str__", "state", "waiting", "closed_at", "who"]
    list_select_related = ["closed_by"]
    ordering = ["-month"]
    fields = ["month"]  # the page is drawn by its own template

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReadingPeriod]:
        waits = Q(readings__state=ReadingState.IN_QUESTION)
        return super().get_queryset(request).annotate(in_question=Count("readings__meter", filter=waits, distinct=True))

    def get_urls(self) -> list[URLPattern]:
        own = []
        for name in PAGES:
            view = require_http_methods(["GET", "HEAD", "POST"])(partial(self.step_page, name=name))
            checked = self.admin_site.admin_view(view)
            own.append(path(f"<int:pk>/{name}/", checked, name=f"requests_app_readingperiod_{name}"))
        return [*own, *super().get_urls()]

    def step_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        if not self.has_view_permission(request) or not request.user.has_perm(CLOSE):
            raise PermissionDenied
        period = self.get_object(request, str(pk))
        if period is None:
            raise Http404
        button, done, form_class = PAGES[name]
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                _step(period, name, form, by=request.user)
            except actions.ReadingsNotChanged as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, done)
                return redirect("admin:requests_app_readingperiod_change", period.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": button,
            "form": form,
            "name": name,
            "is_possible": period.is_closed == (name == "reopen"),
            **_page_of(period),
        }
        return TemplateResponse(request, "admin/requests_app/readingperiod/step.html", context)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        period: ReadingPeriod = context["original"]
        name = "reopen" if period.is_closed else "close"
        step = (name, PAGES[name][0]) if request.user.has_perm(CLOSE) else None
        context |= {"title": str(period).capitalize(), "subtitle": None, "step": step, **_page_of(period)}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="состояние")
    def state(self, period: ReadingPeriod) -> str:
        mark, word = ("closed", "Закрыт") if period.is_closed else ("in_progress", "Открыт")
        return format_html('<span class="status" data-status="{}">{}</span>', mark, word)

    @admin.display(description="под\N{NO-BREAK SPACE}вопросом")
    def waiting(self, period: Any) -> int:
        return int(period.in_question)

    @admin.display(description="кто закрыл")
    def who(self, period: ReadingPeriod) -> str:
        return colleague(period.closed_by)


def _step(period: ReadingPeriod, name: str, form: forms.Form, *, by: Any) -> None:
    if name == "close":
        actions.close_period(period.month, by=by)
    else:
        actions.reopen_period(period.month, reason=form.cleaned_data["reason"], by=by)


def _page_of(period: ReadingPeriod) -> dict[str, Any]:
    readings = period.readings
    return {
        "period": period,
        "accepted": readings.accepted().order_by().values("meter").distinct().count(),
        "waiting": readings.in_question().order_by().values("meter").distinct().count(),
        "missing": missing_meters(period.month).count(),
        "changes": [(change, colleague(change.by)) for change in period.changes.select_related("by")],
    }


# -- Windows --------------------------------------------------------------------------------------------------------


class ReadingWindowForm(forms.ModelForm[ReadingWindow]):
    """Says by the field what the constraints of the table would only refuse."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last, advised = (cleaned.get(name) for name in ("from_day", "to_day", "advised_from"))
        for name in ("from_day", "to_day", "advised_from"):
            if cleaned.get(name) is not None and not 1 <= cleaned[name] <= 31:
                self.add_error(
                    name,
                    ValidationError(
                        "В\N{NO-BREAK SPACE}месяце от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}31 дня.", code="day"
                    ),
                )
        if first and last and last < first and not cleaned.get("ends_next_month"):
            message = "Последний день раньше первого. Если он в\N{NO-BREAK SPACE}следующем месяце, отметьте это."
            self.add_error("to_day", ValidationError(message, code="ends_before_start"))
        if first and advised and advised < first:
            self.add_error("advised_from", ValidationError("Раньше начала приёма.", code="advised_too_early"))
        if cleaned.get("as_of_next_first") and not cleaned.get("ends_next_month"):
            message = "Показания на\N{NO-BREAK SPACE}1-е число принимают и\N{NO-BREAK SPACE}в\N{NO-BREAK SPACE}следующем месяце: отметьте это выше."
            self.add_error("as_of_next_first", ValidationError(message, code="as_of_outside"))
        return cleaned


class ReminderRuleForm(forms.ModelForm[ReadingReminderRule]):
    def clean_days_before(self) -> int:
        days: int = self.cleaned_data["days_before"]
        if days > _MOST_DAYS_BEFORE:
            raise ValidationError(f"Не\N{NO-BREAK SPACE}больше {_MOST_DAYS_BEFORE} дней.", code="limits")
        return days


class ReminderRuleInline(admin.StackedInline[ReadingReminderRule, ReadingWindow]):
    model = ReadingReminderRule
    form = ReminderRuleForm
    extra = 0
    can_delete = False


@admin.register(ReadingWindow)
class ReadingWindowAdmin(DeskAdmin[ReadingWindow]):
    form = ReadingWindowForm
    list_display = ["__str__", "from_day", "to_day", "ends_next_month", "as_of_next_first", "reminded"]
    list_select_related = ["reminder_rule"]
    fields = ["legal_form", "from_day", "to_day", "ends_next_month", "advised_from", "as_of_next_first"]
    readonly_fields = ["legal_form"]
    inlines = [ReminderRuleInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one for each legal form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="напоминаем за\N{NO-BREAK SPACE}дней")
    def reminded(self, window: ReadingWindow) -> str:
        rule = getattr(window, "reminder_rule", None)
        return str(rule.days_before) if rule else "—"
