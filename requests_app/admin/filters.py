"""What the list of requests can be narrowed by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from requests_app import services
from requests_app.admin.words import colleague
from requests_app.colleagues import processing_staff
from requests_app.lifecycle import APPEAL, Status
from requests_app.models import ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.terms import next_working_day

IN_A_ROW = "admin/requests_app/filter.html"
_LONGEST_KEY = 18  # digits of a key that the database can hold


class BarFilter(admin.SimpleListFilter):
    """One of the row above the list."""

    template = IN_A_ROW


class ChoiceFilter(admin.ChoicesFieldListFilter):
    template = IN_A_ROW


class TickFilter(admin.BooleanFieldListFilter):
    template = IN_A_ROW


class StatusFilter(BarFilter):
    title = "статус"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Открытые"), *((status.value, APPEAL.staff_label(status)) for status in Status)]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        requests: ServiceRequestQuerySet = queryset
        if self.value() == "open":
            return requests.open()
        return requests.filter(status=self.value()) if self.value() else requests


class ServiceFilter(BarFilter):
    title = "услуга"
    parameter_name = "service"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = services.seen_by(request.user)
        return [(slug, noun) for slug, noun in services.choices() if slug in seen]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        requests: ServiceRequestQuerySet = queryset
        return requests.filter(service=self.value()) if self.value() else requests


class AssigneeFilter(BarFilter):
    title = "исполнитель"
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(str(user.pk), colleague(user)) for user in processing_staff() if user != request.user]
        left = self._left(besides={str(request.user.pk), *dict(others)})
        return [("me", "Мои"), ("nobody", "Без исполнителя"), *others, *left]

    def _left(self, *, besides: set[str]) -> list[tuple[str, str]]:
        """Whom the address names and who handles requests no more: what they have still to do must be found."""
        key = self.value() or ""
        if key in besides or not (key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY):
            return []
        theirs = ServiceRequest.objects.filter(assignee=OuterRef("pk"))
        found = User.objects.filter(Exists(theirs), pk=int(key))
        return [(key, f"{colleague(user)} (больше не\N{NO-BREAK SPACE}обрабатывает заявки)") for user in found]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        requests: ServiceRequestQuerySet = queryset
        match self.value():
            case "me":
                return requests.filter(assignee=request.user.pk)
            case "nobody":
                return requests.filter(assignee=None)
            case str(key) if key in dict(self.lookup_choices):
                return requests.filter(assignee=int(key))
        return requests


class DueFilter(BarFilter):
    """Of the open requests; the list then begins with what is due first. Tomorrow is the next working day."""

    title = "срок"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", "Просрочено"), ("tomorrow", "Сегодня и завтра"), ("week", "Ближайшие 7 дней")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[ServiceRequest]:
        requests: ServiceRequestQuerySet = queryset
        today = timezone.localdate()
        match self.value():
            case "late":
                return requests.overdue(on=today)
            case "tomorrow":
                return requests.due_by(next_working_day(today), on=today)
            case "week":
                return requests.due_by(today + timedelta(days=7), on=today)
        return requests
