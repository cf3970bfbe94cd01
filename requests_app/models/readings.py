"""Meter readings: the months for which they count, when they are taken in, and every value that was ever given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import LegalForm
from requests_app.models.request import ServiceRequest
from requests_app.models.supply import Meter
from requests_app.reading_rules import Answer, MeterKind, Question
from requests_app.reading_windows import Window, WindowRule, first_of
from rsmportal.append_only import AppendOnly

_DAYS = "от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}31; если в\N{NO-BREAK SPACE}месяце меньше дней, последний"


class ReadingWindow(models.Model):
    """When a month's readings are taken in from consumers of one legal form. Rows, not code: contracts differ."""

    legal_form = models.CharField("правовая форма", max_length=11, choices=LegalForm, unique=True)
    from_day = models.PositiveSmallIntegerField("с\N{NO-BREAK SPACE}какого числа", help_text=_DAYS)
    to_day = models.PositiveSmallIntegerField("по\N{NO-BREAK SPACE}какое число", help_text=_DAYS)
    ends_next_month = models.BooleanField("последний день в\N{NO-BREAK SPACE}следующем месяце", default=False)
    advised_from = models.PositiveSmallIntegerField("лучше с\N{NO-BREAK SPACE}числа", null=True, blank=True)
    as_of_next_first = models.BooleanField("показания на\N{NO-BREAK SPACE}1-е число следующего месяца", default=False)

    class Meta:
        verbose_name = "срок приёма показаний"
        verbose_name_plural = "сроки приёма показаний"
        ordering = ["legal_form"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_day__gte=1, from_day__lte=31, to_day__gte=1, to_day__lte=31)
                & (Q(advised_from=None) | Q(advised_from__gte=F("from_day"), advised_from__lte=31)),
                name="reading_window_days",
            ),
            models.CheckConstraint(
                condition=Q(ends_next_month=True) | Q(to_day__gte=F("from_day")), name="reading_window_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(as_of_next_first=False) | Q(ends_next_month=True), name="reading_window_as_of_is_within"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_legal_form_display())

    @property
    def rule(self) -> WindowRule:
        return WindowRule(
            from_day=self.from_day,
            to_day=self.to_day,
            ends_next_month=self.ends_next_month,
            advised_from=self.advised_from,
            as_of_next_first=self.as_of_next_first,
        )


class ReadingPeriodQuerySet(models.QuerySet["ReadingPeriod"]):
    def closed_months(self, *, since: date) -> frozenset[date]:
        """The first days of the months closed from that of `since` on."""
        closed = self.filter(closed_at__isnull=False, month__gte=first_of(since))
        return frozenset(closed.values_list("month", flat=True))

    def locked(self, month: date) -> ReadingPeriod:
        """The period of this month, made if it is the first time, held until the transaction ends."""
        self.get_or_create(month=first_of(month))
        return self.select_for_update(no_key=True).get(month=first_of(month))


class ReadingPeriod(models.Model):
    """A month of the account. Once staff have closed it, its readings stay as they are."""

    month = models.DateField("месяц", unique=True)  # its first day
    closed_at = models.DateTimeField("когда закрыт", null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="кто закрыл",
    )

    objects = ReadingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "расчётный месяц"
        verbose_name_plural = "расчётные месяцы"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="reading_period_is_a_month"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="reading_period_closed_in_pairs",
            ),
        ]
        permissions = [("close_readingperiod", "Может закрывать и\N{NO-BREAK SPACE}открывать расчётные месяцы")]

    def __str__(self) -> str:
        return date_format(self.month, "F Y").lower()

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class PeriodChange(AppendOnly):
    """Who closed or reopened a month, when and why; append-only."""

    period = models.ForeignKey(
        ReadingPeriod, on_delete=models.CASCADE, related_name="changes", verbose_name="расчётный месяц"
    )
    is_closed = models.BooleanField("закрыт")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)
    reason = models.CharField("причина", max_length=300, blank=True)

    class Meta:
        verbose_name = "закрытие месяца"
        verbose_name_plural = "закрытия месяцев"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_closed=True) | ~Q(reason=""), name="period_change_reopened_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{'Закрыт' if self.is_closed else 'Открыт снова'} {timezone.localtime(self.at):%d.%m.%Y %H:%M}"


class Source(models.TextChoices):
    CONSUMER = "consumer", "Потребитель"
    CONTROL = "control", "Контрольное снятие"
    REMOTE = "remote", "Дистанционно"
    ESTIMATE = "estimate", "Расчёт"
    INITIAL = "initial", "Начальное"


class ReadingState(models.TextChoices):
    ACCEPTED = "accepted", "Принято"
    IN_QUESTION = "in_question", "На\N{NO-BREAK SPACE}проверке"
    SUPERSEDED = "superseded", "Исправлено"
    REJECTED = "rejected", "Не\N{NO-BREAK SPACE}принято"
    WITHDRAWN = "withdrawn", "Отозвано"


CURRENT = [ReadingState.ACCEPTED, ReadingState.IN_QUESTION]  # at most one of these per meter, zone and month


class ReadingQuerySet(models.QuerySet["Reading"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the meters at supply points to which staff have confirmed that `user` has access."""
        return self.filter(meter__point__grants__user=user, meter__point__grants__status="confirmed")

    def current(self) -> Self:
        """What counts now, or waits for staff; corrected and rejected values apart."""
        return self.filter(state__in=CURRENT)

    def current_or_control(self) -> Self:
        """The same, and what our own people have read: it stays a lower bound after it was superseded."""
        return self.filter(Q(state__in=CURRENT) | Q(state=ReadingState.SUPERSEDED, source=Source.CONTROL))

    def accepted(self) -> Self:
        return self.filter(state=ReadingState.ACCEPTED)

    def in_question(self) -> Self:
        return self.filter(state=ReadingState.IN_QUESTION)

    def of_month(self, month: date) -> Self:
        return self.filter(period__month=first_of(month))

    def in_time(self, window: Window) -> Self:
        """Those of the month of `window`, apart from what consumers took too early to tell of the whole of it."""
        return self.of_month(window.month).exclude(source=Source.CONSUMER, taken_on__lt=window.in_time_from)

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Reading(models.Model):
    """
    A value of one zone of a meter. Values are never changed: a correction is another row that names the one it replaces.

    `consumption_kwh` is (value − previous_value) × ratio as counted when it was given; unknown for the first reading of
    a meter and for a value said to be of another meter.
    """

    meter = models.ForeignKey(
        Meter, on_delete=models.PROTECT, related_name="readings", db_index=False, verbose_name="прибор учёта"
    )
    zone = models.PositiveSmallIntegerField("зона", default=1)
    period = models.ForeignKey(
        ReadingPeriod, on_delete=models.PROTECT, null=True, related_name="readings", verbose_name="расчётный месяц"
    )
    taken_on = models.DateField("дата показания")
    value = models.DecimalField("показание", max_digits=12, decimal_places=3)
    previous_value = models.DecimalField("прошлое показание", max_digits=12, decimal_places=3, null=True)
    previous_on = models.DateField("дата прошлого показания", null=True)
    ratio = models.PositiveIntegerField("коэффициент", default=1)
    consumption_kwh = models.DecimalField("расход, кВт·ч", max_digits=22, decimal_places=3, null=True)

    source = models.CharField("источник", max_length=8, choices=Source, default=Source.CONSUMER)
    state = models.CharField("состояние", max_length=11, choices=ReadingState, default=ReadingState.ACCEPTED)
    question_codes = models.CharField("вопросы", max_length=60, blank=True)  # of `Question`, with commas between
    answer = models.CharField("ответ потребителя", max_length=8, choices=Answer, blank=True)
    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.PROTECT, null=True, related_name="readings", verbose_name="заявка"
    )
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", verbose_name="исправляет"
    )
    correction_reason = models.CharField("причина исправления", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто передал"
    )
    recorded_at = models.DateTimeField("когда передано", default=timezone.now)
    accepted_at = models.DateTimeField("когда принято", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто решил"
    )
    decided_at = models.DateTimeField("когда решено", null=True)
    decision_reason = models.CharField("причина решения", max_length=500, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "показание"
        verbose_name_plural = "показания"
        ordering = ["-taken_on", "meter_id", "zone", "-pk"]
        indexes = [
            models.Index(fields=["meter", "zone", "-taken_on"], name="reading_of_meter"),
            models.Index(
                fields=["period", "recorded_at"],
                condition=Q(state=ReadingState.IN_QUESTION),
                name="reading_in_question",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "zone", "period"],
                condition=Q(state__in=sorted(CURRENT)) & ~Q(source=Source.INITIAL),
                name="reading_one_current",
            ),
            models.UniqueConstraint(
                fields=["meter", "zone"],
                condition=Q(source=Source.INITIAL, state=ReadingState.ACCEPTED),
                name="reading_one_initial",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.INITIAL, period=None) | (~Q(source=Source.INITIAL) & Q(period__isnull=False)),
                name="reading_has_period",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ReadingState.values), source__in=sorted(Source.values)),
                name="reading_words_known",
            ),
            models.CheckConstraint(condition=Q(zone__gte=1, zone__lte=3), name="reading_zone"),
            models.CheckConstraint(
                condition=Q(value__gte=0, ratio__gte=1) & (Q(consumption_kwh=None) | Q(consumption_kwh__gte=0)),
                name="reading_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(previous_value=None, previous_on=None, consumption_kwh=None)
                | Q(previous_value__isnull=False, previous_on__isnull=False, previous_on__lte=F("taken_on")),
                name="reading_previous_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(state=ReadingState.ACCEPTED, accepted_at__isnull=False)
                | Q(state=ReadingState.SUPERSEDED)
                | Q(
                    state__in=[ReadingState.IN_QUESTION, ReadingState.REJECTED, ReadingState.WITHDRAWN],
                    accepted_at=None,
                ),
                name="reading_accepted_at_when_accepted",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, decision_reason="")
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="reading_decided_in_pairs",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReadingState.REJECTED) | ~Q(decision_reason=""), name="reading_rejected_with_reason"
            ),
        ]
        permissions = [
            ("process_reading", "Может принимать и\N{NO-BREAK SPACE}исправлять показания"),
            ("export_reading", "Может выгружать показания для расчётов"),
        ]

    def __str__(self) -> str:
        return f"{self.value.normalize():f}"

    @property
    def questions(self) -> list[Question]:
        return [Question(code) for code in self.question_codes.split(",") if code]

    @property
    def difference(self) -> Decimal | None:
        """How far the drums went, before the ratio."""
        return None if self.consumption_kwh is None else self.consumption_kwh / self.ratio

    @property
    def is_accepted(self) -> bool:
        return self.state == ReadingState.ACCEPTED

    @property
    def is_current(self) -> bool:
        return self.state in CURRENT

    def is_early(self, window: Window) -> bool:
        """Is it the opposite of `in_time` for the month of `window`?"""
        return self.source == Source.CONSUMER and self.taken_on < window.in_time_from

    @property
    def days(self) -> int:
        """Days since the previous reading; zero for the first."""
        return (self.taken_on - self.previous_on).days if self.previous_on else 0


def codes_of(questions: Iterable[Question]) -> str:
    """As `Reading.question_codes` keeps them."""
    return ",".join(sorted(questions))


def kind_of(meter: Meter) -> MeterKind:
    """What the arithmetic must know of this meter."""
    return MeterKind(
        digits_before=meter.digits_before, digits_after=meter.digits_after, zones=meter.zones, ratio=meter.ratio
    )
