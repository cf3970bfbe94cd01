"""Which surveys a consumer is asked to take part in, and how far they are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Prefetch
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from requests_app.dates import day_in_words
from requests_app.services.base import Notice
from requests_app.services.survey.answers import Participation
from requests_app.services.survey.models import Survey
from rsmportal.russian import counted

_MOST = 3  # lines in the cabinet


class Invitation:
    """A survey as one consumer finds it."""

    def __init__(self, survey: Survey) -> None:
        taken: list[Participation] = survey.mine  # type: ignore[attr-defined]
        self.survey = survey
        self.participation = taken[0] if taken else None
        self.questions: int = survey.question_count  # type: ignore[attr-defined]

    @property
    def is_answered(self) -> bool:
        return self.participation is not None and self.participation.service_request_id is not None

    @property
    def is_begun(self) -> bool:
        return self.participation is not None and not self.is_answered

    @property
    def length(self) -> str:
        """«5 вопросов»."""
        return counted(self.questions, "вопрос", "вопроса", "вопросов")


def invitations(user: User) -> list[Invitation]:
    """Every survey that is open to the consumer or was answered by them, newest first. Two queries."""
    today = timezone.localdate()
    mine = Prefetch("participations", Participation.objects.of(user).select_related("service_request"), to_attr="mine")
    seen = Survey.objects.visible_to(user, on=today).annotate(question_count=Count("questions")).prefetch_related(mine)
    found = [Invitation(survey) for survey in seen]
    return [each for each in found if each.is_answered or each.survey.is_open(on=today)]


def notices(user: User) -> Iterator[Notice]:
    """For the cabinet: what waits to be answered, what was begun first."""
    waiting = [each for each in invitations(user) if not each.is_answered]
    today = timezone.localdate()
    for each in sorted(waiting, key=lambda each: (not each.is_begun, each.survey.closes_on))[:_MOST]:
        until = f"до\N{NO-BREAK SPACE}{day_in_words(each.survey.closes_on, today=today)}"
        secret = ", анонимно" if each.survey.is_anonymous else ""
        yield Notice(
            title="Вы\N{NO-BREAK SPACE}начали опрос" if each.is_begun else "Ответьте на\N{NO-BREAK SPACE}опрос",
            text=f"{each.survey.title}. {each.length}{secret}, {until}.",
            url=reverse("requests:survey", args=[each.survey.pk]),
            action="Продолжить" if each.is_begun else "Ответить",
        )
