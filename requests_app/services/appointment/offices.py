"""Where visitors are received: offices, their hours and closed days."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from requests_app.dates import full_day
from requests_app.services.appointment.slots import Hours
from rsmportal.russian import counted

_WEEKDAYS = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]


def _between(low: int, high: int) -> list[Any]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class OfficeQuerySet(models.QuerySet["Office"]):
    def booking(self) -> Self:
        """Those in which one can book."""
        return self.filter(is_open=True)

    def locked(self) -> Self:
        """Hold the rows until the transaction ends: one booking of an office at a time looks for a free window."""
        return self.select_for_update(of=("self",), no_key=True)


class Office(models.Model):
    """Where visitors are received, and the rules by which they book. Rows, not code: another company has others."""

    name = models.CharField("название", max_length=100, unique=True)
    address = models.CharField("адрес", max_length=300)
    is_open = models.BooleanField("запись открыта", default=True)
    slot_minutes = models.PositiveSmallIntegerField(
        "длина приёма, минут", default=20, validators=_between(5, 240), help_text="Уже сделанные записи не изменятся"
    )
    windows = models.PositiveSmallIntegerField(
        "окон", default=1, validators=_between(1, 20), help_text="Сколько посетителей принимают одновременно"
    )
    lead_minutes = models.PositiveSmallIntegerField(
        "записаться не\N{NO-BREAK SPACE}позднее, минут",
        default=60,
        validators=_between(0, 2880),
        help_text="Рабочего времени офиса до\N{NO-BREAK SPACE}приёма",
    )
    horizon_days = models.PositiveSmallIntegerField("записаться вперёд, дней", default=30, validators=_between(1, 90))
    cutoff_minutes = models.PositiveSmallIntegerField(
        "отменить или перенести не\N{NO-BREAK SPACE}позднее, минут",
        default=120,
        validators=_between(0, 2880),
        help_text="До\N{NO-BREAK SPACE}начала приёма",
    )
    bring = models.TextField(
        "что взять с\N{NO-BREAK SPACE}собой", max_length=1000, blank=True, help_text="Каждая вещь на своей строке"
    )

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "офис"
        verbose_name_plural = "офисы"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="office_named"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5, slot_minutes__lte=240), name="office_slot"),
            models.CheckConstraint(condition=Q(windows__gte=1, windows__lte=20), name="office_windows"),
            models.CheckConstraint(condition=Q(horizon_days__gte=1, horizon_days__lte=90), name="office_horizon"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cutoff(self) -> timedelta:
        return timedelta(minutes=self.cutoff_minutes)

    @property
    def cutoff_words(self) -> str:
        """«2 часа», «30 минут»."""
        hours, minutes = divmod(self.cutoff_minutes, 60)
        if minutes:
            return counted(self.cutoff_minutes, "минуту", "минуты", "минут")
        return counted(hours, "час", "часа", "часов")

    @property
    def things_to_bring(self) -> list[str]:
        return [line.strip() for line in self.bring.splitlines() if line.strip()]


class OfficeHours(models.Model):
    """When an office receives on one day of the week; without a row it is a day off."""

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="hours", db_index=False, verbose_name="офис"
    )
    weekday = models.PositiveSmallIntegerField("день недели", choices=list(enumerate(_WEEKDAYS)))
    opens = models.TimeField("открывается")
    closes = models.TimeField("закрывается")
    break_starts = models.TimeField("перерыв с", null=True, blank=True)
    break_ends = models.TimeField("перерыв до", null=True, blank=True)

    class Meta:
        verbose_name = "день приёма"
        verbose_name_plural = "часы приёма"
        ordering = ["office", "weekday"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "weekday"],
                name="office_hours_once",
                violation_error_message="Этот день недели уже есть.",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="office_hours_weekday"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="office_hours_open"),
            models.CheckConstraint(
                condition=Q(break_starts=None, break_ends=None)
                | Q(  # asked first, since a comparison with nothing is neither true nor false and would pass
                    break_starts__isnull=False,
                    break_ends__isnull=False,
                    break_starts__gt=F("opens"),
                    break_ends__gt=F("break_starts"),
                    closes__gt=F("break_ends"),
                ),
                name="office_hours_break",
            ),
        ]

    def __str__(self) -> str:
        # the trail reads it before it was stored
        opens, closes = (models.TimeField().to_python(at) for at in (self.opens, self.closes))
        return f"{self.get_weekday_display()}, {opens:%H:%M}–{closes:%H:%M}"

    def clean(self) -> None:
        """Say what is wrong by the field that is; the constraints are the same rules."""
        marks: list[Any] = [self.opens, self.break_starts, self.break_ends, self.closes]  # None where a field failed
        opens, *_, closes = marks
        if opens is not None and closes is not None and opens >= closes:
            raise ValidationError({"closes": ValidationError("Закрывается раньше, чем открывается.", code="order")})
        if (self.break_starts is None) != (self.break_ends is None):
            missing = "break_starts" if self.break_starts is None else "break_ends"
            raise ValidationError({missing: ValidationError("Укажите начало и конец перерыва.", code="pair")})
        if None not in marks and sorted(set(marks)) != marks:
            message = "Перерыв должен быть внутри часов приёма."
            raise ValidationError({"break_starts": ValidationError(message, code="outside")})

    @property
    def as_hours(self) -> Hours:
        return Hours(opens=self.opens, closes=self.closes, break_starts=self.break_starts, break_ends=self.break_ends)


class ClosedDay(models.Model):
    """
    A day on which an office receives nobody, though the calendar has it as a working day, or receives only until an
    hour that is earlier than usual.
    """

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="closed_days", db_index=False, verbose_name="офис"
    )
    date = models.DateField("дата")
    receives_until = models.TimeField(
        "принимаем до", null=True, blank=True, help_text="Короткий день. Пусто: не\N{NO-BREAK SPACE}принимаем весь день"
    )
    reason = models.CharField("причина", max_length=200, help_text="Её прочтут те, чей приём отменён")

    class Meta:
        verbose_name = "закрытый или короткий день"
        verbose_name_plural = "закрытые и\N{NO-BREAK SPACE}короткие дни"
        ordering = ["-date"]
        constraints = [
            models.UniqueConstraint(fields=["office", "date"], name="closed_day_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="closed_day_has_reason"),
            # nobody is received until midnight: an empty hour says that
            models.CheckConstraint(
                condition=Q(receives_until=None) | Q(receives_until__gt=time.min), name="closed_day_until_an_hour"
            ),
        ]

    def __str__(self) -> str:
        """«31 декабря 2026, приём до 15:00: перед праздником»."""
        # the trail reads it before it was stored
        day, until = models.DateField().to_python(self.date), models.TimeField().to_python(self.receives_until)
        short = f", приём до\N{NO-BREAK SPACE}{until:%-H:%M}" if until else ""
        return f"{full_day(day)}{short}: {self.reason}"
