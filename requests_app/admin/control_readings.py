"""Control readings, remote ones, estimates, those of a new meter: the meter is found, then its values are entered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.reading_pages import ReadingPages
from requests_app.admin.reading_steps import ask_if_unusual, rolled_over_field, zone_fields
from requests_app.admin.supply_search import find_points
from requests_app.models import Meter, Reading, Source, SupplyPoint
from requests_app.reading_windows import first_of, moscow_day, next_month
from requests_app.services.meter_readings.fields import spaced
from requests_app.services.meter_readings.refusals import check_not_future
from requests_app.services.meter_readings.standing import Standing, standings
from requests_app.services.meter_readings.words import month_in_words
from requests_app.supply_keys import serial_key

PROCESS = "requests_app.process_reading"
MOST_FOUND = 20
_SOURCES = [Source.CONTROL, Source.REMOTE, Source.ESTIMATE]
_MONTHS_BACK = 3
_INITIAL = "Начальное: с\N{NO-BREAK SPACE}ним счётчик установлен, расход считаем от\N{NO-BREAK SPACE}него"


class ControlForm(forms.Form):
    """What was read, when, and for which month it counts."""

    taken_on = forms.DateField(
        label="Дата снятия",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-medium"}),
    )
    month = forms.TypedChoiceField(label="За какой месяц", coerce=date.fromisoformat)
    source = forms.ChoiceField(
        label="Откуда показание",
        initial=Source.CONTROL,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Основание",
        max_length=300,
        required=False,
        help_text="Например, номер акта. Потребитель увидит это в\N{NO-BREAK SPACE}истории, если его показание заменено",
    )

    def __init__(self, *args: Any, meter: Meter, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.zones = range(1, meter.zones + 1)
        self.fields.update(zone_fields(meter, {}))
        self.fields["rolled_over"] = rolled_over_field(self.zones)
        self.fields["taken_on"].initial = today
        source: Any = self.fields["source"]
        source.choices = [(source.value, source.label) for source in _SOURCES]
        if not meter.readings.exists():
            source.choices = [*source.choices, (Source.INITIAL.value, _INITIAL)]
        self.fields["month"].initial = first_of(today).isoformat()
        # the next one too: this one may be closed already
        months = [next_month(first_of(today), -back) for back in range(-1, _MONTHS_BACK + 1)]
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (month.isoformat(), month_in_words(month, today=today)) for month in months
        ]
        self.order_fields([*(f"zone_{zone}" for zone in self.zones), "rolled_over", "taken_on", "month"])
        self.meter = meter

    def clean_taken_on(self) -> date:
        day: date = self.cleaned_data["taken_on"]
        check_not_future(day, today=self.today)
        if day.year < 2000:
            raise ValidationError("Проверьте год.", code="too_early")
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            day, month = self.cleaned_data["taken_on"], self.cleaned_data["month"]
            ask_if_unusual(self, self.values, meter=self.meter, month=month, day=day)
        return cleaned

    @property
    def values(self) -> dict[int, Decimal]:
        return {zone: self.cleaned_data[f"zone_{zone}"] for zone in self.zones}


class ControlPages(ReadingPages):
    """The addresses under `…/reading/control/`."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        found = wrap(require_safe(self.control_page))
        entered = wrap(require_http_methods(["GET", "HEAD", "POST"])(self.control_meter_page))
        return [
            path("control/", found, name="requests_app_reading_control"),
            path("control/<int:pk>/", entered, name="requests_app_reading_control_meter"),
            *super().get_urls(),
        ]

    def control_page(self, request: StaffRequest) -> HttpResponse:
        _check_permission(request)
        typed = request.GET.get("q", "").strip()
        context = {"typed": typed, "meters": find_meters(typed) if typed else None}
        return self.draw(request, "admin/requests_app/reading/control.html", "Контрольное показание", context)

    def control_meter_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        _check_permission(request)
        meter = get_object_or_404(Meter.objects.select_related("point"), pk=pk)
        today = moscow_day(timezone.now())
        form = ControlForm(request.POST if request.method == "POST" else None, meter=meter, today=today)
        if form.is_valid():
            given = standings([meter], month=form.cleaned_data["month"])[meter.pk]
            try:
                rows = _record(meter, form, request)
            except actions.ReadingsNotChanged as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Показание записано.{_compared(rows, given)}")
                return redirect("admin:requests_app_reading_change", rows[0].pk)
        standing = standings([meter], month=first_of(today))[meter.pk]
        context = {"meter": meter, "form": form, "standing": standing, "month": first_of(today)}
        return self.draw(
            request, "admin/requests_app/reading/control_meter.html", f"Показание счётчика {meter}", context
        )


def find_meters(typed: str) -> list[Meter]:
    """Those whose number begins so, or that stand at the points that are meant; the first twenty, the removed ones last."""
    if "\0" in typed:
        return []
    points = find_points(SupplyPoint.objects.all(), typed)
    meant = Q(point__in=points.values("pk"))
    if key := serial_key(typed):
        meant |= Q(serial_key__startswith=key)
    found = Meter.objects.filter(meant)
    return list(found.select_related("point").order_by("removed_on", "serial", "pk")[:MOST_FOUND])


def _record(meter: Meter, form: ControlForm, request: StaffRequest) -> list[Reading]:
    answers = form.cleaned_data
    if answers["source"] == Source.INITIAL:  # of no month
        taken_on = answers["taken_on"]
        return actions.record_initial_reading(meter=meter, values=form.values, taken_on=taken_on, by=request.user)
    return actions.record_control_reading(
        meter=meter,
        values=form.values,
        taken_on=answers["taken_on"],
        month=answers["month"],
        by=request.user,
        source=Source(answers["source"]),
        reason=answers["reason"],
        rolled_over=frozenset(map(int, answers["rolled_over"])),
    )


def _compared(rows: list[Reading], given: Standing) -> str:
    """« Было передано 5 100, разница 50.»"""
    parts = [
        f" Было записано {spaced(given.current[row.zone].value)}, разница {spaced(row.value - given.current[row.zone].value)}."
        for row in rows
        if row.zone in given.current
    ]
    return "".join(parts)


def _check_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PROCESS):
        raise PermissionDenied
