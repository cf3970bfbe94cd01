from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from rsmportal.append_only import AppendOnly


class ReportTable(models.TextChoices):
    BY_CATEGORY = "4.1", "Таблица 4.1"
    APPEALS = "4.9", "Таблица 4.9"


class ReportRun(AppendOnly):
    """One table for the regulator that somebody has downloaded; append-only."""

    table = models.CharField("таблица", max_length=3, choices=ReportTable)
    first_day = models.DateField("с")
    last_day = models.DateField("по")
    rows = models.PositiveIntegerField("обращений")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "отчёт регулятору"
        verbose_name_plural = "отчёты регулятору"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="report_run_days_in_order"),
            models.CheckConstraint(condition=Q(table__in=sorted(ReportTable.values)), name="report_run_table_known"),
        ]
        permissions = [("make_report", "Может делать отчёты регулятору")]

    def __str__(self) -> str:
        return f"{self.get_table_display()}, {self.first_day:%d.%m.%Y}–{self.last_day:%d.%m.%Y}"
