from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest

ENOUGH_LINK_REASON = MinLengthValidator(10, "Напишите подробнее, почему это один человек: хотя бы 10 знаков.")


class Consent(models.TextChoices):
    """How the applicant agreed to the processing of what they told."""

    SPOKEN = "spoken", "Устно, в\N{NO-BREAK SPACE}разговоре"
    PAPER = "paper", "На\N{NO-BREAK SPACE}бумаге, хранится у\N{NO-BREAK SPACE}нас"
    SCAN = "scan", "На\N{NO-BREAK SPACE}бумаге, скан приложен"


class Reception(models.Model):
    """
    A request that a colleague wrote down for somebody: who did, when, and how the applicant agreed to it. When it came
    is `ServiceRequest.submitted_at`, and how `appeal_form`.

    `linked_…` tell who gave it to a cabinet later, and why they are one person.
    """

    service_request = models.OneToOneField(
        ServiceRequest, on_delete=models.CASCADE, primary_key=True, related_name="reception", verbose_name="заявка"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="кто принял"
    )
    registered_at = models.DateTimeField("когда записано", default=timezone.now)
    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)
    consent = models.CharField("согласие", max_length=6, choices=Consent)
    consent_on = models.DateField("когда дано согласие")
    visit = models.ForeignKey(
        ServiceRequest,
        on_delete=models.PROTECT,
        null=True,
        related_name="taken_at_visit",
        verbose_name="на\N{NO-BREAK SPACE}каком приёме",
    )
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="кто привязал к\N{NO-BREAK SPACE}кабинету",
    )
    linked_at = models.DateTimeField("когда привязано", null=True)
    link_reason = models.CharField(
        "почему это один человек", max_length=300, blank=True, validators=[ENOUGH_LINK_REASON]
    )

    class Meta:
        verbose_name = "приём обращения"
        verbose_name_plural = "приёмы обращений"
        constraints = [
            models.UniqueConstraint(fields=["by", "submission_key"], name="reception_once"),
            models.CheckConstraint(condition=Q(consent__in=sorted(Consent.values)), name="reception_has_consent"),
            models.CheckConstraint(
                condition=Q(linked_by=None, linked_at=None, link_reason="")
                | Q(linked_by__isnull=False, linked_at__isnull=False) & ~Q(link_reason=""),
                name="reception_linked_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Приём {self.service_request}"
