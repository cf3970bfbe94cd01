from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from requests_app.models.supply import SupplyPoint
from requests_app.supply_keys import contract_key, serial_key


class GrantStatus(models.TextChoices):
    ASKED = "asked", "На\N{NO-BREAK SPACE}проверке"
    CONFIRMED = "confirmed", "Подтверждён"
    REFUSED = "refused", "Отказано"
    REVOKED = "revoked", "Доступ отозван"
    WITHDRAWN = "withdrawn", "Просьба отозвана"


class GrantBasis(models.TextChoices):
    """By what staff are to recognise that the object is the consumer's; a document is the stronger one."""

    METER = "meter", "Номер договора и\N{NO-BREAK SPACE}номер счётчика"
    DOCUMENT = "document", "Номер договора и\N{NO-BREAK SPACE}документ"


DECIDED = [GrantStatus.CONFIRMED, GrantStatus.REFUSED, GrantStatus.REVOKED]
WITH_POINT = [GrantStatus.CONFIRMED, GrantStatus.REVOKED]


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def confirmed_for(self, user: Any) -> Self:
        """The grants by which `user` may see a point: its meters, history and documents."""
        return self.of(user).filter(status=GrantStatus.CONFIRMED)

    def waiting(self) -> Self:
        return self.filter(status=GrantStatus.ASKED)

    def with_meter_count(self) -> Self:
        """How many meters stand at the point now, as `meter_count`."""
        return self.annotate(meter_count=Count("point__meters", filter=Q(point__meters__removed_on=None)))

    def locked(self) -> Self:
        """Hold the rows until the transaction ends; others may read them and refer to them, but not change them."""
        return self.select_for_update(of=("self",), no_key=True)


class AccessGrant(models.Model):
    """
    A consumer's right to a supply point, from asking to its end.

    What was typed proves nothing and is looked up by staff alone: the point is named when they confirm, and not before,
    so no answer to the consumer can tell whether a contract or a meter exists.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who was let in, and by whom, outlives an account
        related_name="access_grants",
        verbose_name="потребитель",
    )
    point = models.ForeignKey(
        SupplyPoint, on_delete=models.PROTECT, null=True, related_name="grants", verbose_name="точка поставки"
    )
    status = models.CharField("состояние", max_length=9, choices=GrantStatus, default=GrantStatus.ASKED)
    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)

    basis = models.CharField("чем подтверждается", max_length=8, choices=GrantBasis)
    contract_number = models.CharField("номер договора", max_length=60)
    contract_key = models.CharField("номер договора для поиска", max_length=60, editable=False, db_index=True)
    meter_serial = models.CharField("номер счётчика", max_length=40, blank=True)
    serial_key = models.CharField("номер счётчика для поиска", max_length=40, blank=True, editable=False, db_index=True)
    address = models.CharField("адрес объекта", max_length=300, blank=True)
    asked_at = models.DateTimeField("когда", default=timezone.now)

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто решил"
    )
    decided_at = models.DateTimeField("когда решено", null=True)
    reason = models.CharField("причина решения", max_length=500, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто отозвал"
    )
    revoked_at = models.DateTimeField("когда отозван", null=True)
    revocation_reason = models.CharField("причина отзыва", max_length=500, blank=True)
    withdrawn_at = models.DateTimeField("когда передумал потребитель", null=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "доступ к\N{NO-BREAK SPACE}объекту"
        verbose_name_plural = "доступ к\N{NO-BREAK SPACE}объектам"
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["status", "-asked_at"], name="access_grant_queue")]
        constraints = [
            models.UniqueConstraint(fields=["user", "submission_key"], name="access_grant_sent_once"),
            models.UniqueConstraint(
                fields=["user", "point"],
                condition=Q(status=GrantStatus.CONFIRMED),
                name="access_grant_one_per_point",
            ),
            models.UniqueConstraint(
                fields=["user", "contract_key", "serial_key"],
                condition=Q(status=GrantStatus.ASKED),
                name="access_grant_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(GrantStatus.values)), name="access_grant_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(contract_key="") & (Q(basis=GrantBasis.DOCUMENT) | ~Q(serial_key="")),
                name="access_grant_says_what",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(WITH_POINT), point__isnull=False)
                | (~Q(status__in=sorted(WITH_POINT)) & Q(point=None)),
                name="access_grant_point_when_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(DECIDED), decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(status__in=sorted(DECIDED)) & Q(decided_by=None, decided_at=None, reason="")),
                name="access_grant_decided_in_pairs",
            ),
            models.CheckConstraint(
                condition=~Q(status=GrantStatus.REFUSED) | ~Q(reason=""), name="access_grant_refused_with_reason"
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=GrantStatus.REVOKED, revoked_by__isnull=False, revoked_at__isnull=False)
                    & ~Q(revocation_reason="")
                )
                | (~Q(status=GrantStatus.REVOKED) & Q(revoked_by=None, revoked_at=None, revocation_reason="")),
                name="access_grant_revoked_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(status=GrantStatus.WITHDRAWN, withdrawn_at__isnull=False)
                | (~Q(status=GrantStatus.WITHDRAWN) & Q(withdrawn_at=None)),
                name="access_grant_withdrawn_in_pairs",
            ),
        ]
        permissions = [
            ("decide_accessgrant", "Может решать о\N{NO-BREAK SPACE}доступе к\N{NO-BREAK SPACE}объектам"),
            ("revoke_accessgrant", "Может отзывать доступ к\N{NO-BREAK SPACE}объектам"),
        ]

    def __str__(self) -> str:
        return f"Договор {self.contract_number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.contract_key, self.serial_key = contract_key(self.contract_number), serial_key(self.meter_serial)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("requests:object", args=[self.pk])

    @property
    def is_confirmed(self) -> bool:
        return self.status == GrantStatus.CONFIRMED

    @property
    def known_point(self) -> SupplyPoint | None:
        """The point, while the consumer may know of it."""
        return self.point if self.is_confirmed else None
