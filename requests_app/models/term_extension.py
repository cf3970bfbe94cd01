from __future__ import annotations

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.dates import day_in_words
from requests_app.models.request import ServiceRequest
from rsmportal.append_only import AppendOnly

ENOUGH_REASON = MinLengthValidator(10, "Напишите причину подробнее: хотя бы 10 знаков.")


class TermExtension(AppendOnly):
    """
    The day of the answer was moved: from when to when, and the reason that the consumer reads. Append-only.

    `disputes` is how many disagreements the request had then: a disagreement lets the term run anew, and an extension
    of the term before it says nothing of the new one.
    """

    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="extensions", verbose_name="заявка"
    )
    disputes = models.PositiveSmallIntegerField("несогласий к\N{NO-BREAK SPACE}тому времени")
    from_day = models.DateField("срок был до")
    until = models.DateField("продлён до")
    reason = models.CharField("причина", max_length=300, validators=[ENOUGH_REASON])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "продление срока"
        verbose_name_plural = "продления срока"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("from_day")), name="term_extension_is_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="term_extension_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.service_request}, до {self.until:%d.%m.%Y}"

    @property
    def came_late(self) -> bool:
        """Was the term over by then?"""
        return timezone.localdate(self.at) > self.from_day

    @property
    def event(self) -> str:
        """How the history tells it to both sides."""
        until = day_in_words(self.until, today=timezone.localdate(self.at))
        return f"Срок ответа продлён до\N{NO-BREAK SPACE}{until}. Причина: {self.reason}"
