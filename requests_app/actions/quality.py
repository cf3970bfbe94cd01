"""What is said of answers: the grade of the consumer, the sample of a week and its second reading."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from requests_app import services
from requests_app.actions.steps import TransitionNotAllowed, dispute_until
from requests_app.colleagues import READ_ANSWERS
from requests_app.lifecycle import Status
from requests_app.models import (
    AnswerGrade,
    AnswerReview,
    AnswerSample,
    PlaceKind,
    QualityRule,
    Repetition,
    RepetitionReason,
    ServiceRequest,
    StatusChange,
)
from requests_app.reports.period import Period

_CHANCE = random.SystemRandom()


# -- Grades ---------------------------------------------------------------------------------------------------------


def grade_until(service_request: ServiceRequest) -> date | None:
    """
    The last day on which the consumer may grade the answer that stands, and change the grade: as long as they may
    disagree with it, also when the request is closed by then. None while there is no answer to grade.
    """
    if not service_request.kind.life.promises_answer:
        return None
    is_answered = service_request.status in (Status.ANSWERED, Status.CLOSED)
    return dispute_until(service_request) if is_answered else None


def may_grade(service_request: ServiceRequest) -> bool:
    """May its consumer grade the answer now?"""
    until = grade_until(service_request)
    return until is not None and timezone.localdate() <= until


def grade_answer(service_request: ServiceRequest, *, grade: int, comment: str, by: User) -> AnswerGrade:
    """
    Put the grade of the answer that stands, or change it; sent twice, it is one. Returns the row.

    Raises `TransitionNotAllowed` with a text for people when there is no answer to grade any more, and
    `PermissionDenied` for whoever is not its consumer.
    """
    if by.pk != service_request.owner_id:
        raise PermissionDenied("Only the consumer grades the answer")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        answer = last_answer(locked)
        if answer is None or not may_grade(locked):
            raise TransitionNotAllowed(
                "Этот ответ сейчас оценить нельзя: заявка снова в работе, или срок оценки прошёл."
            )
        known: AnswerGrade | None = AnswerGrade.objects.filter(answer=answer).first()
        if known and (known.grade, known.comment) == (grade, comment):
            return known
        values = {"grade": grade, "comment": comment, "graded_at": timezone.now()}
        found: AnswerGrade = AnswerGrade.objects.update_or_create(answer=answer, defaults=values)[0]
    return found


def last_answer(service_request: ServiceRequest) -> StatusChange | None:
    """The step that gave the answer that stands."""
    return service_request.status_changes.answers().last()


# -- Second reading -------------------------------------------------------------------------------------------------


def choose_answers(*, now: datetime) -> AnswerSample | None:
    """
    Draw the sample of the week that ended last, by chance; None when it was drawn before, by whoever, so that any
    number of runs make one.
    """
    this_monday = timezone.localdate(now) - timedelta(days=timezone.localdate(now).weekday())
    week = Period(this_monday - timedelta(weeks=1), this_monday - timedelta(days=1))
    try:
        with transaction.atomic():
            rule = QualityRule.objects.select_for_update().get()  # a second run waits here
            if AnswerSample.objects.filter(week=week.first).exists():
                return None
            return _draw(week, rule, now)
    except IntegrityError:  # where the database knows no locks of rows
        return None


def _draw(week: Period, rule: QualityRule, now: datetime) -> AnswerSample:
    given = dict(_answers_of(week).values_list("pk", "by_id"))
    chosen = _CHANCE.sample(sorted(given), sample_size(len(given), rule))
    sample = AnswerSample.objects.create(week=week.first, answers=len(given), chosen_at=now)
    AnswerReview.objects.bulk_create(
        AnswerReview(sample=sample, answer_id=pk, answered_by_id=given[pk]) for pk in chosen
    )
    return sample


def _answers_of(week: Period) -> QuerySet[StatusChange]:
    """Every answer that somebody gave in that week, those that were disputed later too."""
    promised = [service.slug for service in services.SERVICES if service.life.promises_answer]
    answers = StatusChange.objects.answers().filter(service_request__service__in=promised)
    return answers.filter(at__gte=week.start, at__lt=week.end).exclude(by=F("service_request__owner")).order_by()


def sample_size(answers: int, rule: QualityRule) -> int:
    """How many of so many answers are read again."""
    share = -(-answers * rule.sample_percent // 100)  # rounded up
    return min(answers, max(rule.sample_least, min(share, rule.sample_most)))


def review_answer(review: AnswerReview, *, values: Mapping[str, Any], by: User) -> AnswerReview:
    """
    Write down what `by` found when reading the answer: `values` are the criteria, `mark` and `comment`. The reader may
    correct it later. Returns the row.

    Raises `PermissionDenied` for whoever may not read answers or know of this one, `TransitionNotAllowed` when it is
    their own or another has read it meanwhile.
    """
    if not by.has_perm(READ_ANSWERS) or not AnswerReview.objects.visible_to(by).filter(pk=review.pk).exists():
        raise PermissionDenied("Second reading is for those who may read such answers")
    with transaction.atomic():
        locked: AnswerReview = AnswerReview.objects.locked().get(pk=review.pk)
        if locked.answered_by_id == by.pk:
            raise TransitionNotAllowed("Это ваш ответ. Прочитать его должен другой сотрудник.")
        if locked.reader_id not in (None, by.pk):
            raise TransitionNotAllowed("Этот ответ уже прочитал другой сотрудник. Его оценка не изменена.")
        for name, value in values.items():
            setattr(locked, name, value)
        locked.reader, locked.read_at = by, timezone.now()
        locked.full_clean()
        locked.save()
    return locked


# -- Repeated appeals -----------------------------------------------------------------------------------------------


def note_repetition(service_request: ServiceRequest) -> Repetition | None:
    """
    Keep which earlier request this one, just registered, asks about again: the one that the consumer named, else the
    newest of the same service and topic within the days of the rule, by person, contract or address. Nothing is
    looked up for an anonymous one, or where asking anew is another order. At most five queries.
    """
    found = _earlier(service_request)
    if found is None:
        return None
    earlier, reason = found
    answer = last_answer(earlier)
    return Repetition.objects.create(
        service_request=service_request,
        earlier=earlier,
        reason=reason,
        answered_by=answer.by if answer else None,
        at=service_request.submitted_at,
    )


def _earlier(service_request: ServiceRequest) -> tuple[ServiceRequest, RepetitionReason] | None:
    kind = service_request.kind
    if service_request.is_anonymous or not kind.life.promises_answer or kind.is_ordered_anew:
        return None
    if service_request.repeat_of:
        return service_request.repeat_of, RepetitionReason.SAID
    since = service_request.submitted_at - timedelta(days=QualityRule.objects.get().repeat_days)
    same = (
        ServiceRequest.objects.filter(service=service_request.service, subject=service_request.subject)
        .filter(submitted_at__gte=since, submitted_at__lte=service_request.submitted_at, is_anonymous=False)
        .exclude(pk=service_request.pk)
        .exclude(status=Status.WITHDRAWN)
        .newest_first()
    )
    if service_request.owner_id and (earlier := same.filter(owner=service_request.owner_id).first()):
        return earlier, RepetitionReason.PERSON
    keys = list(service_request.place_keys.values_list("kind", "key"))
    for reason, place in _SAME_PLACE:
        about = [key for kind, key in keys if kind == place]
        if about and (earlier := same.filter(place_keys__kind=place, place_keys__key__in=about).first()):
            return earlier, reason
    return None


_SAME_PLACE = [
    (RepetitionReason.CONTRACT, PlaceKind.CONTRACT),
    (RepetitionReason.ADDRESS, PlaceKind.ADDRESS),
]
