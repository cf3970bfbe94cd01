from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from requests_app import placeholders
from requests_app.models.term import service_choices


def _check_placeholders(text: str) -> None:
    if problem := placeholders.problem_of(text):
        raise ValidationError(problem, code="placeholder")


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    def for_service(self, slug: str) -> Self:
        """What may be chosen while answering a request for this service, by title."""
        named = CannedReplyService.objects.filter(reply=OuterRef("pk"))
        return self.filter(Q(Exists(named.filter(service=slug))) | ~Q(Exists(named)), is_active=True)


class CannedReply(models.Model):
    """A text that staff answer with often. Words in braces are filled from the request: see `requests_app.placeholders`."""

    title = models.CharField(
        "название",
        max_length=100,
        unique=True,
        help_text="По нему текст выбирают; заявитель его не\N{NO-BREAK SPACE}видит",
    )
    text = models.TextField("текст", max_length=4000, validators=[_check_placeholders])
    is_active = models.BooleanField("предлагать", default=True)

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        verbose_name = "готовый ответ"
        verbose_name_plural = "готовые ответы"
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="canned_reply_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title


class CannedReplyService(models.Model):
    """A service for which a reply is offered; a reply without any is offered for all."""

    reply = models.ForeignKey(
        CannedReply,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="services",
        verbose_name="готовый ответ",
    )
    service = models.CharField("услуга", max_length=32, choices=service_choices)

    class Meta:
        verbose_name = "услуга готового ответа"
        verbose_name_plural = "услуги готового ответа"
        constraints = [models.UniqueConstraint(fields=["reply", "service"], name="canned_reply_service_once")]

    def __str__(self) -> str:
        return str(dict(service_choices()).get(self.service, self.service))
