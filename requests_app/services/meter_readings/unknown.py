"""The form for a meter that is not confirmed as the consumer's: words for staff, looked up by nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from requests_app.codes import Category
from requests_app.models.detail import RequestDetail
from requests_app.models.request import ServiceRequest
from requests_app.reading_rules import MeterKind
from requests_app.reading_windows import moscow_day
from requests_app.services.base import ServiceForm
from requests_app.services.meter_readings.detail import SEPARATOR, MeterReadings
from requests_app.services.meter_readings.fields import MeterValueField
from requests_app.services.meter_readings.refusals import check_not_future, check_not_old
from requests_app.supply_keys import serial_key

_WIDEST = MeterKind(digits_before=9, digits_after=3, zones=3, ratio=2)  # nothing is known, so everything is kept


class UnknownMeterForm(ServiceForm):
    """
    Nothing is looked up here: the answer is the same whether there is such a meter or not, and no reading is recorded
    until staff have found it.
    """

    common: ClassVar[list[str]] = ["object_address", "contract_number", "files"]
    subject_field: ClassVar[str] = "typed_serial"

    typed_serial = forms.CharField(
        label="Номер счётчика",
        max_length=40,
        help_text="Заводской, с\N{NO-BREAK SPACE}лицевой панели",
        widget=forms.TextInput(attrs={"class": "input-digits input-medium", "autocomplete": "off"}),
    )

    class Meta:
        model = MeterReadings
        fields = ["taken_on"]
        widgets = {"taken_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-medium"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = moscow_day(timezone.now())
        for zone, label in ((1, "Показание, или\N{NO-BREAK SPACE}T1"), (2, "T2, если есть"), (3, "T3, если есть")):
            self.fields[f"zone_{zone}"] = MeterValueField(kind=_WIDEST, label=label, required=zone == 1)
        self.fields["taken_on"].initial = self.day
        self.fields["object_address"].required = True
        self.fields["object_address"].help_text = "Где стоит счётчик"
        self.fields["contract_number"].help_text = "Если он у\N{NO-BREAK SPACE}вас под рукой"
        self.fields["files"].label = "Фото счётчика"
        self.fields["files"].help_text = "Чтобы были видны номер и\N{NO-BREAK SPACE}цифры"
        self.fields["files"].widget.attrs["accept"] = "image/*"
        zones = ["zone_1", "zone_2", "zone_3"]
        self.order_fields(["typed_serial", "object_address", "contract_number", *zones, "files", "taken_on"])

    def clean_typed_serial(self) -> str:
        typed = " ".join(str(self.cleaned_data["typed_serial"]).split())
        if not serial_key(typed):
            raise ValidationError("Напишите номер счётчика: в\N{NO-BREAK SPACE}нём есть цифры.", code="no_digits")
        return typed

    def clean_taken_on(self) -> date:
        day: date = self.cleaned_data["taken_on"]
        check_not_future(day, today=self.day)
        check_not_old(day, today=self.day)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("zone_3") is not None and cleaned.get("zone_2") is None:
            self.require("zone_2", "Введите и\N{NO-BREAK SPACE}T2.")
        return cleaned

    def subject(self) -> str:
        return f"счётчик № {self.cleaned_data['typed_serial']}"

    def category(self) -> Category:
        return Category.APPEAL_METERING

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        values = [self.cleaned_data.get(f"zone_{zone}") for zone in (1, 2, 3)]
        self.instance.typed_serial = self.cleaned_data["typed_serial"]
        self.instance.typed_values = SEPARATOR.join(f"{value.normalize():f}" for value in values if value is not None)
        return super().save_detail(service_request)
