"""The one answer that is a place and a time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import OpenTime, read_slot


class SlotPicker(forms.TextInput):
    """Drawn by `requests/appointment/_picker.html`, as a group of radio buttons."""

    use_fieldset = True


class SlotField(forms.Field):
    """
    «1@2026-11-26T10:20», as the page sends it, becomes an `OpenTime`. Whether it is free is not asked here: that is
    known only while the office is locked.
    """

    widget = SlotPicker
    default_error_messages = {
        "required": "Выберите день и\N{NO-BREAK SPACE}время.",
        "invalid": "Выберите время из\N{NO-BREAK SPACE}показанных.",
    }

    def clean(self, value: Any) -> OpenTime:
        if value in self.empty_values:
            raise ValidationError(self.error_messages["required"], code="required")
        sent = read_slot(str(value))
        office = Office.objects.booking().filter(pk=sent[0]).first() if sent else None
        if sent is None or office is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return OpenTime(office, sent[1])
