"""The list of readings, the page of one, and decisions about one meter of a table: GET shows, POST acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.access import ReasonForm
from requests_app.admin.base import StaffRequest
from requests_app.admin.control_readings import ControlPages
from requests_app.admin.filters import ChoiceFilter
from requests_app.admin.missing_readings import MissingPages
from requests_app.admin.reading_export import ExportPages, marks
from requests_app.admin.reading_lists import SEARCH_HELP, MonthFilter, find_readings
from requests_app.admin.reading_steps import ask_if_unusual, rolled_over_field, zone_fields
from requests_app.admin.words import colleague
from requests_app.lifecycle import Actor
from requests_app.models import Reading, ReadingState, ServiceRequest
from requests_app.services.meter_readings.detail import MeterReadings
from requests_app.services.meter_readings.fields import spaced

PROCESS = "requests_app.process_reading"


class AcceptForm(forms.Form):
    """Nothing to fill in: the button is the decision."""


class CorrectForm(ReasonForm):
    """The right values of all zones, and why."""

    def __init__(self, *args: Any, readings: list[Reading], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meter = readings[0].meter
        self.zones = range(1, meter.zones + 1)
        self.fields.update(zone_fields(meter, {row.zone: row.value for row in readings}))
        self.fields["rolled_over"] = rolled_over_field(self.zones)
        self.order_fields([*(f"zone_{zone}" for zone in self.zones), "rolled_over", "reason"])
        self.reading = readings[0]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        row = self.reading
        if row.period and not self.errors:
            ask_if_unusual(self, self.values, meter=row.meter, month=row.period.month, day=row.taken_on)
        return cleaned

    @property
    def values(self) -> dict[int, Decimal]:
        return {zone: self.cleaned_data[f"zone_{zone}"] for zone in self.zones}

    @property
    def rolled_over(self) -> frozenset[int]:
        return frozenset(map(int, self.cleaned_data["rolled_over"]))


@dataclass(frozen=True, kw_only=True)
class Decision:
    button: str
    done: str
    is_bad: bool = False


DECISIONS = {
    "accept": Decision(button="Принять", done="Показания приняты."),
    "correct": Decision(
        button="Исправить и\N{NO-BREAK SPACE}принять", done="Показания исправлены и\N{NO-BREAK SPACE}приняты."
    ),
    "reject": Decision(
        button="Не\N{NO-BREAK SPACE}принять", done="Показания не\N{NO-BREAK SPACE}приняты.", is_bad=True
    ),
}


@admin.register(Reading)
class ReadingAdmin(ControlPages, MissingPages, ExportPages):
    list_display = [
        "meter_column",
        "contract",
        "month",
        "before",
        "now",
        "used",
        "source",
        "state_column",
        "number",
    ]
    list_filter = [MonthFilter, ("state", ChoiceFilter), ("source", ChoiceFilter)]
    list_select_related = ["meter__point", "period", "service_request"]
    search_fields = ["pk"]  # shows the box; what a term is compared with: `find_readings`
    search_help_text = SEARCH_HELP
    fields = ["value"]  # the page is drawn by its own template
    export_display = [
        "month",
        "contract",
        ("meter__point__consumer_name", "Потребитель по договору"),
        "meter__point__address",
        ("meter__serial", "Прибор учёта"),
        "zone",
        "taken_on",
        "previous_value",
        "value",
        "ratio",
        "consumption_kwh",
        "source",
        "state",
        "recorded_at",
        "correction_reason",
        "decision_reason",
        ("service_request__number", "Заявка"),
    ]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Newest first; of those in question the one that has waited longest."""
        return ["pk"] if request.GET.get("state__exact") == ReadingState.IN_QUESTION else ["-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Reading], search_term: str
    ) -> tuple[QuerySet[Reading], bool]:
        return (find_readings(queryset, search_term) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        own = []
        for name in DECISIONS:
            view = require_http_methods(["GET", "HEAD", "POST"])(partial(self.decision_page, name=name))
            own.append(path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"requests_app_reading_{name}"))
        return [*own, *super().get_urls()]

    def decision_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        reading = self._found(request, pk)
        form = _form(name, reading, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                _ACTIONS[name](reading, form, by=request.user)
            except actions.ReadingsNotChanged as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, DECISIONS[name].done)
                return redirect("admin:requests_app_reading_change", reading.pk)
        reading.refresh_from_db()
        context = {"decision": DECISIONS[name], "form": form, "is_possible": reading.state == ReadingState.IN_QUESTION}
        return self.draw(
            request, "admin/requests_app/reading/decision.html", DECISIONS[name].button, {**context, **page_of(reading)}
        )

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        reading: Reading = context["original"]
        steps = self._steps(request, reading)
        context |= {
            "title": f"Показание счётчика {reading.meter}",
            "subtitle": None,
            "steps": steps,
            **page_of(reading),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _steps(self, request: StaffRequest, reading: Reading) -> list[tuple[str, str, bool]]:
        """(address, label, is it bad news) of what may be decided: about this meter of a table, or the whole request."""
        if reading.state != ReadingState.IN_QUESTION or not request.user.has_perm(PROCESS):
            return []
        if reading.service_request and not _is_of_table(reading):
            steps = actions.available_transitions(reading.service_request, by=request.user)
            address = "admin:requests_app_servicerequest_transition"
            return [
                (reverse(address, args=[reading.service_request_id, step.name]), step.label, step.name == "refuse")
                for step in steps
                if step.actor == Actor.STAFF
            ]
        return [
            (reverse(f"admin:requests_app_reading_{name}", args=[reading.pk]), decision.button, decision.is_bad)
            for name, decision in DECISIONS.items()
        ]

    def _found(self, request: StaffRequest, pk: int) -> Reading:
        """A reading of a table, in whatever state; 403 for whoever may look and not decide."""
        if not self.has_view_permission(request) or not request.user.has_perm(PROCESS):
            raise PermissionDenied
        reading = self.get_object(request, str(pk))
        if reading is None:
            raise Http404
        if not _is_of_table(reading):
            raise Http404
        return reading

    @admin.display(description="счётчик")
    def meter_column(self, reading: Reading) -> str:
        zone = f", T{reading.zone}" if reading.meter.zones > 1 else ""
        return f"{reading.meter}{zone}"

    @admin.display(description="договор")
    def contract(self, reading: Reading) -> str:
        return reading.meter.point.contract_number

    @admin.display(description="месяц")
    def month(self, reading: Reading) -> str:
        return str(reading.period or "—")

    @admin.display(description="было")
    def before(self, reading: Reading) -> str:
        return spaced(reading.previous_value) if reading.previous_value is not None else "—"

    @admin.display(description="стало")
    def now(self, reading: Reading) -> str:
        return spaced(reading.value)

    @admin.display(description="кВт·ч")
    def used(self, reading: Reading) -> str:
        if reading.consumption_kwh is None:
            return "—"
        times = f" (× {reading.ratio})" if reading.ratio > 1 else ""
        return f"{spaced(reading.consumption_kwh)}{times}"

    @admin.display(description="состояние")
    def state_column(self, reading: Reading) -> str:
        """With what is strange about the value, by which staff choose what to look at first."""
        return format_html("{} <small>{}</small>", state_badge(reading), marks(reading.question_codes, reading.answer))

    @admin.display(description="заявка")
    def number(self, reading: Reading) -> str:
        return reading.service_request.number if reading.service_request else "—"


_MARKS = {
    ReadingState.ACCEPTED: "closed",
    ReadingState.IN_QUESTION: "in_progress",
    ReadingState.REJECTED: "refused",
    ReadingState.SUPERSEDED: "withdrawn",
    ReadingState.WITHDRAWN: "withdrawn",
}


def _is_of_table(reading: Reading) -> bool:
    """Was it sent together with other meters, so that each of them is decided about alone?"""
    detail = reading.service_request.detail if reading.service_request else None
    return isinstance(detail, MeterReadings) and detail.is_sheet


def state_badge(reading: Reading) -> str:
    mark = _MARKS[ReadingState(reading.state)]
    return format_html('<span class="status" data-status="{}">{}</span>', mark, reading.get_state_display())


def page_of(reading: Reading) -> dict[str, Any]:
    """All zones given together with this one, and whatever else was given for the same month."""
    month = Reading.objects.filter(meter=reading.meter_id, period=reading.period_id)
    month = month.select_related("service_request", "recorded_by", "decided_by", "meter__point", "period")
    together = month.filter(service_request=reading.service_request_id, recorded_at=reading.recorded_at)
    if reading.service_request_id:
        together = month.filter(service_request=reading.service_request_id)
    rows = list(together.order_by("zone", "pk"))
    others = [row for row in month.order_by("-recorded_at", "zone") if row not in rows] if reading.period_id else []
    ours = {row.zone: row.value for row in rows if row.is_current or row.pk == reading.pk}
    service_request: ServiceRequest | None = reading.service_request
    return {
        "reading": reading,
        "rows": rows,
        "others": [(other, other.value - ours[other.zone]) for other in others if other.zone in ours],
        "badge": state_badge(reading),
        "recorded_by": colleague(reading.recorded_by) if reading.recorded_by.is_staff else "потребитель",
        "decided_by": colleague(reading.decided_by) if reading.decided_by else "",
        "service_request": service_request,
        "files": service_request.attachments.filter(message=None) if service_request else [],
    }


def _form(name: str, reading: Reading, sent: Any) -> forms.Form:
    if name == "accept":
        return AcceptForm(sent)
    if name == "reject":
        return ReasonForm(sent)
    same = Reading.objects.filter(service_request=reading.service_request_id, meter=reading.meter_id)
    return CorrectForm(sent, readings=list(same.select_related("meter__point", "period").order_by("pk")))


def _accept(reading: Reading, form: forms.Form, *, by: Any) -> None:
    actions.accept_meter(_request_of(reading), meter=reading.meter, by=by)


def _reject(reading: Reading, form: forms.Form, *, by: Any) -> None:
    actions.reject_meter(_request_of(reading), meter=reading.meter, reason=form.cleaned_data["reason"], by=by)


def _correct(reading: Reading, form: CorrectForm, *, by: Any) -> None:
    actions.correct_meter(
        _request_of(reading),
        meter=reading.meter,
        values=form.values,
        reason=form.cleaned_data["reason"],
        rolled_over=form.rolled_over,
        by=by,
    )


def _request_of(reading: Reading) -> ServiceRequest:
    if reading.service_request is None:
        raise ValueError("Only readings that were sent are decided about")
    return reading.service_request


_ACTIONS: dict[str, Callable[..., None]] = {"accept": _accept, "reject": _reject, "correct": _correct}
