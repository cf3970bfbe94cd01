"""
Import of supply points on the work desk: a file is uploaded, what it would change is looked at, then it is applied.
The list is the log of what was applied, by whom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from requests_app import actions, tables
from requests_app.admin.base import StaffRequest
from requests_app.admin.words import colleague
from requests_app.models import SupplyImport
from requests_app.supply_import.columns import COLUMNS, EXAMPLE, HEADER, REQUIRED, TITLES
from requests_app.supply_import.plan import Plan, check
from requests_app.table_responses import FORMATS, table_response
from rsmportal.desk_admin import ReadOnlyAdmin

IMPORT = "requests_app.import_supplypoint"
MAX_FILE_SIZE = 30 * 2**20  # bytes; the server in front takes 40 MB


class TableForm(forms.Form):
    """A file whose header is that of the table; its rows are looked at on the next page."""

    file = forms.FileField(
        label="Файл",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="XLSX или CSV, до\N{NO-BREAK SPACE}30\N{NO-BREAK SPACE}МБ. Пока ничего не\N{NO-BREAK SPACE}запишется: "
        "сначала вы увидите, что изменится",
        error_messages={
            "required": "Выберите файл.",
            "empty": "Файл пустой. Проверьте, открывается\N{NO-BREAK SPACE}ли он.",
        },
    )

    def clean_file(self) -> UploadedFile[Any]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_FILE_SIZE:
            raise ValidationError("Файл больше 30\N{NO-BREAK SPACE}МБ. Разделите его на несколько.", code="too_large")
        try:
            first = next(tables.read(cast(BinaryIO, upload), columns=TITLES, required=REQUIRED), None)
        except tables.TableError as error:
            raise ValidationError(error.message, code="table") from error
        if first is None:
            raise ValidationError("В файле есть только заголовок: добавьте строки.", code="no_rows")
        return upload


@admin.register(SupplyImport)
class SupplyImportAdmin(ReadOnlyAdmin[SupplyImport]):
    list_display = ["applied_at", "who", "file_name", "points_new", "points_changed", "meters_new", "meters_changed"]
    list_select_related = ["by"]
    ordering = ["-applied_at", "-pk"]
    fields = [
        ("applied_at", "who"),
        ("file_name", "sha256"),
        ("points_new", "points_changed", "points_same"),
        ("meters_new", "meters_changed", "meters_same"),
    ]
    readonly_fields = ["who"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupplyImport]:
        return SupplyImport.objects.applied().select_related("by")

    def get_urls(self) -> list[URLPattern]:
        either = require_http_methods(["GET", "HEAD", "POST"])
        own: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("upload/", either(self.upload_page), "upload"),
            ("upload/<int:pk>/", either(self.preview_page), "preview"),
            ("template/<slug:name>/", require_safe(self.template_file), "template"),
        ]
        wrap = self.admin_site.admin_view
        named = [path(route, wrap(view), name=f"requests_app_supplyimport_{name}") for route, view, name in own]
        return [*named, *super().get_urls()]

    def upload_page(self, request: StaffRequest) -> HttpResponse:
        _check_permission(request)
        form = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm()
        if form.is_valid():
            try:
                draft = actions.upload_supply_table(form.cleaned_data["file"], by=request.user)
                return redirect("admin:requests_app_supplyimport_preview", draft.pk)
            except actions.FilesNotStored:
                form.add_error("file", "Файл не сохранился: на сервере нет места. Сообщите администратору.")
        context = {"form": form, "columns": COLUMNS.values(), "formats": FORMATS}
        return self._draw(request, "admin/requests_app/supplyimport/upload.html", "Загрузить точки поставки", context)

    def preview_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        _check_permission(request)
        draft = get_object_or_404(SupplyImport, pk=pk, by=request.user)
        if draft.applied_at:
            return self._applied(request, draft)
        plan, problem = None, ""
        try:
            if request.method == "POST":
                return self._applied(request, actions.apply_supply_table(draft, by=request.user))
            plan = _looked_at(draft)
        except tables.TableError as error:
            problem = error.message
        except actions.ImportRefused as refusal:
            plan, problem = refusal.plan, "" if refusal.plan else str(refusal)
        except FileNotFoundError:
            problem = "Файл уже удалён: он хранится сутки. Загрузите его снова."
        can_apply = bool(plan and not plan.problems.count and not plan.changes_nothing and not problem)
        context = {"draft": draft, "plan": plan, "problem": problem, "can_apply": can_apply}
        return self._draw(request, "admin/requests_app/supplyimport/preview.html", "Проверка файла", context)

    def template_file(self, request: StaffRequest, name: str) -> HttpResponseBase:
        _check_permission(request)
        if name not in FORMATS:
            raise Http404
        widths = [max(12, len(title) + 2, len(str(cell or ""))) for title, cell in zip(HEADER, EXAMPLE, strict=True)]
        return table_response(name, name="Точки поставки", header=HEADER, rows=[EXAMPLE], widths=widths)

    def _applied(self, request: StaffRequest, done: SupplyImport) -> HttpResponse:
        messages.success(
            request,
            f"Файл «{done.file_name}» применён. Точки: новых {done.points_new}, изменено {done.points_changed}, "
            f"без изменений {done.points_same}. Приборы: новых {done.meters_new}, изменено {done.meters_changed}, "
            f"без изменений {done.meters_same}.",
        )
        return redirect("admin:requests_app_supplypoint_changelist")

    def _draw(self, request: StaffRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, context)

    @admin.display(description="кто")
    def who(self, supply_import: SupplyImport) -> str:
        return colleague(supply_import.by) if supply_import.by else "команда на сервере"


def _check_permission(request: StaffRequest) -> None:
    if not request.user.has_perm(IMPORT):
        raise PermissionDenied


def _looked_at(draft: SupplyImport) -> Plan:
    with draft.file.open() as file:
        return check(cast(BinaryIO, file))
