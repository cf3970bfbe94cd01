"""
Months that people type and read. `<input type="month">` sends «2026-10»; where a browser draws it as a plain text
field, people write «10.2026». Pure but for the form field at the end.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

_YEAR_FIRST = re.compile(r"([0-9]{4})[-./ ]([0-9]{1,2})")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{4})")
_FIRST_YEAR = 2000  # our rule; an earlier year is a slip of the finger


def read_month(typed: str) -> date | None:
    """«2026-10» or «10.2026» → the first day of the month; None for anything else."""
    text = typed.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif found := _MONTH_FIRST.fullmatch(text):
        year, month = int(found[2]), int(found[1])
    else:
        return None
    return date(year, month, 1) if year >= _FIRST_YEAR and 1 <= month <= 12 else None


def last_day(month: date) -> date:
    """The last day of the month in which `month` lies."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def months_between(first: date, last: date) -> int:
    """How many months a period has that begins in the month of `first` and ends in that of `last`, both counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def month_in_words(month: date) -> str:
    """«октябрь 2026»."""
    return date_format(month, "F Y").lower().replace(" ", "\N{NO-BREAK SPACE}")


def period_in_words(first: date, last: date) -> str:
    """«октябрь 2026», «январь 2025 – октябрь 2026»."""
    if months_between(first, last) == 1:
        return month_in_words(first)
    return f"{month_in_words(first)} – {month_in_words(last)}"


class MonthField(forms.Field):
    """A month; `clean` gives its first day, or None. Raises ValidationError with the code `invalid`."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "month", "class": "input-short"}))
        kwargs.setdefault("help_text", "Месяц и\N{NO-BREAK SPACE}год, например 10.2026")
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        month = read_month(str(value))
        if month is None:
            raise ValidationError("Напишите месяц и год цифрами, например 10.2026.", code="invalid")
        return month
