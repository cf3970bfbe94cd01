"""The trail: who of the staff has looked at whose data, and who has changed what."""

from __future__ import annotations

from auditlog.models import LogEntry
from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rsmportal.append_only import Permanent

ENOUGH_REASON = MinLengthValidator(10, "Напишите основание подробнее: хотя бы 10 знаков.")


class Look(models.TextChoices):
    PAGE = "page", "Просмотр"
    SEARCH = "search", "Поиск"
    DOWNLOAD = "download", "Скачивание"
    EXPORT = "export", "Выгрузка"
    REVEAL = "reveal", "Раскрытие"


class DataView(Permanent):
    """
    One look of a colleague at a consumer's data; append-only, until a rule of retention takes it away.

    It holds no data of the consumer, only whose they were, so that it says as much after these have been erased. The
    consumer is unknown where many were seen at once, and never told where the one who sent a request is hidden.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="кто"
    )
    at = models.DateTimeField("когда", default=timezone.now)
    kind = models.CharField("что сделал", max_length=8, choices=Look)
    consumer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="потребитель",
    )
    page = models.CharField("где", max_length=80)
    number = models.CharField("номер или запрос", max_length=100, blank=True)
    count = models.PositiveIntegerField("записей", null=True, blank=True)
    reason = models.CharField("основание", max_length=500, blank=True, validators=[ENOUGH_REASON])

    class Meta:
        verbose_name = "просмотр данных"
        verbose_name_plural = "журнал просмотров"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="data_view_newest"),
            models.Index(fields=["by", "-at", "-id"], name="data_view_of_colleague"),
            models.Index(
                fields=["consumer", "-at", "-id"],
                name="data_view_of_consumer",
                condition=Q(consumer__isnull=False),
            ),
            models.Index(fields=["kind", "-at", "-id"], name="data_view_of_kind"),
            models.Index(fields=["number", "-at", "-id"], name="data_view_of_number", condition=~Q(number="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind=Look.REVEAL) & ~Q(reason="")) | (~Q(kind=Look.REVEAL) & Q(reason="")),
                name="data_view_reveal_has_reason",
            ),
            models.CheckConstraint(condition=Q(kind__in=sorted(Look.values)), name="data_view_kind_known"),
            models.CheckConstraint(condition=~Q(page=""), name="data_view_says_where"),
        ]

    def __str__(self) -> str:
        return f"{self.page}, {timezone.localtime(self.at):%d.%m.%Y %H:%M}"


class Change(LogEntry):  # type: ignore[misc]  # the package has no types
    """What django-auditlog has written down of a row that was made, changed or removed."""

    class Meta:
        proxy = True
        verbose_name = "изменение"
        verbose_name_plural = "журнал изменений"
        ordering = ["-timestamp", "-pk"]
