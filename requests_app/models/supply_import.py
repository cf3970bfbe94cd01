from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.attachment import private_storage


def random_name(supply_import: SupplyImport, filename: str) -> str:
    """A stored name that tells nothing and cannot be guessed."""
    return f"imports/{uuid.uuid4().hex}"


class SupplyImportQuerySet(models.QuerySet["SupplyImport"]):
    def applied(self) -> Self:
        return self.exclude(applied_at=None)

    def drafts_of(self, user: Any) -> Self:
        """Files that `user` has looked at and not applied: nobody else's business."""
        return self.filter(applied_at=None, by=user)

    def abandoned(self, *, before: datetime) -> Self:
        return self.filter(applied_at=None, uploaded_at__lt=before)


class SupplyImport(models.Model):
    """
    A table of supply points: uploaded, looked at, applied. The file is kept only until it is applied: there are
    identifiers in it, and what came of it stands in the points.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто"
    )
    file_name = models.CharField("файл", max_length=200)
    file = models.FileField("содержимое", storage=private_storage, upload_to=random_name, max_length=100, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField("загружен", default=timezone.now)
    applied_at = models.DateTimeField("применён", null=True, db_index=True)
    points_new = models.PositiveIntegerField("новых точек", default=0)
    points_changed = models.PositiveIntegerField("изменено точек", default=0)
    points_same = models.PositiveIntegerField("точек без изменений", default=0)
    meters_new = models.PositiveIntegerField("новых приборов", default=0)
    meters_changed = models.PositiveIntegerField("изменено приборов", default=0)
    meters_same = models.PositiveIntegerField("приборов без изменений", default=0)

    objects = SupplyImportQuerySet.as_manager()

    class Meta:
        verbose_name = "импорт точек поставки"
        verbose_name_plural = "импорт точек поставки"
        ordering = ["-applied_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None) & ~Q(file="") & Q(by__isnull=False) | Q(applied_at__isnull=False, file=""),
                name="supply_import_file_until_applied",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
