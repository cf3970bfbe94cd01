"""That somebody has answered a survey, as a request: its number and history. The answers themselves stand apart."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from requests_app.models.detail import RequestDetail, Row
from requests_app.services.survey.answers import Answer
from requests_app.services.survey.kinds import MARKS, in_digits
from requests_app.services.survey.models import Survey


class SurveyEntry(RequestDetail):
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="entries", verbose_name="опрос")

    class Meta:
        verbose_name = "участие в опросе по заявке"
        verbose_name_plural = "ответы на опросы"

    def rows(self) -> Iterator[Row]:
        """The survey, and the answers where it is not anonymous. Three queries, however many questions there are."""
        yield from super().rows()
        if self.survey.is_anonymous:
            return
        mine = Answer.objects.filter(participation__service_request=self.pk).select_related("question")
        for answer in mine.order_by("question__order", "question").prefetch_related("options"):
            yield Row(answer.question.text, in_words(answer))


def in_words(answer: Answer) -> str:
    """«4», «Да», «Найти услугу; заполнить форму»."""
    if answer.number is not None:
        marks = MARKS.get(answer.question.kind)
        return marks[int(answer.number)] if marks else in_digits(answer.number)
    return answer.text or "; ".join(option.label for option in answer.options.all())
