"""Readings for billing: one row for each meter and zone, as a stream, however many there are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import LegalForm
from requests_app.admin.base import StaffRequest
from requests_app.admin.missing_readings import ANY, EXPORT, OF_LEGAL_FORM, month_choices
from requests_app.admin.reading_pages import ReadingPages
from requests_app.models import Meter, Reading, ReadingState, Source
from requests_app.reading_rules import Answer, Question
from requests_app.reading_windows import first_of, moscow_day
from requests_app.table_responses import FORMATS, table_response
from requests_app.tables import Value

logger = logging.getLogger(__name__)

# The names by which billing takes them; no standard says how they are called.
COLUMNS = [
    "период",
    "договор_или_ЛС",
    "ИНН",
    "потребитель",
    "адрес",
    "номер_ПУ",
    "зона",
    "дата_показания",
    "предыдущее",
    "текущее",
    "разность",
    "К",
    "расход_кВтч",
    "источник",
    "признак",
    "номер_обращения",
]
_FIELDS = [
    "period__month",
    "meter__point__contract_number",
    "meter__point__inn",
    "meter__point__consumer_name",
    "meter__point__address",
    "meter__serial",
    "zone",
    "taken_on",
    "previous_value",
    "value",
    "ratio",
    "consumption_kwh",
    "source",
    "question_codes",
    "answer",
    "service_request__number",
]


class ExportForm(forms.Form):
    """Which readings."""

    month = forms.TypedChoiceField(label="Месяц", coerce=date.fromisoformat)
    state = forms.ChoiceField(
        label="Состояние",
        choices=[(state.value, state.label) for state in (ReadingState.ACCEPTED, ReadingState.IN_QUESTION)],
    )
    source = forms.ChoiceField(
        label="Источник",
        choices=[(ANY, "Любой"), *((source.value, source.label) for source in Source if source != Source.INITIAL)],
    )
    legal_form = forms.ChoiceField(label="Потребители", choices=[(ANY, "Все"), *LegalForm.choices])

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = month_choices(today)  # type: ignore[attr-defined]

    def readings(self) -> QuerySet[Reading]:
        """In the order of contracts, addresses and meters. The form is valid."""
        asked = self.cleaned_data
        found = Reading.objects.filter(period__month=asked["month"], state=asked["state"])
        if asked["source"] != ANY:
            found = found.filter(source=asked["source"])
        if asked["legal_form"] != ANY:
            meters = Meter.objects.filter(OF_LEGAL_FORM[LegalForm(asked["legal_form"])])
            found = found.filter(meter__in=meters.values("pk"))
        return found.order_by("meter__point__contract_number", "meter__point", "meter__serial", "meter", "zone")


class ExportPages(ReadingPages):
    """The addresses under `…/reading/export/`."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(require_safe(self.export_page)), name="requests_app_reading_export"),
            path("export/<slug:name>/", wrap(require_safe(self.export_table)), name="requests_app_reading_table"),
            *super().get_urls(),
        ]

    def export_page(self, request: StaffRequest) -> HttpResponse:
        form = _form(request)
        is_valid = form.is_valid()
        context = {
            "form": form,
            "count": form.readings().count() if is_valid else None,
            "query": "&".join(f"{name}={form.data.get(name, '')}" for name in form.fields) if is_valid else "",
            "formats": FORMATS,
        }
        return self.draw(request, "admin/requests_app/reading/export.html", "Выгрузка показаний", context)

    def export_table(self, request: StaffRequest, name: str) -> HttpResponseBase:
        form = _form(request)
        if name not in FORMATS or not form.is_valid():
            raise Http404
        month = form.cleaned_data["month"]
        logger.info("Readings of %s are exported by user %s", month, request.user.pk)
        return table_response(name, name=f"Показания {month:%Y-%m}", header=COLUMNS, rows=_rows(form.readings()))


def _form(request: StaffRequest) -> ExportForm:
    """Of this month's accepted readings until something else is asked for."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    today = moscow_day(timezone.now())
    default = {
        "month": first_of(today).isoformat(),
        "state": ReadingState.ACCEPTED.value,
        "source": ANY,
        "legal_form": ANY,
    }
    return ExportForm({**default, **request.GET.dict()}, today=today)


def _rows(readings: QuerySet[Reading]) -> Iterator[list[Value]]:
    for row in readings.values_list(*_FIELDS).iterator(chunk_size=1000):
        (
            month,
            contract,
            inn,
            name,
            address,
            serial,
            zone,
            day,
            before,
            now,
            ratio,
            used,
            source,
            codes,
            answer,
            number,
        ) = row
        yield [
            f"{month:%Y-%m}",
            contract,
            inn,
            name,
            address,
            serial,
            zone,
            day,
            _short(before),
            _short(now),
            _short(used / ratio if used is not None else None),
            ratio,
            _short(used),
            str(Source(source).label),
            marks(codes, answer).replace("\N{NO-BREAK SPACE}", " "),
            number,
        ]


def marks(codes: str, answer: str) -> str:
    """What was strange about the value, and what the consumer said to it."""
    words = [str(Question(code).label) for code in codes.split(",") if code]
    if answer in (Answer.ROLLOVER, Answer.REPLACED):
        words.append(str(Answer(answer).label))
    return ", ".join(words)


def _short(value: Decimal | None) -> Decimal | None:
    """Without zeros after the comma."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
