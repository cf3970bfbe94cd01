"""What a survey still lacks before consumers may see it, and how one becomes the pattern of another."""

from __future__ import annotations

from datetime import date, timedelta

from requests_app.services.survey.models import FIELD_OF, Option, Question, Survey

_COPIED = ["purpose", "is_anonymous", "used_service", "used_since", *FIELD_OF.values()]
_OF_A_QUESTION = [
    "order",
    "kind",
    "text",
    "help_text",
    "is_required",
    "low_label",
    "high_label",
    "minimum",
    "maximum",
]


def problems(survey: Survey, questions: list[Question], *, today: date) -> list[str]:
    """Why it cannot be published, in sentences for staff; nothing when it can."""
    found = []
    if not questions:
        found.append("В опросе нет вопросов. Добавьте хотя бы один.")
    for number, question in enumerate(questions, start=1):
        if question.takes_options and len(question.options.all()) < 2:
            found.append(f"Вопрос {number}: нужно хотя бы два варианта ответа.")
    if survey.closes_on < today:
        found.append("Последний день уже прошёл. Измените период.")
    return found


def copy_of(survey: Survey, *, today: date) -> Survey:
    """A new unpublished survey with the same questions, as long as the first one and beginning today."""
    copy = Survey(
        title=f"{survey.title[:190]} (копия)",
        opens_on=today,
        closes_on=today + (survey.closes_on - survey.opens_on),
        **{name: getattr(survey, name) for name in _COPIED},
    )
    copy.closes_on = max(copy.closes_on, today + timedelta(days=1))
    copy.save()
    for question in survey.asked():
        twin = Question.objects.create(survey=copy, **{name: getattr(question, name) for name in _OF_A_QUESTION})
        Option.objects.bulk_create(
            Option(question=twin, order=option.order, label=option.label) for option in question.options.all()
        )
    return copy
