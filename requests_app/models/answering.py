"""What stands beside an answer while it is written: its draft, and which colleagues look at the same request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest

DRAFT_KEPT = timedelta(days=30)
LOOKS_ON = timedelta(minutes=2)  # after its last sign somebody is taken to have left


class AnswerDraftQuerySet(models.QuerySet["AnswerDraft"]):
    def abandoned(self, *, before: datetime) -> Self:
        return self.filter(saved_at__lt=before)


class AnswerDraft(models.Model):
    """What a colleague has written in the form of one step and not sent. Its text is for nobody but them."""

    service_request = models.ForeignKey(
        ServiceRequest,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="answer_drafts",
        verbose_name="заявка",
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="чей")
    form = models.CharField("форма", max_length=10)  # the name of the step, `message` or `note`
    answers = models.TextField("написано")  # as a form is sent: urlencoded, without files
    saved_at = models.DateTimeField("когда", default=timezone.now, db_index=True)

    objects = AnswerDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "черновик ответа"
        verbose_name_plural = "черновики ответов"
        constraints = [
            models.UniqueConstraint(fields=["service_request", "author", "form"], name="answer_draft_once"),
            models.CheckConstraint(condition=~Q(answers=""), name="answer_draft_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.service_request}, {self.form}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self) -> Self:
        return self.filter(seen_at__gte=timezone.now() - LOOKS_ON)

    def gone(self, *, before: datetime) -> Self:
        return self.filter(seen_at__lt=before)

    def note(self, service_request: ServiceRequest, *, by: Any, is_writing: bool) -> None:
        """`by` has the request open now; one statement, whether the row is there already or not."""
        now = timezone.now()
        row = self.model(service_request=service_request, user=by, seen_at=now, wrote_at=now if is_writing else None)
        changed = ["seen_at", "wrote_at"] if is_writing else ["seen_at"]  # another tab of theirs may be writing
        self.bulk_create([row], update_conflicts=True, unique_fields=["service_request", "user"], update_fields=changed)


class Presence(models.Model):
    """That a colleague has a request open, so that two do not answer at once. Nothing is kept: old rows are removed."""

    service_request = models.ForeignKey(
        ServiceRequest,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="presences",
        verbose_name="заявка",
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="кто")
    seen_at = models.DateTimeField("когда смотрел", db_index=True)
    wrote_at = models.DateTimeField("когда писал", null=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = "просмотр заявки сейчас"
        verbose_name_plural = "просмотры заявок сейчас"
        constraints = [models.UniqueConstraint(fields=["service_request", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.service_request}, {self.seen_at:%H:%M}"

    @property
    def is_writing(self) -> bool:
        return self.wrote_at is not None and timezone.now() - self.wrote_at < LOOKS_ON
