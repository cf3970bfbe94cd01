"""How long logs and drafts of surveys are kept, and what has gone."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from requests_app.models import RetentionRule, RetentionRun
from rsmportal.desk_admin import DeskAdmin, ReadOnlyAdmin


@admin.register(RetentionRule)
class RetentionRuleAdmin(DeskAdmin[RetentionRule]):
    list_display = ["what", "days", "basis"]
    ordering = ["what"]
    readonly_fields = ["what"]
    fieldsets = [
        (
            None,
            {
                "description": "Каждую ночь записи старше срока удаляются без возврата. Сколько удалено, остаётся "
                "в «Удалениях по сроку». Неотправленные ответы на опрос считаются от его последнего дня.",
                "fields": ["what", "days", "basis"],
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # one of each kind is there from the start

    def has_delete_permission(self, request: HttpRequest, obj: RetentionRule | None = None) -> bool:
        return False  # without a rule its rows would be kept for ever


@admin.register(RetentionRun)
class RetentionRunAdmin(ReadOnlyAdmin[RetentionRun]):
    list_display = ["at", "what", "before", "days", "removed"]
    list_display_links = None
    fields = ["at", "what", "before", "days", "removed"]
