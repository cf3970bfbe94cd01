"""How long what is written down about people is kept: rows that the data protection officer sets."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rsmportal.append_only import AppendOnly

_LEAST, _MOST = 30, 36500  # days


class Kept(models.TextChoices):
    VIEWS = "views", "Журнал просмотров"
    CHANGES = "changes", "Журнал изменений"
    DOWNLOADS = "downloads", "Журнал скачиваний"
    LOGINS = "logins", "Неудачные попытки входа"
    DRAFTS = "drafts", "Неотправленные ответы на\N{NO-BREAK SPACE}опросы"  # from the last day of the survey on


class RetentionRule(models.Model):
    """Of one kind: how many days its rows are kept, and why so long."""

    what = models.CharField("что", max_length=9, choices=Kept, unique=True)
    days = models.PositiveIntegerField(
        "сколько дней хранить",
        validators=[
            MinValueValidator(_LEAST, f"Не\N{NO-BREAK SPACE}меньше {_LEAST} дней."),
            MaxValueValidator(_MOST, f"Не\N{NO-BREAK SPACE}больше {_MOST} дней."),
        ],
    )
    basis = models.CharField("основание", max_length=500)

    class Meta:
        verbose_name = "срок хранения"
        verbose_name_plural = "сроки хранения"
        ordering = ["what"]
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=_LEAST, days__lte=_MOST), name="retention_rule_days"),
            models.CheckConstraint(condition=~Q(basis=""), name="retention_rule_has_basis"),
            models.CheckConstraint(condition=Q(what__in=sorted(Kept.values)), name="retention_rule_known"),
        ]

    def __str__(self) -> str:
        return str(self.get_what_display())


class RetentionRun(AppendOnly):
    """What one rule has taken away at one time; append-only, for the proof that it was destroyed."""

    what = models.CharField("что", max_length=9, choices=Kept)
    at = models.DateTimeField("когда", default=timezone.now)
    before = models.DateTimeField("записи раньше")
    days = models.PositiveIntegerField("срок, дней")
    removed = models.PositiveIntegerField("удалено записей")

    class Meta:
        verbose_name = "удаление по\N{NO-BREAK SPACE}сроку"
        verbose_name_plural = "удаления по\N{NO-BREAK SPACE}сроку"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()}, {timezone.localtime(self.at):%d.%m.%Y %H:%M}"
