"""Surveys: putting off half-way, publishing, closing for good, copying. An answer is sent as any request: `submit`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app.services.survey.answers import Participation, mix
from requests_app.services.survey.form import draft_of
from requests_app.services.survey.models import Survey
from requests_app.services.survey.publishing import copy_of, problems


class SurveyNotChanged(Exception):
    """What was asked for cannot be done with the survey now. The text says why."""


def put_off(survey: Survey, *, data: Any, by: User) -> None:
    """
    Keep what was typed (`data` of the POST), complete or not, until its writer goes on. Raises `SurveyNotChanged` when
    the survey is over for them.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # in the order in which an answer is sent
        locked = Survey.objects.locked_row().get(pk=survey.pk)
        if not locked.is_open(on=timezone.localdate()):
            raise SurveyNotChanged("Опрос закончился, ответы больше не принимаются.")
        participation, _ = Participation.objects.get_or_create(survey=locked, user=by)
        if participation.service_request_id:
            raise SurveyNotChanged("Вы уже ответили на этот опрос.")
        participation.draft = draft_of(data, locked.asked())
        participation.save(update_fields=["draft"])


def publish_survey(survey: Survey, *, by: User) -> None:
    """
    Let the audience see it from its first day on. Raises `SurveyNotChanged` with all that it lacks, and
    `PermissionDenied` for whoever may not change surveys.
    """
    _check_permission("change", by)
    with transaction.atomic():
        locked = Survey.objects.locked_row().get(pk=survey.pk)
        if locked.published_at:
            raise SurveyNotChanged("Опрос уже опубликован.")
        if lacking := problems(locked, locked.asked(), today=timezone.localdate()):
            raise SurveyNotChanged(" ".join(lacking))
        locked.published_at = timezone.now()
        locked.save(update_fields=["published_at"])


def close_survey(survey: Survey, *, by: User) -> None:
    """
    End it for good: drafts are deleted, anonymous answers mixed, and the results may be read. A survey that was closed
    is never opened again, so that nobody can compare the results before and after one more answer.

    Raises `SurveyNotChanged` when it has not begun or is closed, and `PermissionDenied` for whoever may not change
    surveys.
    """
    _check_permission("change", by)
    with transaction.atomic():
        locked = Survey.objects.locked_row().get(pk=survey.pk)
        if locked.closed_at:
            raise SurveyNotChanged("Опрос уже завершён.")
        if not locked.published_at or timezone.localdate() < locked.opens_on:
            raise SurveyNotChanged("Опрос ещё не начался: завершать нечего.")
        locked.participations.begun().delete()
        if locked.is_anonymous:
            mix(locked)
        locked.closed_at, locked.closed_by, locked.invited = timezone.now(), by, locked.audience().count()
        locked.save(update_fields=["closed_at", "closed_by", "invited"])


def copy_survey(survey: Survey, *, by: User) -> Survey:
    """
    A new survey with the same questions, to be changed and published. Raises `PermissionDenied` for whoever may not add
    surveys.
    """
    _check_permission("add", by)
    with transaction.atomic():
        return copy_of(survey, today=timezone.localdate())


def _check_permission(what: str, by: User) -> None:
    if not by.has_perm(f"requests_app.{what}_survey"):
        raise PermissionDenied(f"This one may not {what} surveys")
