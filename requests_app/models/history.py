from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.lifecycle import Status
from requests_app.models.request import ServiceRequest
from rsmportal.append_only import AppendOnly


def transition_choices() -> list[tuple[str, str]]:
    """The callable that `choices` takes: a new transition makes no migration."""
    from requests_app import services  # the services import the models

    return list({step.name: step.event for life in services.lives() for step in life.transitions}.items())


class StatusChangeQuerySet(models.QuerySet["StatusChange"]):
    def answers(self) -> Self:
        """Those that gave an answer, not those that mended a paper of one."""
        return self.filter(to_status=Status.ANSWERED).exclude(from_status=Status.ANSWERED)


class StatusChange(AppendOnly):
    """One step of a request's life; append-only. The first one, without a transition, is the registration."""

    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="status_changes", verbose_name="заявка"
    )
    transition = models.CharField("переход", max_length=10, blank=True, choices=transition_choices)
    from_status = models.CharField("было", max_length=17, choices=Status, blank=True)
    to_status = models.CharField("стало", max_length=17, choices=Status)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)
    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)

    objects = StatusChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "изменение статуса"
        verbose_name_plural = "история статусов"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["by", "submission_key"], name="status_change_once"),
            models.CheckConstraint(
                condition=Q(transition="", from_status="") | (~Q(transition="") & ~Q(from_status="")),
                name="status_change_from_in_pairs",
            ),
        ]

    def __str__(self) -> str:
        return self.event

    @property
    def is_answer(self) -> bool:
        """The same as `answers` for one row."""
        return self.to_status == Status.ANSWERED != self.from_status

    @property
    def is_quiet(self) -> bool:
        """Is the consumer not told of it?"""
        return bool(self.transition) and self.service_request.kind.life.get(self.transition).is_quiet

    @property
    def event(self) -> str:
        """How the consumer is told of it: «Взята в работу»."""
        life = self.service_request.kind.life
        if self.transition:
            return life.get(self.transition).event
        received = self.service_request.received
        return f"Принята {received}" if received else life.opening
