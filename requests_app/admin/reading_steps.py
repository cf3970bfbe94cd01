"""What the desk asks when readings are corrected, given to a meter, or not accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.admin.forms import StepForm, ask_more
from requests_app.codes import RefusalReason
from requests_app.models import Meter, ServiceRequest, SupplyPoint
from requests_app.models.readings import kind_of
from requests_app.reading_rules import CHECKED_BY_STAFF, Question
from requests_app.reading_windows import first_of, moscow_day, next_month
from requests_app.services.meter_readings import SERVICE
from requests_app.services.meter_readings.fields import MeterValueField, spaced
from requests_app.services.meter_readings.standing import standings, window_for
from requests_app.services.meter_readings.words import month_in_words
from requests_app.supply_keys import serial_key


class CorrectForm(StepForm):
    """The right values of all zones, and why."""

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, service_request=service_request, **kwargs)
        detail: Any = service_request.detail
        meter: Meter | None = detail.meter
        self.zones = range(1, meter.zones + 1 if meter else 1)  # none where the step cannot be taken
        if meter:
            self.fields.update(zone_fields(meter, {row.zone: row.value for row in detail.readings}))
        self.fields["rolled_over"] = rolled_over_field(self.zones)
        self.order_fields([*(f"zone_{zone}" for zone in self.zones), "rolled_over", "comment", "files"])
        self.detail = detail

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.detail.meter and not self.errors:
            values = {zone: self.cleaned_data[f"zone_{zone}"] for zone in self.zones}
            ask_if_unusual(self, values, meter=self.detail.meter, month=self.detail.month, day=self.detail.taken_on)
        return cleaned

    def before(self, service_request: ServiceRequest, *, by: User) -> None:
        actions.put_corrected(
            service_request,
            values={zone: self.cleaned_data[f"zone_{zone}"] for zone in self.zones},
            reason=self.cleaned_data["comment"],
            by=by,
            rolled_over=frozenset(map(int, self.cleaned_data["rolled_over"])),
        )


def zone_fields(meter: Meter, given: Mapping[int, Decimal]) -> dict[str, MeterValueField]:
    """The boxes `zone_1` … for the values of all zones; `given`: zone → what stands there at first."""
    fields = {}
    for zone in range(1, meter.zones + 1):
        label = "Показание" if meter.zones == 1 else f"Показание T{zone}"
        initial = f"{given[zone].normalize():f}" if zone in given else ""
        fields[f"zone_{zone}"] = MeterValueField(kind=kind_of(meter), label=label, initial=initial)
    return fields


def ask_if_unusual(form: Any, values: Mapping[int, Decimal], *, meter: Meter, month: date, day: date) -> None:
    """
    Staff mistype a digit as easily as consumers, and what they write prevails: values that a consumer would be asked
    about are taken with a tick that they are right. Passing zero is said by `rolled_over` of the valid `form`.
    """
    checks = standings([meter], month=month)[meter.pk].check(values, taken_on=day)
    rolled_over = set(map(int, form.cleaned_data["rolled_over"]))
    parts = []
    for zone, checked in checks.items():
        odd = [question for question in checked.questions if question in CHECKED_BY_STAFF]
        if zone in rolled_over and checked.rolled_over is not None:
            odd = [question for question in odd if question != Question.LOWER]
        if odd:
            name = f"T{zone} " if meter.zones > 1 else ""
            parts.append(f"{name}{spaced(checked.value)}: {', '.join(str(question.label) for question in odd)}")
    if parts:
        form.fields["is_sure"] = forms.BooleanField(label="Это не\N{NO-BREAK SPACE}опечатка", required=False)
        if not form.data.get("is_sure"):
            message = f"Проверьте цифры и\N{NO-BREAK SPACE}отметьте, если они верны. {'; '.join(parts)}."
            form.add_error("is_sure", forms.ValidationError(message, code="unusual"))


class MatchForm(StepForm):
    """Which meter was meant, and which month."""

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, service_request=service_request, **kwargs)
        detail: Any = service_request.detail
        self.fields["meter"] = _MeterField(
            typed=detail.typed_serial,
            queryset=_meant(detail.typed_serial, contract=service_request.contract_number),
            label="Счётчик",
            empty_label=None,
            widget=forms.RadioSelect,
            help_text="С\N{NO-BREAK SPACE}номером, который указал заявитель, или по\N{NO-BREAK SPACE}его договору. Если "
            "подходящего нет, сначала добавьте точку поставки",
        )
        meant = window_for(service_request.applicant_legal_form, moscow_day(service_request.submitted_at)).month
        months = [next_month(meant, count) for count in (-1, 0, 1)]
        today = timezone.localdate()
        self.fields["month"] = forms.TypedChoiceField(
            label="За какой месяц",
            choices=[(month.isoformat(), month_in_words(month, today=today)) for month in months],
            initial=meant.isoformat(),
            coerce=date.fromisoformat,
        )
        self.fields["rolled_over"] = rolled_over_field(range(1, len(detail.values) + 1))
        self.order_fields(["meter", "month", "rolled_over", "comment", "files"])
        self.detail = detail

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.detail.is_unknown and not self.errors:
            meter: Meter = self.cleaned_data["meter"]
            values = self.detail.values_on(meter)
            ask_if_unusual(self, values, meter=meter, month=self.cleaned_data["month"], day=self.detail.taken_on)
        return cleaned

    def before(self, service_request: ServiceRequest, *, by: User) -> None:
        actions.put_matched(
            service_request,
            meter=self.cleaned_data["meter"],
            month=first_of(self.cleaned_data["month"]),
            by=by,
            rolled_over=frozenset(map(int, self.cleaned_data["rolled_over"])),
        )


class RefuseForm(StepForm):
    """Readings are refused for what they are: the codes of an appeal do not fit, so the common one is taken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refusal_reason"] = forms.ChoiceField(
            choices=RefusalReason.choices, required=False, widget=forms.HiddenInput, label="Основание"
        )

    def clean_refusal_reason(self) -> str:
        return RefusalReason.OTHER


def _meant(serial: str, *, contract: str) -> QuerySet[Meter]:
    """The meters with this number; and, since a digit is easily mistyped, those that stand where it or the contract is."""
    points = SupplyPoint.objects.meant_by(contract=contract, serial=serial)
    nearby = Q(point__in=points.values("pk"), removed_on=None)
    return Meter.objects.filter(nearby | Q(serial_key=serial_key(serial))).select_related("point")


class _MeterField(forms.ModelChoiceField[Meter]):
    def __init__(self, *args: Any, typed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = serial_key(typed)

    def label_from_instance(self, obj: Meter) -> str:
        words = [str(obj), obj.model, str(obj.point), "" if obj.serial_key == self.typed else "номер другой"]
        return ", ".join(filter(None, words))


def rolled_over_field(zones: range) -> forms.Field:
    return forms.MultipleChoiceField(
        label="Счётчик перешёл через ноль",
        choices=[(str(zone), f"T{zone}" if len(zones) > 1 else "Да") for zone in zones],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


ask_more(SERVICE.slug, "correct", CorrectForm)
ask_more(SERVICE.slug, "match", MatchForm)
ask_more(SERVICE.slug, "refuse", RefuseForm)
