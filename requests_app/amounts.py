"""Money and quantities as people type and read them. Pure but for the form field."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


def grouped(value: Decimal, *, places: int | None = None) -> str:
    """«192 318,75»: thousands apart, so many `places` after the comma, or as many as it has."""
    text = f"{value.normalize():,f}" if places is None else f"{value:,.{places}f}"
    return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


class AmountField(forms.DecimalField):
    """
    A number that is not negative: «192 318,75», «192318.75». Raises ValidationError with the code `invalid` for anything
    else, a power of ten or digits of other scripts among them.
    """

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "class": "input-short", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        typed = re.sub(r"\s", "", str(value)).replace(",", ".") if value is not None else ""
        if typed and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", typed):
            raise ValidationError("Напишите число, например 192 318,75.", code="invalid")
        return super().to_python(typed)
