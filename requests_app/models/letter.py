from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.request import ServiceRequest


class Addressee(models.TextChoices):
    CONSUMER = "consumer", "заявителю"
    ACCOUNTANT = "accountant", "бухгалтеру"


class Letter(models.Model):
    """
    That a letter about a request was queued: when, to whom in words, what its subject said. No address and no link to the
    queue: those of an anonymous reporter would name them.
    """

    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="letters", verbose_name="заявка"
    )
    to = models.CharField("кому", max_length=10, choices=Addressee)
    subject = models.CharField("тема", max_length=200)
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "письмо о\N{NO-BREAK SPACE}заявке"
        verbose_name_plural = "письма о\N{NO-BREAK SPACE}заявках"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to__in=sorted(Addressee.values)), name="letter_addressee_known")
        ]

    def __str__(self) -> str:
        return self.subject
