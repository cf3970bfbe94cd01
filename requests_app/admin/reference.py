"""What supervisors set for all requests: terms of answer and the calendar; and the log of downloads."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from requests_app.admin.displaced import warn_of_displaced
from requests_app.admin.filters import ChoiceFilter, TickFilter
from requests_app.admin.words import colleague
from requests_app.dates import weekday
from requests_app.models import CalendarDay, FileAccess, ServiceRequest, ServiceTerm
from requests_app.models.request import HIDDEN_NAME
from rsmportal.desk_admin import DeskAdmin, ReadOnlyAdmin

_MOST_TERM_DAYS = 365  # as in the constraint of the table


class ServiceTermForm(forms.ModelForm[ServiceTerm]):
    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        if not 1 <= days <= _MOST_TERM_DAYS:
            raise ValidationError(
                f"Срок — от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}{_MOST_TERM_DAYS} дней.", code="range"
            )
        return days

    def clean_valid_from(self) -> date:
        """Nothing comes into force in the past."""
        valid_from: date = self.cleaned_data["valid_from"]
        if "valid_from" in self.changed_data and valid_from < timezone.localdate():
            raise ValidationError("Этот день уже прошёл. Укажите сегодняшний или будущий.", code="past")
        return valid_from


@admin.register(ServiceTerm)
class ServiceTermAdmin(DeskAdmin[ServiceTerm]):
    form = ServiceTermForm
    list_display = ["service", "days", "day_kind", "valid_from", "legal_basis"]
    list_filter = [("service", ChoiceFilter)]
    ordering = ["service", "-valid_from"]
    fieldsets = [
        (
            None,
            {
                "description": "Срок, по которому уже зарегистрированы заявки, не меняют и не удаляют: добавьте новый "
                "с днём, с которого он действует. Зарегистрированные заявки сохраняют свой срок.",
                "fields": ["service", "days", "day_kind", "legal_basis", "valid_from"],
            },
        ),
    ]

    def has_change_permission(self, request: HttpRequest, obj: ServiceTerm | None = None) -> bool:
        """A term by which requests were registered stays as it was: a change is a new row with a later day."""
        return super().has_change_permission(request, obj) and not (obj and _is_used(obj))

    def has_delete_permission(self, request: HttpRequest, obj: ServiceTerm | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and _is_used(obj))


def _is_used(term: ServiceTerm) -> bool:
    return ServiceRequest.objects.filter(service=term.service, submitted_at__date__gte=term.valid_from).exists()


@admin.register(CalendarDay)
class CalendarDayAdmin(DeskAdmin[CalendarDay]):
    list_display = ["date", "weekday", "is_working", "note"]
    list_filter = [("is_working", TickFilter)]
    ordering = ["-date"]
    fieldsets = [
        (
            None,
            {
                "description": "Только дни, которые расходятся с общим производственным календарём. Сроки уже "
                "зарегистрированных заявок не пересчитываются.",
                "fields": ["date", "is_working", "note"],
            },
        ),
    ]

    def save_model(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().save_model(request, *args, **kwargs)
        warn_of_displaced(request)

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        """Without the row the day may be off again."""
        super().delete_model(request, obj)
        warn_of_displaced(request)

    @admin.display(description="день недели")
    def weekday(self, day: CalendarDay) -> str:
        return weekday(day.date)


@admin.register(FileAccess)
class FileAccessAdmin(ReadOnlyAdmin[FileAccess]):
    list_display = ["at", "who", "file", "number"]
    list_display_links = None
    list_select_related = ["by", "attachment__service_request", "attachment__access_grant"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = ["at", "who", "file", "number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FileAccess]:
        return FileAccess.objects.visible_to(request.user).order_by(*self.ordering)

    @admin.display(description="кто")
    def who(self, access: FileAccess) -> str:
        return HIDDEN_NAME if access.is_of_hidden_reporter else colleague(access.by)

    @admin.display(description="файл")
    def file(self, access: FileAccess) -> str:
        return access.attachment.original_name

    @admin.display(description="заявка или договор")
    def number(self, access: FileAccess) -> str:
        whole = access.attachment.service_request or access.attachment.access_grant
        return str(whole) if whole else "не\N{NO-BREAK SPACE}отправлен"
