"""
Who took part, and what was answered: two tables that nothing joins when the survey is anonymous.

An anonymous answer has no participation, no moment and a random key; `mix` also takes away the order and the
transaction in which it was written. It keeps the legal form, by which the results are crossed.
"""

from __future__ import annotations

import random
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from accounts.models import LegalForm, User
from requests_app.models.request import ServiceRequest
from requests_app.services.survey.kinds import MAX_TEXT
from requests_app.services.survey.models import Option, Question, Survey


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def finished(self) -> Self:
        return self.filter(service_request__isnull=False)

    def begun(self) -> Self:
        """Put off half-way."""
        return self.filter(service_request=None)


class Participation(models.Model):
    """
    That a consumer takes part: begun, with a draft of the answers, or finished, with the number of a request.

    The draft is what was typed (question → values), kept for its writer alone; finishing deletes it.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="participations", verbose_name="опрос")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="participations",
        verbose_name="потребитель",
    )
    service_request = models.OneToOneField(
        ServiceRequest, on_delete=models.PROTECT, null=True, related_name="participation", verbose_name="заявка"
    )
    draft = models.JSONField("черновик", default=dict)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = "участие в опросе"
        verbose_name_plural = "участие в опросах"
        constraints = [
            models.UniqueConstraint(fields=["survey", "user"], name="participation_once"),
            models.CheckConstraint(
                condition=Q(service_request=None) | Q(draft={}), name="participation_finished_without_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {self.user}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    def to(self, survey: Survey) -> Self:
        return self.filter(question__survey=survey)


class Answer(models.Model):
    """One answer to one question; a question that was passed over has none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers", verbose_name="вопрос")
    participation = models.ForeignKey(
        Participation,
        on_delete=models.PROTECT,
        null=True,  # always, when the survey is anonymous
        related_name="answers",
        verbose_name="участие",
    )
    legal_form = models.CharField("правовая форма", max_length=11, choices=LegalForm)
    number = models.DecimalField(
        "число", max_digits=12, decimal_places=3, null=True
    )  # marks, and 1 or 0 for «да» or «нет»
    text = models.TextField("текст", max_length=MAX_TEXT, blank=True)
    options = models.ManyToManyField(Option, through="ChosenOption", verbose_name="варианты")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "ответ на вопрос"
        verbose_name_plural = "ответы на вопросы"
        constraints = [
            models.UniqueConstraint(fields=["participation", "question"], name="answer_once"),
            models.CheckConstraint(condition=Q(number=None) | Q(text=""), name="answer_of_one_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.question}"


class ChosenOption(models.Model):
    """Django's own table would number its rows one after another, and so tell who was before whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="chosen", verbose_name="ответ")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="chosen", verbose_name="вариант")

    class Meta:
        verbose_name = "выбранный вариант"
        verbose_name_plural = "выбранные варианты"
        constraints = [models.UniqueConstraint(fields=["answer", "option"], name="chosen_option_once")]

    def __str__(self) -> str:
        return f"{self.option}"


def store(survey: Survey, given: dict[Question, Any], *, participation: Participation, legal_form: str) -> None:
    """
    Write what was answered: a number, a text or a list of options for each question. An anonymous survey keeps no tie
    to `participation`.
    """
    author = None if survey.is_anonymous else participation
    answers: list[Answer] = []
    chosen: list[ChosenOption] = []
    for question, value in random.SystemRandom().sample(list(given.items()), len(given)):
        answer = Answer(question=question, participation=author, legal_form=legal_form)
        if isinstance(value, str):
            answer.text = value
        elif isinstance(value, list):
            chosen += [ChosenOption(answer=answer, option=option) for option in value]
        else:
            answer.number = value
        answers.append(answer)
    Answer.objects.bulk_create(answers)
    ChosenOption.objects.bulk_create(chosen)


def mix(survey: Survey) -> None:
    """
    Write the answers of an anonymous survey anew, with new random keys and in the order of these. Afterwards neither the
    place of a row nor the transaction that wrote it says whose it was.

    The rows never leave the database: through models this took three to seven times as long.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # PostgreSQL has this function
            connection.connection.create_function("gen_random_uuid", 0, lambda: uuid.uuid4().hex)
        cursor.execute(_COPY_ANSWERS, [survey.pk])
        for statement in _MIX:
            cursor.execute(statement)


_COPY_ANSWERS = """
    CREATE TEMPORARY TABLE mixed_answer AS
    SELECT id AS old_id, gen_random_uuid() AS id, question_id, legal_form, number, text FROM requests_app_answer
    WHERE question_id IN (SELECT id FROM requests_app_question WHERE survey_id = %s)
"""
_MIX = [
    """
    CREATE TEMPORARY TABLE mixed_choice AS
    SELECT choice.id AS old_id, gen_random_uuid() AS id, mixed_answer.id AS answer_id, option_id
    FROM requests_app_chosenoption AS choice JOIN mixed_answer ON mixed_answer.old_id = choice.answer_id
    """,
    "DELETE FROM requests_app_chosenoption WHERE id IN (SELECT old_id FROM mixed_choice)",
    "DELETE FROM requests_app_answer WHERE id IN (SELECT old_id FROM mixed_answer)",
    """
    INSERT INTO requests_app_answer (id, question_id, legal_form, number, text)
    SELECT id, question_id, legal_form, number, text FROM mixed_answer ORDER BY id
    """,
    """
    INSERT INTO requests_app_chosenoption (id, answer_id, option_id)
    SELECT id, answer_id, option_id FROM mixed_choice ORDER BY id
    """,
    "DROP TABLE mixed_choice",
    "DROP TABLE mixed_answer",
]
