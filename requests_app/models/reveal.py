from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest
from rsmportal.append_only import Permanent

ENOUGH_REASON = MinLengthValidator(10, "Напишите основание подробнее: хотя бы 10 знаков.")


class ReporterRevealQuerySet(models.QuerySet["ReporterReveal"]):
    def visible_to(self, user: Any) -> Self:
        """Of the requests that this colleague may know of."""
        from requests_app import services  # the services import the models

        return self.filter(service_request__service__in=services.seen_by(user))


class ReporterReveal(Permanent):
    """One look at who sent an anonymous request: by whom, when and why. Append-only."""

    service_request = models.ForeignKey(
        ServiceRequest,
        on_delete=models.PROTECT,  # that somebody has looked outlives the request
        related_name="reveals",
        verbose_name="заявка",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)
    reason = models.CharField("основание", max_length=500, validators=[ENOUGH_REASON])

    objects = ReporterRevealQuerySet.as_manager()

    class Meta:
        verbose_name = "раскрытие заявителя"
        verbose_name_plural = "раскрытия заявителей"
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="reporter_reveal_has_reason")]
        permissions = [("see_reporter", "Может узнать скрытого заявителя")]

    def __str__(self) -> str:
        return f"{self.service_request}, {timezone.localtime(self.at):%d.%m.%Y %H:%M}"
