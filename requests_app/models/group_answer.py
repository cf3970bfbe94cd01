from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.utils import timezone

from requests_app.models.request import ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from rsmportal.append_only import AppendOnly


class GroupAnswerQuerySet(models.QuerySet["GroupAnswer"]):
    def visible_to(self, user: Any) -> Self:
        """Those with at least one request that this colleague may know of."""
        known = GroupAnswerPart.objects.filter(service_request__in=ServiceRequest.objects.visible_to(user))
        return self.filter(pk__in=known.values("group_answer"))

    def with_others(self) -> Self:
        """Each with `others`: how many more requests than one were answered."""
        return self.annotate(others=Count("parts") - 1)


class GroupAnswer(AppendOnly):
    """
    One answer to several requests about the same event; append-only. It begins with the first request that is answered,
    so none is empty. Its consumers know nothing of each other: what each has is an answer of their own.
    """

    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    objects = GroupAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "общий ответ"
        verbose_name_plural = "общие ответы"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["by", "submission_key"], name="group_answer_once"),
        ]

    def __str__(self) -> str:
        return f"общий ответ от {timezone.localtime(self.at):%d.%m.%Y %H:%M}"

    def requests_seen_by(self, user: Any) -> ServiceRequestQuerySet:
        """Those answered together that this colleague may know of, in the order of their numbers."""
        seen: Any = ServiceRequest.objects.visible_to(user).filter(group_parts__group_answer=self)
        ordered: ServiceRequestQuerySet = seen.order_by("pk")
        return ordered


class GroupAnswerPart(models.Model):
    """A request that was answered together with others. Disputed, it may be answered with a group again."""

    group_answer = models.ForeignKey(
        GroupAnswer, on_delete=models.CASCADE, related_name="parts", verbose_name="общий ответ"
    )
    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="group_parts", verbose_name="заявка"
    )

    class Meta:
        verbose_name = "заявка общего ответа"
        verbose_name_plural = "заявки общего ответа"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["group_answer", "service_request"], name="group_answer_part_once"),
        ]

    def __str__(self) -> str:
        return str(self.service_request)
