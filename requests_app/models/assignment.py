from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest
from requests_app.models.term import service_choices
from rsmportal.append_only import AppendOnly


class Choice(models.TextChoices):
    """Which of several people gets the next one."""

    LEAST = "least", "У\N{NO-BREAK SPACE}кого меньше открытых заявок"
    TURN = "turn", "По\N{NO-BREAK SPACE}очереди"


class AssignmentRule(models.Model):
    """Who gets a new request of a service, or of one of its topics; the first rule that fits and has somebody counts."""

    service = models.CharField("услуга", max_length=32, choices=service_choices)
    topic = models.CharField("тема", max_length=32, blank=True)  # a choice of the service's form; empty for any
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="кому")
    choice = models.CharField("если людей несколько", max_length=5, choices=Choice, default=Choice.LEAST)
    order = models.PositiveSmallIntegerField(
        "порядок", default=10, help_text="Правила с\N{NO-BREAK SPACE}меньшим числом смотрим раньше."
    )
    is_active = models.BooleanField("действует", default=True)

    class Meta:
        verbose_name = "правило назначения"
        verbose_name_plural = "правила назначения"
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["service", "topic", "order"], name="assignment_rule_order")]
        permissions = [("view_workload", "Может видеть нагрузку сотрудников")]

    def __str__(self) -> str:
        return f"{self.get_service_display()}: {self.topic_label}"

    @property
    def topic_label(self) -> str:
        """«учёт электроэнергии», or that any topic is meant."""
        from requests_app import services  # the services import the models

        return services.get(self.service).topics().get(self.topic, self.topic) if self.topic else "любая тема"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        """Of those who are away that day."""
        return self.filter(from_day__lte=day, until__gte=day, ended_at=None)

    def visible_to(self, user: Any) -> Self:
        """Whoever may enter absences of others sees all; a colleague the own ones."""
        return self if user.has_perm("requests_app.add_absence") else self.filter(who=user)

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Absence(models.Model):
    """A colleague is away, both days included; `ended_at` when they came back earlier, or it was called off."""

    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="absences",
        verbose_name="кого не\N{NO-BREAK SPACE}будет",
    )
    from_day = models.DateField("с")
    until = models.DateField("по")
    stand_ins = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name="кто замещает"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто внёс"
    )
    entered_at = models.DateTimeField("когда внесено", default=timezone.now)
    handed_over_at = models.DateTimeField("когда переданы заявки", null=True, editable=False)
    ended_at = models.DateTimeField("когда закончилось раньше", null=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "отсутствие"
        verbose_name_plural = "отсутствия"
        ordering = ["-from_day", "-pk"]
        indexes = [models.Index(fields=["from_day"], condition=Q(handed_over_at=None), name="absence_to_come")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("from_day")), name="absence_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.who.name or self.who.email}, {self.from_day:%d.%m}–{self.until:%d.%m.%Y}"


class Cause(models.TextChoices):
    """Why a request got another assignee."""

    HAND = "hand", "вручную"
    RULE = "rule", "по\N{NO-BREAK SPACE}правилу"
    ABSENCE = "absence", "на\N{NO-BREAK SPACE}время отсутствия"
    RETURN = "return", "после отсутствия"


class AssignmentChange(AppendOnly):
    """
    A request was given to a colleague, or to nobody; append-only. Nobody acts by a rule; by rule it is taken from somebody
    when they have left.
    """

    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="assignment_changes", verbose_name="заявка"
    )
    was = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="было"
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="стало"
    )
    cause = models.CharField("почему", max_length=7, choices=Cause)
    rule = models.ForeignKey(
        AssignmentRule, on_delete=models.SET_NULL, null=True, related_name="changes", verbose_name="правило"
    )
    absence = models.ForeignKey(
        Absence, on_delete=models.PROTECT, null=True, related_name="changes", verbose_name="отсутствие"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто"
    )
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "назначение"
        verbose_name_plural = "назначения"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause=Cause.RULE, by=None) | ~Q(cause=Cause.RULE) & Q(by__isnull=False),
                name="assignment_by_somebody_or_rule",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=[Cause.ABSENCE, Cause.RETURN], absence__isnull=False)
                | Q(cause__in=[Cause.HAND, Cause.RULE], absence=None),
                name="assignment_of_absence",
            ),
        ]

    def __str__(self) -> str:
        return self.event

    @property
    def event(self) -> str:
        """«Назначено по правилу: Марина Олеговна, оператор», for staff alone."""
        name = (self.to.name or self.to.email) if self.to else "никому"
        away = (self.was.name or self.was.email) if self.was else "исполнителя"
        left = f"Передано: {name}" if self.to else "Осталась без\N{NO-BREAK SPACE}исполнителя"
        match self.cause:
            case Cause.RULE if self.was:
                return f"{left}. Причина: {away} больше не\N{NO-BREAK SPACE}обрабатывает такие заявки"
            case Cause.RULE:
                return f"Назначено по\N{NO-BREAK SPACE}правилу: {name}"
            case Cause.ABSENCE:
                return f"{left}. Причина: отсутствует {away}"
            case Cause.RETURN:
                return f"Возвращено: {name}. Отсутствие закончилось"
            case _:
                return f"Исполнитель: {name}" if self.to else "Исполнитель снят"
