"""One zone of a meter as the form draws it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from requests_app.dates import day_in_words
from requests_app.models.readings import Reading, kind_of
from requests_app.models.supply import ZoneLabel
from requests_app.reading_rules import Checked, Question, Usual
from requests_app.services.meter_readings.fields import spaced

_NBSP = "\N{NO-BREAK SPACE}"
_ODD = {Question.LOWER, Question.JUMP, Question.IMPOSSIBLE}


@dataclass(frozen=True)
class ZoneBox:
    """One zone on the page: its box, what stood there before, what is asked about it."""

    number: int
    label: ZoneLabel | None
    field: forms.BoundField
    before: Reading | None
    checked: Checked | None
    answer: forms.BoundField | None
    usual: Usual | None
    today: date

    @property
    def asked(self) -> str:
        """The value that the question is about: an answer to another one does not count."""
        return str(self.checked.value) if self.checked else ""

    @property
    def used(self) -> Decimal | None:
        return self.checked.used if self.checked else None

    @property
    def is_odd(self) -> bool:
        return self.checked is not None and bool(set(self.checked.questions) & _ODD)

    @property
    def usage(self) -> str:
        """«214 кВт·ч с 24 октября, как обычно», once a value was checked; readings.js says the same while typing."""
        if self.before is None or self.checked is None:
            return ""
        if self.checked.used is None:
            return "Меньше прошлого показания"
        since = day_in_words(self.before.taken_on, today=self.today)
        return f"{self._formula()}{spaced(self.checked.used)}{_NBSP}кВт·ч с{_NBSP}{since}{self._compared()}"

    def _formula(self) -> str:
        """Where there is a ratio the result alone would surprise."""
        if self.before is None or self.checked is None or self.before.meter.ratio == 1:
            return ""
        return f"({spaced(self.checked.value)} − {spaced(self.before.value)}) × {self.before.meter.ratio} = "

    def _compared(self) -> str:
        if not self.used:
            return ": расхода не\N{NO-BREAK SPACE}было"
        if self.usual is None:
            return ""
        least, most = self.usual.span(self._days)
        is_usual = not self.is_odd and least <= self.used <= most
        return ", как обычно" if is_usual else f", обычно {_range(self.usual)} за{_NBSP}месяц"

    @property
    def _days(self) -> int:
        return (self.today - self.before.taken_on).days if self.before else 0

    def input(self) -> str:
        """The box, tied to everything that is said about it, with what readings.js needs to count."""
        ids = [f"{self.field.auto_id}_{part}" for part in ("zone", "last", "usage")]
        if self.field.errors:
            ids.insert(2, f"{self.field.auto_id}_error")
        attrs: dict[str, Any] = {"aria-describedby": " ".join(ids)}
        if self.before:
            attrs |= {
                "data-before": f"{self.before.value.normalize():f}",
                "data-ratio": self.before.meter.ratio,
                "data-since": day_in_words(self.before.taken_on, today=self.today),
            }
            if self.usual:
                least, most = self.usual.span(self._days)
                attrs |= {
                    "data-limit": f"{self.usual.limit(self._days):.0f}",
                    "data-usual": _range(self.usual),
                    "data-least": f"{least:.3f}",
                    "data-most": f"{most:.3f}",
                }
        return self.field.as_widget(attrs=attrs)

    @property
    def last(self) -> str:
        """The last value with all its zeros, to stand digit over digit above the box."""
        if self.before is None:
            return ""
        kind = kind_of(self.before.meter)
        whole, _, fraction = f"{self.before.value.normalize():f}".partition(".")
        padded = whole.zfill(kind.digits_before)
        if kind.keeps_fraction:
            fraction = fraction.ljust(kind.digits_after, "0")
        return f"{padded},{fraction}" if fraction else padded


def _range(usual: Usual) -> str:
    """«90–130», rounded: what a month takes."""
    low, high = (spaced(Decimal(round(value))) for value in (usual.low, usual.high))
    return low if low == high else f"{low}–{high}"
