from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from requests_app.models.request import ServiceRequest


class TermReminder(models.Model):
    """That an assignee was reminded of a term: one row of a kind for a day, so two servers write one letter."""

    service_request = models.ForeignKey(
        ServiceRequest,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="term_reminders",
        verbose_name="заявка",
    )
    kind = models.CharField("напоминание", max_length=10)
    due_on = models.DateField("о каком сроке")  # moved, it is reminded of anew
    written_at = models.DateTimeField("когда написано", default=timezone.now)

    class Meta:
        verbose_name = "напоминание о\N{NO-BREAK SPACE}сроке"
        verbose_name_plural = "напоминания о\N{NO-BREAK SPACE}сроках"
        constraints = [
            models.UniqueConstraint(fields=["service_request", "kind", "due_on"], name="term_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.service_request}"


class TermDigest(models.Model):
    """That a supervisor had the digest of a day, or that there was nothing to tell."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="+",
        verbose_name="кому",
    )
    day = models.DateField("за какой день")
    written_at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "сводка о\N{NO-BREAK SPACE}сроках"
        verbose_name_plural = "сводки о\N{NO-BREAK SPACE}сроках"
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="term_digest_once")]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y}"
