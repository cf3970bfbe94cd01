"""What staff look at when they decide on access: what was asked, which points it may be, whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Consumer
from requests_app.admin.supply_search import find_points
from requests_app.admin.words import colleague
from requests_app.models import AccessGrant, Meter, SupplyPoint
from requests_app.models.detail import Row, rows_of
from requests_app.models.supply import IDENTIFIERS
from requests_app.supply_keys import contract_key, serial_key

MOST_CANDIDATES = 20


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A point beside what the consumer has typed and claims."""

    point: SupplyPoint
    meters: list[Meter]
    agrees: list[str]  # «номер договора», «ИНН»
    conflicts: list[str]
    claimants: int  # other cabinets that claim the identifiers of the contract


def candidates(grant: AccessGrant, *, typed: str) -> list[SupplyPoint]:
    """The points that may be meant: by what the consumer typed, or by the term of a colleague who looks further."""
    if typed.strip():
        found = find_points(SupplyPoint.objects.all(), typed)
    else:
        found = SupplyPoint.objects.meant_by(contract=grant.contract_number, serial=grant.meter_serial)
    return list(found.prefetch_related("meters")[:MOST_CANDIDATES])


def evidence(grant: AccessGrant, points: list[SupplyPoint]) -> list[Evidence]:
    """What speaks for each and against it. A hint: whether the right is proven is for the colleague to say."""
    claimants = _claimants(points, besides=grant.user.consumer)
    return [_evidence(grant, point, claimants) for point in points]


def _evidence(grant: AccessGrant, point: SupplyPoint, claimants: list[Consumer]) -> Evidence:
    agrees: list[str] = []
    conflicts: list[str] = []
    meters = list(point.meters.all())
    (agrees if point.contract_key == contract_key(grant.contract_number) else conflicts).append("номер договора")
    if key := serial_key(grant.meter_serial):
        (agrees if key in {meter.serial_key for meter in meters} else conflicts).append("номер счётчика")
    same, different = point.identifiers_of(grant.user.consumer)
    return Evidence(
        point=point,
        meters=meters,
        agrees=agrees + same,
        conflicts=conflicts + different,
        claimants=sum(bool(point.identifiers_of(claimant)[0]) for claimant in claimants),
    )


def _claimants(points: list[SupplyPoint], *, besides: Consumer) -> list[Consumer]:
    """The other cabinets that claim an identifier of any of the contracts. One query."""
    claims = Q(pk__in=[])
    for name in IDENTIFIERS:
        claims |= Q((f"{name}__in", {getattr(point, name) for point in points} - {""}))
    return list(Consumer.objects.filter(claims).exclude(pk=besides.pk))


def others_with_access(grant: AccessGrant) -> QuerySet[AccessGrant]:
    """Who else sees the point of the grant."""
    others = AccessGrant.objects.filter(point=grant.point, status="confirmed").exclude(pk=grant.pk)
    return others.select_related("user__consumer") if grant.point_id else AccessGrant.objects.none()


def facts(grant: AccessGrant) -> Iterator[Row]:
    """Who asked, for what, and who has decided since."""
    consumer: Consumer = grant.user.consumer
    yield Row("Потребитель", consumer.display_name)
    yield Row("Идентификатор", consumer.masked_identifier)
    yield Row("Email", grant.user.email if grant.user.email_confirmed_at else f"{grant.user.email}, не подтверждён")
    yield from rows_of(grant, ["basis", "contract_number", "meter_serial", "address", "asked_at", "withdrawn_at"])
    if grant.decided_by:
        yield Row("Решение", colleague(grant.decided_by))
    yield from rows_of(grant, ["decided_at", "reason"])
    if grant.revoked_by:
        yield Row("Отзыв", colleague(grant.revoked_by))
    yield from rows_of(grant, ["revoked_at", "revocation_reason"])
