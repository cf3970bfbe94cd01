"""The box into which a reading is typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from requests_app.reading_rules import MeterKind, ReadingRefused, parse

_WIDEST = 9  # drums that fit on a phone


class MeterValueField(forms.Field):
    """
    The value of one zone, typed as people like; `clean` gives a Decimal. `was_cut` tells whether digits after the comma
    were left out.
    """

    def __init__(self, *, kind: MeterKind, **kwargs: Any) -> None:
        mode = "decimal" if kind.keeps_fraction else "numeric"
        digits = kind.digits_before + (1 + kind.digits_after if kind.keeps_fraction else 0)
        attrs = {"class": "meter-input", "inputmode": mode, "autocomplete": "off", "data-digits": min(digits, _WIDEST)}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)
        self.kind = kind
        self.was_cut = False

    def clean(self, value: Any) -> Decimal | None:
        text = str(value or "")
        if not self.required and not text.strip():
            return None
        try:
            typed = parse(text, self.kind)
        except ReadingRefused as refused:
            raise ValidationError(refused.message, code=refused.problem) from refused
        self.was_cut = typed.was_cut
        return typed.value


def spaced(value: Decimal) -> str:
    """«18 646», «1 234,5»: a number as people read it."""
    return f"{value.normalize():,f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
