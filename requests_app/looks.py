"""
Which pages of the desk show whose data: each is written into the trail when it is shown, whoever made it.

It goes by what a page was drawn with, not by its address, so that a new page of a request cannot forget to tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from accounts import changes, trail
from accounts.models import Change, ConsentEvent, Consumer, DataView, Look, User
from requests_app.models import AccessGrant, Invoice, Meter, Reading, RequestDetail, ServiceRequest, SupplyPoint

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose data a row is: the page in words, the keys of the consumers' users, the number it goes by."""

    page: str
    consumers: list[int]
    number: str = ""


def subject_of(row: Any) -> Subject | None:
    """None for a row that is of no consumer. A hidden reporter is nobody here."""
    for model, describe in _SUBJECTS.items():
        if isinstance(row, model):
            return describe(row)
    return None


def _request(service_request: ServiceRequest) -> Subject:
    owner = [] if service_request.is_anonymous else _owner(service_request)
    return Subject(page="Заявка", consumers=owner, number=service_request.number)


def _owner(service_request: ServiceRequest) -> list[int]:
    """Nobody's where the applicant has no cabinet: the number alone tells of which request the look was."""
    return [service_request.owner_id] if service_request.owner_id else []


def _user(user: User) -> Subject | None:
    return None if user.is_staff else Subject(page="Пользователь", consumers=[user.pk])


def _point(point_id: int, page: str, number: str) -> Subject:
    users = AccessGrant.objects.filter(point=point_id, status="confirmed").values_list("user", flat=True)
    return Subject(page=page, consumers=list(users), number=number)


_SUBJECTS: dict[type[Model], Callable[[Any], Subject | None]] = {
    ServiceRequest: _request,
    RequestDetail: lambda detail: _request(detail.service_request),
    Consumer: lambda consumer: Subject(page="Карточка потребителя", consumers=[consumer.pk]),
    User: _user,
    ConsentEvent: lambda event: Subject(page="Согласие", consumers=[event.user_id]),
    AccessGrant: lambda grant: Subject(
        page="Доступ к объекту", consumers=[grant.user_id], number=grant.contract_number
    ),
    Invoice: lambda invoice: Subject(
        page="Счёт", consumers=_owner(invoice.service_request), number=invoice.service_request.number
    ),
    SupplyPoint: lambda point: _point(point.pk, "Точка поставки", point.contract_number),
    Meter: lambda meter: _point(meter.point_id, "Прибор учёта", meter.serial),
    Reading: lambda reading: _point(reading.meter.point_id, "Показание", reading.meter.serial),
}
# Under what names pages get the row they show.
_NAMES = ("service_request", "original", "grant", "invoice", "reading", "meter", "consumer")
# Searches that are no list: the page in words, and under what name it gets the rows that were found.
_SEARCHES = {
    "requests_app_servicerequest_register": ("Запись обращения", "found"),
    "requests_app_reading_control": ("Контрольное показание", "meters"),
}
# Pages of many people at once, by address, and what leaves as a table.
_SHEETS = {
    "requests_app_office_day": "Приёмы за день",
    "requests_app_office_displaced": "Приёмы в закрытые дни",
    "requests_app_reading_missing": "Непереданные показания",
    "requests_app_survey_results": "Ответы на опрос",
}
_EXPORTS = {
    "requests_app_reading_table": "Показания",
    "requests_app_reading_missing_table": "Непереданные показания",
    "requests_app_survey_export": "Ответы на опрос",
}
_LIST_EXPORT = "export_list"  # any list of the desk; by what it was narrowed and how many rows went, tells `ExportRun`
_TRAILS: dict[type[Model], str] = {DataView: "Журнал просмотров", Change: "Журнал изменений"}


class TrailMiddleware:
    """Says who changes something, and writes down what staff are shown. Stands behind what knows the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with changes.made_by(request):
            response = self.get_response(request)
        if response.status_code == 200 and request.method == "GET" and (table := _table_of(request)):
            searched = trail.shape_of(request.GET.get("q", ""))
            trail.saw(by=request.user, kind=Look.EXPORT, page=table, number=searched)  # type: ignore[arg-type]  # strangers get no 200
        return response

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """After the page has been drawn: what failed was not seen."""
        user = request.user
        if isinstance(user, User) and user.is_staff and "admin" in _namespaces(request) and response.status_code == 200:
            response.add_post_render_callback(partial(_note, request, user))
        return response


def _note(request: HttpRequest, user: User, response: TemplateResponse) -> None:
    """Whatever goes wrong here, the page is shown."""
    try:
        context: dict[str, Any] = response.context_data or {}
        if "cl" in context:
            _note_list(user, context["cl"])
        elif subject := _subject_of_page(context):
            trail.saw(by=user, kind=Look.PAGE, page=subject.page, consumers=subject.consumers, number=subject.number)
        elif page := _SHEETS.get(_address(request)):
            trail.saw(by=user, kind=Look.PAGE, page=page)
        elif search := _SEARCHES.get(_address(request)):
            _note_search(request, user, search[0], context.get(search[1]))
    except Exception:
        logger.exception("A look of user %s could not be written down", user.pk)


def _subject_of_page(context: dict[str, Any]) -> Subject | None:
    rows = (context.get(name) for name in _NAMES)
    return next((subject for row in rows if row is not None and (subject := subject_of(row))), None)


def _note_list(user: User, changelist: Any) -> None:
    """A search, with how many it has found and whose they are when that is one consumer; and a look at the trail."""
    if page := _TRAILS.get(changelist.model):
        chosen = str(changelist.params.get("consumer", "") or changelist.filter_params.get("consumer", [""])[0])
        consumers = User.objects.filter(pk=int(chosen)).values_list("pk", flat=True) if chosen.isdecimal() else []
        trail.saw(
            by=user, kind=Look.PAGE, page=page, consumers=list(consumers), number=trail.shape_of(changelist.query)
        )
    elif changelist.query and issubclass(changelist.model, tuple(_SUBJECTS)):
        trail.saw(
            by=user,
            kind=Look.SEARCH,
            page=str(changelist.opts.verbose_name_plural).capitalize(),
            consumers=_only_one(changelist.result_list),
            number=trail.shape_of(changelist.query),
            count=changelist.result_count,
        )


def _note_search(request: HttpRequest, user: User, page: str, found: Any) -> None:
    if found is None:
        return
    rows = list(found)
    term = trail.shape_of(request.GET.get("q", ""))
    trail.saw(by=user, kind=Look.SEARCH, page=page, consumers=_only_one(rows), number=term, count=len(rows))


def _only_one(rows: Iterable[Any]) -> list[int]:
    """Points are left out: whose they are is a query for each."""
    found = {
        key
        for row in rows
        if not isinstance(row, SupplyPoint | Meter | Reading) and (subject := subject_of(row))
        for key in subject.consumers
    }
    return list(found) if len(found) == 1 else []


def _table_of(request: HttpRequest) -> str:
    """What the table that goes out is called; empty where none does."""
    match = request.resolver_match
    if match and match.url_name == _LIST_EXPORT:
        model = apps.get_model(match.kwargs["app_label"], match.kwargs["model"])
        return str(capfirst(model._meta.verbose_name_plural))
    return _EXPORTS.get(_address(request), "")


def _address(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def _namespaces(request: HttpRequest) -> list[str]:
    return request.resolver_match.namespaces if request.resolver_match else []
