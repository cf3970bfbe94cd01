from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from rsmportal.append_only import AppendOnly


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class ExportRun(AppendOnly):
    """
    One list of the work desk that somebody has taken out as a file. Written before the first row goes out, so that
    nothing leaves without a trace; how many rows went is added once, at the end.
    """

    listing = models.CharField("список", max_length=100)  # as «requests_app.servicerequest»
    file_format = models.CharField("формат", max_length=4, choices=ExportFormat)
    narrowed_by = models.TextField("отбор", blank=True)  # in words, with what was searched for masked
    query = models.TextField("строка отбора", blank=True)  # the same as it stood in the address
    rows = models.PositiveIntegerField("строк", null=True)
    is_whole = models.BooleanField("целиком", default=False)
    finished_at = models.DateTimeField("окончена", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "выгрузка списка"
        verbose_name_plural = "выгрузки списков"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file_format__in=sorted(ExportFormat.values)), name="export_run_format_known"
            ),
            models.CheckConstraint(condition=~Q(listing=""), name="export_run_names_list"),
            models.CheckConstraint(
                condition=Q(rows=None, finished_at=None, is_whole=False)
                | Q(rows__isnull=False, finished_at__isnull=False),
                name="export_run_rows_when_finished",
            ),
        ]
        permissions = [("export_list", "Может выгружать списки")]

    def __str__(self) -> str:
        return f"{self.list_name}, {self.get_file_format_display()}"

    @property
    def list_name(self) -> str:
        """«Заявки»; of a list that is no more, its old name in the code."""
        try:
            return str(capfirst(apps.get_model(self.listing)._meta.verbose_name_plural))
        except LookupError:
            return self.listing
