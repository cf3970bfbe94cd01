from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.readings import ReadingWindow
from rsmportal.russian import counted


class ReadingReminderRule(models.Model):
    """When those who have not sent their readings are reminded. Without a row for its window, nobody is."""

    window = models.OneToOneField(
        ReadingWindow, on_delete=models.CASCADE, related_name="reminder_rule", verbose_name="срок приёма"
    )
    days_before = models.PositiveSmallIntegerField(
        "за сколько дней до\N{NO-BREAK SPACE}конца приёма",
        default=3,
        help_text="0\N{NO-BREAK SPACE}— в\N{NO-BREAK SPACE}последний день",
    )

    class Meta:
        verbose_name = "напоминание о\N{NO-BREAK SPACE}показаниях"
        verbose_name_plural = "напоминание о\N{NO-BREAK SPACE}показаниях"
        constraints = [
            models.CheckConstraint(condition=Q(days_before__lte=28), name="reading_reminder_rule_days"),
        ]

    def __str__(self) -> str:
        return f"за\N{NO-BREAK SPACE}{counted(self.days_before, 'день', 'дня', 'дней')}"


class ReadingReminder(models.Model):
    """That a consumer was reminded of the readings of a month: the row makes sure that it happens once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="кому")
    month = models.DateField("месяц")  # its first day
    written_at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "отправленное напоминание о\N{NO-BREAK SPACE}показаниях"
        verbose_name_plural = "отправленные напоминания о\N{NO-BREAK SPACE}показаниях"
        constraints = [
            models.UniqueConstraint(fields=["user", "month"], name="reading_reminder_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="reading_reminder_is_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m.%Y}"


class ReadingReminderRefusal(models.Model):
    """A consumer who does not want to be reminded of readings."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name="кто"
    )
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "отказ от\N{NO-BREAK SPACE}напоминаний о\N{NO-BREAK SPACE}показаниях"
        verbose_name_plural = "отказы от\N{NO-BREAK SPACE}напоминаний о\N{NO-BREAK SPACE}показаниях"

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%d.%m.%Y}"
