from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from requests_app.models.request import ServiceRequest
from requests_app.supply_keys import address_key, contract_key, serial_key


class PlaceKind(models.TextChoices):
    """By what two requests may be about the same; in the order in which it is told."""

    SERIAL = "serial", "тот же счётчик"
    CONTRACT = "contract", "тот же договор"
    ADDRESS = "address", "тот же адрес"


class PlaceKeyQuerySet(models.QuerySet["PlaceKey"]):
    def note(self, service_request: ServiceRequest) -> None:
        """Store what the request is about, anew after its detail has changed; what is stored already stays."""
        rows = [
            self.model(service_request=service_request, kind=kind, key=key) for kind, key in keys_of(service_request)
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    def newest_with(self, kind: str, key: str) -> Self:
        """The rows of requests about the same, the newest request first: one walk down an index."""
        return self.filter(kind=kind, key=key).order_by("-service_request_id")


class PlaceKey(models.Model):
    """The address, the contract or a meter that a request is about, as it is compared: see `requests_app.supply_keys`."""

    service_request = models.ForeignKey(
        ServiceRequest,
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
        related_name="place_keys",
        verbose_name="заявка",
    )
    kind = models.CharField("что", max_length=8, choices=PlaceKind)
    key = models.CharField("для сравнения", max_length=300)

    objects = PlaceKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "о\N{NO-BREAK SPACE}чём заявка"
        verbose_name_plural = "о\N{NO-BREAK SPACE}чём заявки"
        indexes = [models.Index(fields=["kind", "key", "-service_request"], name="place_key_newest")]
        constraints = [
            models.UniqueConstraint(fields=["service_request", "kind", "key"], name="place_key_once"),
            models.CheckConstraint(condition=~Q(key=""), name="place_key_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=sorted(PlaceKind.values)), name="place_key_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.key}"


def keys_of(service_request: ServiceRequest) -> set[tuple[str, str]]:
    """
    (kind, key) of all that the request names. Of an anonymous one the address alone: a contract or a meter is somebody's,
    and would lead to the reporter.
    """
    detail = service_request.detail
    addresses = [service_request.object_address, *detail.addresses()]
    found = {(PlaceKind.ADDRESS.value, address_key(address)) for address in addresses}
    if not service_request.is_anonymous:
        found.add((PlaceKind.CONTRACT.value, contract_key(service_request.contract_number)))
        found |= {(PlaceKind.SERIAL.value, serial_key(serial)) for serial in detail.serials()}
    return {(kind, key) for kind, key in found if key}
