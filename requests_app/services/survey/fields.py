"""A question of a survey as a field of a form, and an answer from the form to what is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from requests_app.forms import LongText
from requests_app.services.survey.kinds import MARKS, MAX_TEXT, Kind, in_digits
from requests_app.services.survey.models import Question

_CHOOSE = {"required": "Выберите ответ.", "invalid_choice": "Выберите один из\N{NO-BREAK SPACE}вариантов."}
_WRITE = {"required": "Напишите ответ."}


class Scale(forms.RadioSelect):
    """Marks side by side, with words at both ends."""

    template_name = "requests/survey/scale.html"

    def __init__(self, *, low: str, high: str) -> None:
        super().__init__()
        self.low, self.high = low, high

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"low": self.low, "high": self.high}
        return context


def field_of(question: Question, *, number: int) -> forms.Field:
    """The field for a question, the `number`-th of its survey."""
    common: dict[str, Any] = {
        "label": f"{number}. {question.text}",
        "help_text": question.help_text,
        "required": question.is_required,
    }
    match question.kind:
        case Kind.SCALE | Kind.POINTS:
            scale = Scale(low=question.low_label, high=question.high_label)
            return forms.ChoiceField(choices=_marks(question), widget=scale, error_messages=_CHOOSE, **common)
        case Kind.YES_NO:
            choices = _marks(question)
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=_CHOOSE, **common)
        case Kind.ONE:
            choices = _options(question)
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=_CHOOSE, **common)
        case Kind.SEVERAL:
            common["help_text"] = question.help_text or "Можно отметить несколько"
            return forms.MultipleChoiceField(
                choices=_options(question), widget=forms.CheckboxSelectMultiple, error_messages=_CHOOSE, **common
            )
        case Kind.NUMBER:
            return _number(question, common)
    widget = LongText(attrs={"rows": 4})
    return forms.CharField(max_length=MAX_TEXT, widget=widget, error_messages=_WRITE, **common)


def answer_to(question: Question, cleaned: Any) -> Any:
    """What is stored for a checked value: a number, a text, a list of options; None when there is no answer."""
    if cleaned is None or cleaned in ("", []):
        return None
    if question.takes_options:
        chosen = set(cleaned) if isinstance(cleaned, list) else {cleaned}
        return [option for option in question.options.all() if str(option.pk) in chosen]
    return Decimal(cleaned) if question.kind in MARKS else cleaned


def _number(question: Question, common: dict[str, Any]) -> forms.DecimalField:
    low, high = (in_digits(limit) if limit is not None else "" for limit in (question.minimum, question.maximum))
    words = " ".join(filter(None, [low and f"от\N{NO-BREAK SPACE}{low}", high and f"до\N{NO-BREAK SPACE}{high}"]))
    common["help_text"] = question.help_text or (words and f"Число {words}")
    return forms.DecimalField(
        min_value=question.minimum,
        max_value=question.maximum,
        max_digits=12,
        decimal_places=3,
        localize=True,  # a comma is the Russian point
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "input-short", "autocomplete": "off"}),
        error_messages={"required": "Введите число.", "invalid": "Введите число цифрами, например 12 или 3,5."},
        **common,
    )


def _marks(question: Question) -> list[tuple[str, str]]:
    return [(str(mark), label) for mark, label in MARKS[question.kind].items()]


def _options(question: Question) -> list[tuple[str, str]]:
    return [(str(option.pk), option.label) for option in question.options.all()]
