from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models

from requests_app.deadlines import DayKind


def service_choices() -> list[tuple[str, str]]:
    """The callable that model fields take as `choices`: a new service makes no migration of choices."""
    from requests_app import services  # the services import the models

    return services.choices()


class ServiceTermQuerySet(models.QuerySet["ServiceTerm"]):
    def current(self, *, on: date) -> Self:
        """For every service the row that is in force `on` that day."""
        newest = self.model.objects.filter(service=models.OuterRef("service"), valid_from__lte=on)
        return self.filter(pk=models.Subquery(newest.order_by("-valid_from").values("pk")[:1]))


class ServiceTerm(models.Model):
    """
    Within how many days a service is answered, and on what basis. Rows, not code: terms change by order of the
    ministry, and a request keeps the one that it was given.
    """

    service = models.CharField("услуга", max_length=32, choices=service_choices)
    days = models.PositiveSmallIntegerField("дней")
    day_kind = models.CharField("какие дни", max_length=8, choices=DayKind.choices)
    legal_basis = models.CharField("основание", max_length=300, help_text="Показывается потребителю рядом со сроком.")
    valid_from = models.DateField("действует с")

    objects = ServiceTermQuerySet.as_manager()

    class Meta:
        verbose_name = "срок ответа"
        verbose_name_plural = "сроки ответа"
        ordering = ["service", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["service", "valid_from"], name="service_term_unique"),
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=365), name="service_term_days"),
        ]

    def __str__(self) -> str:
        first = models.DateField().to_python(self.valid_from)  # the trail reads it before it was stored
        return f"{self.get_service_display()}: {self.days}, с {first:%d.%m.%Y}"
