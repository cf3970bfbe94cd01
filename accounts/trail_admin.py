"""The trail at the desk: who has seen whose data, and who has changed what. Nobody adds, changes or removes here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import snils
from accounts.identifiers import looks_like_identifier, normalise
from accounts.models import Change, Consumer, DataView, User
from accounts.trail import REQUEST_NUMBER
from rsmportal.desk_admin import ReadOnlyAdmin
from rsmportal.tracked import TRACKED

IN_A_ROW = "admin/requests_app/filter.html"
_MOST_COUNTED = 10_000
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([12][0-9]{3})")  # at the ends of the calendar no clock can be asked


class CappedPaginator(Paginator[Any]):
    """Counts ten thousand rows and no more: who looks for one look in millions narrows the list."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:_MOST_COUNTED].count())


class _BarFilter(admin.SimpleListFilter):
    template = IN_A_ROW


class KindFilter(admin.ChoicesFieldListFilter):
    template = IN_A_ROW


class ColleagueFilter(_BarFilter):
    """By key, so that one who has left is found too."""

    title = "сотрудник"
    parameter_name = "colleague"
    field = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("name", "email")
        return [(str(pk), name or email) for pk, name, email in staff.values_list("pk", "name", "email")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(**{f"{self.field}_id": int(chosen)}) if _is_key(chosen) else queryset.none()


class ActorFilter(ColleagueFilter):
    field = "actor"


class ConsumerFilter(_BarFilter):
    """Nothing to choose from, there are too many: the consumer's card leads here."""

    title = "потребитель"
    parameter_name = "consumer"

    def __init__(self, request: HttpRequest, params: dict[str, Any], *args: Any) -> None:
        self.chosen = params.get("consumer", [""])[-1]
        super().__init__(request, params, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not self.chosen:
            return []
        user = (
            User.objects.filter(pk=int(self.chosen)).select_related("consumer").first()
            if _is_key(self.chosen)
            else None
        )
        return [(self.chosen, user.display_name if user else "не\N{NO-BREAK SPACE}найден")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DataView]) -> QuerySet[DataView]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(consumer_id=int(chosen)) if _is_key(chosen) else queryset.none()


class DaysFilter(_BarFilter):
    title = "когда"
    parameter_name = "days"
    field = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Сегодня"), ("7", "7 дней"), ("30", "30 дней"), ("365", "Год")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return queryset
        first = timezone.localdate() - timedelta(days=int(str(chosen)) - 1)
        return queryset.filter(**{f"{self.field}__gte": _start(first)})


class TimestampFilter(DaysFilter):
    field = "timestamp"


class _Trail(ReadOnlyAdmin[Any]):
    """Quick at millions of rows, which are counted up to a limit."""

    change_list_template = "admin/requests_app/change_list.html"
    list_display_links = None
    paginator = CappedPaginator


@admin.register(DataView)
class DataViewAdmin(_Trail):
    list_display = ["at", "who", "kind", "where", "what", "whose"]
    list_filter = [("kind", KindFilter), ColleagueFilter, DaysFilter, ConsumerFilter]
    list_select_related = ["by", "consumer__consumer"]
    ordering = ["-at", "-pk"]
    search_fields = ["number"]  # shows the box; what a term is compared with: `get_search_results`
    search_help_text = "Номер заявки, день (24.11.2026), email сотрудника или потребителя, ИНН, ОГРН, СНИЛС — целиком"
    fields = ["at", "who", "kind", "page", "number", "whose", "count", "reason"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DataView], search_term: str
    ) -> tuple[QuerySet[DataView], bool]:
        return (_looks(queryset, search_term.strip()) if search_term.strip() else queryset), False

    @admin.display(description="кто")
    def who(self, look: DataView) -> SafeString:
        return _only("colleague", look.by_id, look.by.name or look.by.email)

    @admin.display(description="где")
    def where(self, look: DataView) -> SafeString | str:
        return format_html("{} <small>{}</small>", look.page, look.reason) if look.reason else look.page

    @admin.display(description="номер или запрос")
    def what(self, look: DataView) -> str:
        rows = "" if look.count is None else f"записей: {look.count}"
        return ", ".join(filter(None, [look.number, rows])) or "—"

    @admin.display(description="чьи данные")
    def whose(self, look: DataView) -> SafeString | str:
        return _only("consumer", look.consumer.pk, look.consumer.display_name) if look.consumer else "—"


def _only(parameter: str, key: int, name: str) -> SafeString:
    """A link to the looks of this one alone."""
    address = reverse("admin:accounts_dataview_changelist")
    return format_html('<a href="{}?{}={}">{}</a>', address, parameter, key, name)


def _looks(looks: QuerySet[DataView], term: str) -> QuerySet[DataView]:
    """By what the term looks like; persons are looked up first, so that the log is asked by its own columns."""
    if REQUEST_NUMBER.fullmatch(term):
        return looks.filter(number=term)
    if day := _day(term):
        return looks.filter(at__gte=_start(day), at__lt=_start(day + timedelta(days=1)))
    if "@" in term:
        keys = list(User.objects.filter(email=term.lower()).values_list("pk", flat=True))
        return looks.filter(Q(by__in=keys) | Q(consumer__in=keys))
    digits = normalise(term)
    if not digits.isascii() or not digits.isdigit():
        return looks.none()
    claims = Q(inn=digits) | Q(ogrn=digits) | Q(ogrnip=digits)
    if looks_like_identifier(digits) == "snils":
        claims = Q(snils_hash=snils.lookup_hash(digits))
    return looks.filter(consumer__in=list(Consumer.objects.filter(claims).values_list("pk", flat=True)))


class ModelFilter(_BarFilter):
    title = "что"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        labels = [each if isinstance(each, str) else each["model"] for each in TRACKED]
        kinds = [ContentType.objects.get_by_natural_key(*label.lower().split(".")) for label in labels]
        return sorted(((str(kind.pk), kind.name.capitalize()) for kind in kinds), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(content_type=int(chosen)) if _is_key(chosen) else queryset.none()


@admin.register(Change)
class ChangeAdmin(_Trail):
    list_display = ["when", "who", "action_column", "what", "changes_column"]
    list_filter = [ModelFilter, ActorFilter, TimestampFilter]
    list_select_related = ["actor", "content_type"]
    ordering = ["-timestamp", "-pk"]
    fields = ["when", "who", "action_column", "what", "changes_column"]

    @admin.display(description="когда")
    def when(self, change: Change) -> datetime:
        at: datetime = change.timestamp
        return at

    @admin.display(description="кто")
    def who(self, change: Change) -> str:
        if change.actor is None:
            return "система"
        return (change.actor.name or change.actor.email) if change.actor.is_staff else "потребитель"

    @admin.display(description="действие")
    def action_column(self, change: Change) -> str:
        names = {Change.Action.CREATE: "добавлено", Change.Action.UPDATE: "изменено", Change.Action.DELETE: "удалено"}
        return names.get(change.action, "—")

    @admin.display(description="что")
    def what(self, change: Change) -> str:
        name = change.content_type.name
        text = change.object_repr if change.object_repr.startswith(name) else f"{name}: {change.object_repr}"
        return text[:1].upper() + text[1:]

    @admin.display(description="было → стало")
    def changes_column(self, change: Change) -> SafeString:
        lines = list(_lines(change))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines)) if lines else format_html("—")


def _lines(change: Change) -> Iterator[tuple[str, str]]:
    """The name of each column that somebody fills and what became of it, unless it was and is empty."""
    model = change.content_type.model_class()
    for name, values in sorted((change.changes or {}).items()):
        field = _field(model, name)
        if field and field.auto_created:  # a key, rows of another model
            continue
        text = _of_many(values) if isinstance(values, dict) else _became([_value(field, value) for value in values])
        if text:
            yield (str(field.verbose_name) if field else name), text


def _field(model: Any, name: str) -> Any:
    """None for a model or a field of an earlier version."""
    try:
        return model._meta.get_field(name)
    except (AttributeError, FieldDoesNotExist):
        return None


def _of_many(values: dict[str, Any]) -> str:
    word = "добавлено" if values.get("operation") == "add" else "убрано"
    return f"{word}\N{NO-BREAK SPACE}— {', '.join(map(str, values.get('objects', [])))}"


def _became(values: list[str]) -> str:
    return f"{values[0] or 'пусто'} → {values[1] or 'пусто'}" if any(values) else ""


def _value(field: Any, stored: str) -> str:
    """As a person would write it; django-auditlog keeps every value as a text, moments in UTC."""
    if stored in ("", "None"):
        return ""
    if field is None:
        return stored
    if field.is_relation:
        return f"№\N{NO-BREAK SPACE}{stored}"
    names = {str(key): str(name) for key, name in field.flatchoices}
    return names.get(stored) or _plain(field, stored)


def _plain(field: Any, stored: str) -> str:
    try:
        value = field.to_python(stored)
    except ValidationError:
        return stored
    match value:
        case bool():
            return "да" if value else "нет"
        case datetime():
            return date_format(timezone.localtime(value.replace(tzinfo=UTC)), "d.m.Y H:i")
        case date():
            return date_format(value, "d.m.Y")
        case time():
            return f"{value:%H:%M}"
    return stored


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _day(term: str) -> date | None:
    day = _DAY.fullmatch(term)
    try:
        return date(*map(int, reversed(day.groups()))) if day else None
    except ValueError:
        return None
