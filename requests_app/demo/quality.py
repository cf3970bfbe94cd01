"""Grades of the answers of the demo, an appeal that came again, and a sample of which half was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.demo.people import OPERATOR, SUPERVISOR
from requests_app.demo.stories import Story, make_requests
from requests_app.lifecycle import Status
from requests_app.models import (
    AnswerGrade,
    AnswerReview,
    AnswerSample,
    QualityRule,
    Repetition,
    ServiceRequest,
    StatusChange,
)

_PERSON = "person@example.org"
_HOME = "г. Ростов-на-Дону, ул. Портовая, 71, кв. 18"

_STORIES = (
    Story(
        name="quality first time",
        service="inquiry",
        owner=_PERSON,
        days_ago=19,
        answers={
            "topic": "maintenance",
            "question": "Когда уберут ветки, которые лежат на проводах у нашего дома?",
            "object_address": _HOME,
        },
        steps=(("take", ""), ("answer", "Обрезка запланирована на эту неделю."), ("accept", "")),
    ),
    Story(
        name="quality again",
        service="inquiry",
        owner=_PERSON,
        days_ago=3,
        answers={
            "topic": "maintenance",
            "question": "Ветки на проводах так и не убрали, хотя обещали на прошлой неделе. Когда ждать?",
            "object_address": _HOME,
        },
        steps=(("take", ""),),
    ),
    Story(
        name="quality good",
        service="consultation",
        owner="company@example.org",
        days_ago=10,
        answers={
            "topic": "connection",
            "question": "Нужен ли новый проект, если мощность не меняется, а переносится только ввод?",
            "way": "written",
        },
        steps=(
            ("take", ""),
            ("answer", "Нет. Достаточно заявления и схемы нового места ввода, договор остаётся прежним."),
        ),
    ),
    Story(
        name="quality plain",
        service="inquiry",
        owner="sole-trader@example.org",
        days_ago=9,
        answers={"topic": "contacts", "question": "Куда позвонить, если свет пропал ночью?"},
        steps=(("take", ""), ("answer", "Диспетчер работает круглосуточно, телефон указан вверху каждой страницы.")),
    ),
)

# Grades of the newest answers, in turn.
_GRADES = (
    (5, "Быстро и понятно, спасибо."),
    (4, ""),
    (2, "Ответили не на тот вопрос."),
    (5, ""),
    (3, "Пришлось перечитать два раза."),
)
_READ: tuple[Mapping[str, Any], ...] = (
    {"to_the_point": True, "is_clear": True, "in_time": True, "is_polite": True, "mark": 5, "comment": ""},
    {
        "to_the_point": True,
        "is_clear": False,
        "in_time": True,
        "is_polite": True,
        "mark": 3,
        "comment": "Нет срока: когда именно приедут.",
    },
)


def make_quality() -> None:
    """Once: where there are grades already, nothing is added."""
    make_requests(_STORIES)
    if AnswerGrade.objects.exists():
        return
    for repetition in Repetition.objects.select_related("service_request"):  # the stories were moved into the past
        Repetition.objects.filter(pk=repetition.pk).update(at=repetition.service_request.submitted_at)
    _grade()
    _sample()


def _grade() -> None:
    answered = ServiceRequest.objects.filter(status__in=[Status.ANSWERED, Status.CLOSED], answered_at__isnull=False)
    open_to_grades = [each for each in answered.newest_first() if actions.may_grade(each)]
    for service_request, (grade, comment) in zip(open_to_grades, _GRADES, strict=False):
        if (owner := service_request.owner) is None:
            continue
        given = actions.grade_answer(service_request, grade=grade, comment=comment, by=owner)
        answered_at = service_request.answered_at or given.graded_at
        moment = min(answered_at + timedelta(hours=5), given.graded_at)
        AnswerGrade.objects.filter(pk=given.pk).update(graded_at=moment)


def _sample() -> None:
    """The newest answers stand for those of last week: when the demo is made, that week may have had none."""
    if AnswerSample.objects.exists():
        return
    today = timezone.localdate()
    operator, supervisor = User.objects.get(email=OPERATOR), User.objects.get(email=SUPERVISOR)
    given = StatusChange.objects.filter(to_status=Status.ANSWERED, by=operator, grade__isnull=False).order_by("-at")
    chosen = list(given[: QualityRule.objects.get().sample_least - 1])
    week = today - timedelta(days=today.weekday(), weeks=1)
    sample = AnswerSample.objects.create(week=week, answers=len(chosen))
    reviews = [AnswerReview(sample=sample, answer=answer, answered_by=operator) for answer in chosen]
    AnswerReview.objects.bulk_create(reviews)
    for review, values in zip(sample.reviews.all(), _READ, strict=False):
        actions.review_answer(review, values=values, by=supervisor)
