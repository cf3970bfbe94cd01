"""A list for each service of what was asked, with columns and filters made from the fields of its detail model."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from requests_app.admin.filters import ChoiceFilter, TickFilter
from requests_app.admin.words import status_badge
from requests_app.models import RequestDetail
from requests_app.services import SERVICES
from requests_app.services.base import Service
from rsmportal.desk_admin import ReadOnlyAdmin


class DetailAdmin(ReadOnlyAdmin[RequestDetail]):
    """Whoever may see the requests of a service may see what they ask for; one is read on the page of its request."""

    service: Service
    list_select_related = ["service_request"]
    ordering = ["-pk"]  # the key is the request's, so newest first

    def has_view_permission(self, request: HttpRequest, obj: RequestDetail | None = None) -> bool:
        return request.user.has_perm(self.service.view_permission)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:requests_app_servicerequest_change", object_id)

    @admin.display(description="номер")
    def number(self, detail: RequestDetail) -> str:
        return detail.service_request.number

    @admin.display(description="заявитель")
    def applicant(self, detail: RequestDetail) -> str:
        return detail.service_request.applicant_name

    @admin.display(description="статус")
    def status_column(self, detail: RequestDetail) -> str:
        return status_badge(detail.service_request)


def _telling_fields(model: type[RequestDetail]) -> list[str]:
    """Choices, ticks and dates: what tells rows of a list apart at a glance."""
    return [
        field.name
        for field in model._meta.fields
        if field.choices or isinstance(field, models.BooleanField | models.DateField)
    ]


def _filters(model: type[RequestDetail]) -> list[tuple[str, type[admin.FieldListFilter]]]:
    choices = [(field.name, ChoiceFilter) for field in model._meta.fields if field.choices]
    ticks = [(field.name, TickFilter) for field in model._meta.fields if isinstance(field, models.BooleanField)]
    return [*choices, *ticks]


# Who is suspected or may be rung up by a name that only the page of the request shows; whole identifiers of payers.
_NOT_EXPORTED = {"owner", "contact", "suspect", "payer_inn", "payer_ogrnip"}
_OF_REQUEST = [
    ("service_request__number", "Номер"),
    "service_request__submitted_at",
    "status_column",
    ("service_request__applicant_name", "Заявитель"),
    "service_request__applicant_legal_form",
    "service_request__object_address",
    "service_request__contract_number",
    "service_request__due_on",
]


def _exported(model: type[RequestDetail]) -> list[str]:
    """Everything that was answered, as a page of the request tells it."""
    return [
        field.name
        for field in model._meta.fields
        if field.editable and not field.primary_key and field.name not in _NOT_EXPORTED
    ]


for _service in SERVICES:
    _model = _service.detail_model
    _columns = {
        "service": _service,
        "list_display": ["number", "applicant", "status_column", *_telling_fields(_model)],
        "list_filter": _filters(_model),
        "export_display": [*_OF_REQUEST, *_exported(_model)],
    }
    admin.site.register(_model, type(f"{_model.__name__}Admin", (DetailAdmin,), _columns))
