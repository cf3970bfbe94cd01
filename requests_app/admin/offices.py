"""Offices with their hours and closed days; their days stand in `office_days`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from requests_app.admin.displaced import warn_of_displaced
from requests_app.admin.office_days import OfficeDays
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.services.appointment.offices import ClosedDay, Office, OfficeHours
from requests_app.services.appointment.schedule import displaced


class OfficeHoursInline(admin.TabularInline[OfficeHours, Office]):
    model = OfficeHours
    extra = 0
    max_num = 7
    formfield_overrides = {
        models.TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})},
    }


class ClosedDayInline(admin.TabularInline[ClosedDay, Office]):
    """To look at, and to open a day again; closing one has a page of its own, where those who are booked are told."""

    model = ClosedDay
    extra = 0
    fields = ["date", "reception", "reason"]
    readonly_fields = ["date", "reception", "reason"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClosedDay]:
        return super().get_queryset(request).filter(date__gte=timezone.localdate()).order_by("date")

    @admin.display(description="приём")
    def reception(self, closed: ClosedDay) -> str:
        return f"до\N{NO-BREAK SPACE}{closed.receives_until:%-H:%M}" if closed.receives_until else "нет"


@admin.register(Office)
class OfficeAdmin(OfficeDays):
    inlines = [OfficeHoursInline, ClosedDayInline]
    list_display = ["name", "address", "is_open", "windows", "today"]
    ordering = ["name"]
    change_form_template = "admin/requests_app/office/change_form.html"
    fieldsets = [
        (None, {"fields": ["name", "address", "is_open", "bring"]}),
        (
            "Правила записи",
            {"fields": ["slot_minutes", "windows", "lead_minutes", "horizon_days", "cutoff_minutes"]},
        ),
    ]

    def save_related(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Other hours may leave somebody before a closed door: say so at once."""
        super().save_related(request, *args, **kwargs)
        warn_of_displaced(request)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        office: Office | None = context.get("original")
        if office and request.user.has_perm(PROCESS_REQUESTS):
            context |= {"today": timezone.localdate(), "displaced": displaced(office, now=timezone.now())}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="сегодня")
    def today(self, office: Office) -> SafeString:
        today = timezone.localdate().isoformat()
        return format_html(
            '<a href="{}">Лист приёма</a>', reverse("admin:requests_app_office_day", args=[office.pk, today])
        )
