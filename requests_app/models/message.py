from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest


class Audience(models.TextChoices):
    """Who may read it. Each reader goes through `visible_to`."""

    CONSUMER = "consumer", "Заявитель и сотрудники"
    STAFF = "staff", "Только сотрудники"


class MessageKind(models.TextChoices):
    MESSAGE = "message", "Сообщение"
    QUESTION = "question", "Вопрос заявителю"
    ANSWER = "answer", "Ответ"
    REFUSAL = "refusal", "Отказ"
    DISPUTE = "dispute", "Несогласие с ответом"
    NOTE = "note", "Заметка"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Any) -> Self:
        """Staff read everything of the requests they may see; a consumer what is meant for them in their own."""
        if user.is_staff:
            from requests_app import services  # the services import the models

            return self.filter(service_request__service__in=services.seen_by(user))
        return self.filter(audience=Audience.CONSUMER, service_request__owner=user)


class Message(models.Model):
    """What one side wrote to the other, or staff to themselves."""

    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="messages", verbose_name="заявка"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="автор"
    )
    audience = models.CharField("кому видно", max_length=8, choices=Audience)
    kind = models.CharField("вид", max_length=8, choices=MessageKind, default=MessageKind.MESSAGE)
    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)
    body = models.TextField("текст", max_length=4000)
    created_at = models.DateTimeField("когда", default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "сообщение"
        verbose_name_plural = "переписка"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "submission_key"], name="message_once"),
            models.CheckConstraint(condition=~Q(body=""), name="message_not_empty"),
            models.CheckConstraint(
                condition=Q(kind=MessageKind.NOTE, audience=Audience.STAFF)
                | (~Q(kind=MessageKind.NOTE) & Q(audience=Audience.CONSUMER)),
                name="message_note_is_for_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} от {self.created_at:%d.%m.%Y}"

    @property
    def is_from_staff(self) -> bool:
        return self.author_id != self.service_request.owner_id
