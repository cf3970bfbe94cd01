"""Makers of surveys: one with a question of every kind, valid answers to it, and people who have answered."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import LegalForm
from requests_app.services.survey import SERVICE
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.models import Option, Question, Survey, edition
from tests.factories import ConsumerFactory, submitted

EVERY_KIND = (
    {"kind": Kind.SCALE, "text": "Довольны ли вы сроком ответа?", "low_label": "совсем нет", "high_label": "полностью"},
    {"kind": Kind.POINTS, "text": "Посоветуете ли вы кабинет соседу?"},
    {"kind": Kind.ONE, "text": "Понятен ли был ответ?", "options": ["Да, всё понятно", "Пришлось переспросить", "Нет"]},
    {
        "kind": Kind.SEVERAL,
        "text": "Что было неудобно?",
        "options": ["Найти нужную услугу", "Заполнить форму", "Приложить файлы"],
        "is_required": False,
    },
    {"kind": Kind.YES_NO, "text": "Ответили ли вам вежливо?"},
    {"kind": Kind.NUMBER, "text": "Сколько раз вы звонили?", "minimum": 0, "maximum": 100, "is_required": False},
    {"kind": Kind.TEXT, "text": "Чего не хватает?", "is_required": False},
)
GOOD = {
    Kind.SCALE: "4",
    Kind.POINTS: "9",
    Kind.YES_NO: "1",
    Kind.NUMBER: "2,5",
    Kind.TEXT: "Графика отключений.",
}


def make_survey(*questions, **given):
    """Published and open for a week from today, anonymous, for everybody; with `questions`, or one of every kind."""
    today = timezone.localdate()
    defaults = {
        "title": "Качество обслуживания",
        "purpose": "Хотим понять, что исправить.",
        "opens_on": today,
        "closes_on": today + timedelta(days=7),
        "published_at": timezone.now(),
    }
    survey = Survey.objects.create(**{**defaults, **given})
    for order, question in enumerate(questions or EVERY_KIND):
        add_question(survey, order=order, **question)
    return survey


def add_question(survey, *, options=(), **given):
    question = Question.objects.create(survey=survey, **given)
    Option.objects.bulk_create(
        Option(question=question, order=order, label=label) for order, label in enumerate(options)
    )
    return question


def answers(survey, **by_kind):
    """What a browser sends of a page that was filled in well; `by_kind` wins (`scale="9"`), None leaves out."""
    data = {"survey": str(survey.pk), "edition": edition_of(survey)}
    for question in survey.asked():
        value = by_kind[question.kind] if question.kind in by_kind else _good(question)
        if value is not None:
            data[f"q{question.pk}"] = value
    return data


def edition_of(survey):
    return edition(survey, survey.asked())


def answered(survey, *, legal_form=LegalForm.PERSON, owner=None, **by_kind):
    """Somebody who has sent answers; returns the request."""
    owner = owner or ConsumerFactory(legal_form=legal_form).user
    return submitted(SERVICE, owner=owner, **answers(survey, **by_kind))


def _good(question):
    return str(question.options.all()[0].pk) if question.takes_options else GOOD[Kind(question.kind)]
