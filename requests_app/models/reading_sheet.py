from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.attachment import private_storage
from requests_app.models.request import ServiceRequest


def random_sheet_name(sheet: ReadingSheet, filename: str) -> str:
    """A stored name that tells nothing and cannot be guessed."""
    return f"sheets/{uuid.uuid4().hex}"


class ReadingSheetQuerySet(models.QuerySet["ReadingSheet"]):
    def of(self, user: Any) -> Self:
        return self.filter(by=user)

    def drafts(self) -> Self:
        """Looked at and not sent."""
        return self.filter(service_request=None)

    def abandoned(self, *, before: datetime) -> Self:
        return self.drafts().filter(uploaded_at__lt=before)


class ReadingSheet(models.Model):
    """
    A consumer's table with the readings of many meters: uploaded, looked at, sent as one request. The file is kept only
    until then; what came of it stands in the readings.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    file_name = models.CharField("файл", max_length=200)
    file = models.FileField(
        "содержимое", storage=private_storage, upload_to=random_sheet_name, max_length=100, blank=True
    )
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField("загружена", default=timezone.now)
    service_request = models.OneToOneField(
        ServiceRequest, on_delete=models.PROTECT, null=True, related_name="reading_sheet", verbose_name="заявка"
    )

    objects = ReadingSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "таблица показаний"
        verbose_name_plural = "таблицы показаний"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service_request=None) & ~Q(file="") | Q(service_request__isnull=False, file=""),
                name="reading_sheet_file_until_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
