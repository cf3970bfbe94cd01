"""
The columns of an exported list: those that its `export_display` names, else the ones that the page shows.

A name is a field, a way over relations («point__address»), or a method of the admin class or the model; a pair of a name
and a heading says another heading. What stands in a cell is the value itself, not the badge that the page draws of it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from phonenumber_field.phonenumber import PhoneNumber

from accounts.fields import format_phone
from requests_app.tables import Value

# Of the list of requests: the applicant as the request keeps it, so masked, and nobody where the reporter is hidden.
REQUEST_COLUMNS = [
    "number",
    "service",
    "subject",
    "submitted_at",
    "status_word",
    "assignee_column",
    "due_on",
    "applicant_name",
    "applicant_legal_form",
    "applicant_identifier",
    "applicant_email",
    "applicant_phone",
    "object_address",
    "contract_number",
    "reply_channel",
    "appeal_form",
    "category",
    "answered_at",
    "closed_at",
    "outcome",
    "refusal_reason",
    ("repeat_of__number", "Повторная к заявке"),
    "disputes",
    "is_urgent",
    "measures_done",
    "measures_planned",
]
_CHUNK = 500  # rows that are in memory at once


@dataclass(frozen=True)
class Column:
    heading: str
    value: Callable[[Any], Value]  # of a row of the list


def columns_of(model_admin: ModelAdmin[Any], request: HttpRequest) -> list[Column]:
    return [_column(model_admin, item) for item in _names(model_admin, request)]


def rows_of(queryset: QuerySet[Any], model_admin: ModelAdmin[Any], request: HttpRequest) -> Iterator[list[Value]]:
    """
    The rows of the narrowed list, in its order, read as a stream: PostgreSQL keeps the cursor, and related rows come
    with the query or once for a chunk.
    """
    columns = columns_of(model_admin, request)
    if joined := _joined(model_admin, request):
        queryset = queryset.select_related(*joined)
    for instance in queryset.iterator(chunk_size=_CHUNK):
        yield [column.value(instance) for column in columns]


def _names(model_admin: ModelAdmin[Any], request: HttpRequest) -> Sequence[Any]:
    return getattr(model_admin, "export_display", ()) or model_admin.get_list_display(request)


def _column(model_admin: ModelAdmin[Any], item: Any) -> Column:
    if isinstance(item, tuple):
        name, heading = item
        return Column(heading, _column(model_admin, name).value)
    own = _own(model_admin, item)
    if own:
        return Column(_heading(model_admin, item), lambda instance: _plain(own(instance)))
    path = item.split("__") if not item.startswith("__") else [item]
    return Column(_heading(model_admin, item), lambda instance: _value(instance, path))


def _own(model_admin: ModelAdmin[Any], item: Any) -> Callable[[Any], Any] | None:
    """The method of the admin class by this name, unless the model has a field of it."""
    if callable(item):
        return item  # type: ignore[no-any-return]
    if item.startswith("__") or _field(model_admin.model, item):
        return None
    found = getattr(model_admin, item, None)
    return found if callable(found) else None


def _heading(model_admin: ModelAdmin[Any], item: Any) -> str:
    if isinstance(item, str) and (field := _field(model_admin.model, item)):
        return _one_line(str(getattr(field, "verbose_name", item)))
    return _one_line(str(label_for_field(item, model_admin.model, model_admin)))


def _one_line(label: str) -> str:
    return str(capfirst(label.replace("\N{NO-BREAK SPACE}", " ")))


def _field(model: Any, name: str) -> Any:
    """The field at the end of the way; None where it is none."""
    found: Any = None
    for part in name.split("__"):
        if model is None:
            return None
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        model = found.related_model
    return found


def _joined(model_admin: ModelAdmin[Any], request: HttpRequest) -> list[str]:
    """The relations that the columns go over."""
    ways = set()
    for item in _names(model_admin, request):
        name = item[0] if isinstance(item, tuple) else item
        field = _field(model_admin.model, name) if isinstance(name, str) else None
        if field is None:
            continue
        *way, last = name.split("__")
        if field.many_to_one or field.one_to_one:
            way.append(last)
        if way:
            ways.add("__".join(way))
    return sorted(ways)


def _value(instance: Any, path: list[str]) -> Value:
    for part in path[:-1]:
        instance = getattr(instance, part)
        if instance is None:
            return None
    name = path[-1]
    in_words = getattr(instance, f"get_{name}_display", None)
    found = in_words() if in_words else getattr(instance, name)
    return _plain(found() if callable(found) else found)


def _plain(value: Any) -> Value:
    """As it may stand in a cell: typed where a spreadsheet knows the type, else in words and without marks."""
    match value:
        case PhoneNumber():
            return format_phone(value)
        case SafeString():
            return " ".join(html.unescape(strip_tags(value.replace("<", " <"))).split())
        case str():
            return str(value).replace("\N{NO-BREAK SPACE}", " ")
        case None | bool() | int() | float() | Decimal() | date():
            return value
        case list() | tuple() | set():
            return ", ".join(str(_plain(item) or "") for item in value)
    return _plain(str(value))
