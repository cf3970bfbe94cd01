"""The one answer that is a place and a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.picker import is_of_another_day
from requests_app.services.appointment.schedule import OpenTime, read_slot

ANOTHER_DAY = "another day"


class SlotPicker(forms.TextInput):
    """Drawn by `requests/appointment/_picker.html`, as a group of radio buttons."""

    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return ANOTHER_DAY if is_of_another_day(data) else super().value_from_datadict(data, files, name)


class SlotField(forms.Field):
    """
    «1@2026-11-26T10:20», as the page sends it, becomes an `OpenTime`. Whether it is free is not asked here: that is
    known only while the office is locked.
    """

    widget = SlotPicker
    default_error_messages = {
        "required": "Выберите день и\N{NO-BREAK SPACE}время.",
        "invalid": "Выберите время из\N{NO-BREAK SPACE}показанных.",
        "another_day": "Вы\N{NO-BREAK SPACE}выбрали другой день или\N{NO-BREAK SPACE}офис. Выберите время: оно показано ниже.",
    }

    def clean(self, value: Any) -> OpenTime:
        if value in self.empty_values:
            raise ValidationError(self.error_messages["required"], code="required")
        if value == ANOTHER_DAY:
            raise ValidationError(self.error_messages["another_day"], code="another_day")
        sent = read_slot(str(value))
        office = Office.objects.booking().filter(pk=sent[0]).first() if sent else None
        if sent is None or office is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return OpenTime(office, sent[1])
