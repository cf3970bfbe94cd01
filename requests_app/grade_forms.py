"""The forms in which answers are judged: by the consumer, and by a second reader."""

from __future__ import annotations

from typing import Any

from django import forms

from requests_app.forms import LongText
from requests_app.models.quality import CRITERIA, MAX_COMMENT, AnswerReview, Grade

_MARKS = [(grade.value, f"{grade.value}\N{NO-BREAK SPACE}— {grade.label}") for grade in Grade]
_YES_NO = [("yes", "Да"), ("no", "Нет")]


def _mark(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=_MARKS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Выберите оценку от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}5.",
            "invalid_choice": "Выберите одну из\N{NO-BREAK SPACE}пяти оценок.",
        },
    )


class GradeForm(forms.Form):
    """How good was the answer?"""

    grade = _mark("Помог ли ответ?")
    grade_comment = forms.CharField(
        label="Что можно было сделать лучше",
        max_length=MAX_COMMENT,
        required=False,
        widget=LongText(attrs={"rows": 3}),
    )

    def values(self) -> dict[str, Any]:
        """For `actions.grade_answer`; the form is valid."""
        return {"grade": self.cleaned_data["grade"], "comment": self.cleaned_data["grade_comment"]}


class ReviewForm(forms.Form):
    """What the second reader says of an answer."""

    mark = _mark("Оценка ответа в\N{NO-BREAK SPACE}целом")
    comment = forms.CharField(
        label="Замечания",
        max_length=MAX_COMMENT,
        required=False,
        widget=LongText(attrs={"rows": 4}),
        help_text="Видят руководители. Имён и\N{NO-BREAK SPACE}адресов заявителей не\N{NO-BREAK SPACE}пишите",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CRITERIA:
            label = str(AnswerReview._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            self.fields[name] = forms.TypedChoiceField(
                label=f"Ответ дан {label}?" if name == "in_time" else f"Ответ: {label}?",
                choices=_YES_NO,
                coerce=lambda answer: answer == "yes",
                empty_value=None,
                widget=forms.RadioSelect,
                error_messages={"required": "Отметьте «да» или\N{NO-BREAK SPACE}«нет»."},
            )
        self.order_fields([*CRITERIA, "mark", "comment"])


def typed(review: AnswerReview) -> dict[str, Any]:
    """What a review says, as the form takes it."""
    words = {True: "yes", False: "no", None: None}
    answers = {name: words[getattr(review, name)] for name in CRITERIA}
    return {**answers, "mark": review.mark, "comment": review.comment}
