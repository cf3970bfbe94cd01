"""What stands beside a request: the consumer's other requests and objects, and requests about the same place or meter."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.models import User
from requests_app import services
from requests_app.admin.words import status_badge
from requests_app.models import AccessGrant, GrantStatus, PlaceKey, PlaceKind, ServiceRequest

MOST_SHOWN = 6  # of each; the rest is in the lists
_MOST_KEYS = 4  # an address, a contract and a meter, or two where one was replaced

SEE_POINTS = "requests_app.view_supplypoint"
SEE_GRANTS = "requests_app.view_accessgrant"


@dataclass(frozen=True)
class Neighbour:
    """Another request; of one about the same, in what it is the same: «тот же адрес, тот же счётчик»."""

    service_request: ServiceRequest
    why: str = ""

    @property
    def status(self) -> str:
        return status_badge(self.service_request)


@dataclass(frozen=True, kw_only=True)
class Around:
    """Everything newest first. Of who has asked not to be named there are neither requests nor objects."""

    requests: list[Neighbour] = field(default_factory=list)
    grants: list[AccessGrant] = field(default_factory=list)
    related: list[Neighbour] = field(default_factory=list)


def around(service_request: ServiceRequest, *, by: User) -> Around:
    """One query for requests, one for objects, and for what is related one and one for each of its few keys."""
    related = _related(service_request, by)
    if service_request.is_anonymous:
        return Around(related=related)
    openly = ServiceRequest.objects.visible_to(by).owned_by(service_request.owner_id).filter(is_anonymous=False)
    shown = [service_request.pk, *(neighbour.service_request.pk for neighbour in related)]
    found = list(openly.exclude(pk__in=shown).newest_first()[:MOST_SHOWN])
    return Around(requests=[Neighbour(other) for other in found], grants=_grants(service_request, by), related=related)


def _grants(service_request: ServiceRequest, by: User) -> list[AccessGrant]:
    """The objects to which access is confirmed, and those for which it is asked."""
    if not (by.has_perm(SEE_POINTS) and by.has_perm(SEE_GRANTS)):
        return []
    alive = AccessGrant.objects.of(service_request.owner_id).filter(
        status__in=[GrantStatus.CONFIRMED, GrantStatus.ASKED]
    )
    return list(alive.select_related("point")[:MOST_SHOWN])


def _related(service_request: ServiceRequest, by: User) -> list[Neighbour]:
    keys = sorted(service_request.place_keys.values_list("kind", "key"))[:_MOST_KEYS]
    seen = services.seen_by(by)
    whys: dict[int, list[str]] = {}
    requests: dict[int, ServiceRequest] = {}
    for kind, key in keys:
        same = PlaceKey.objects.newest_with(kind, key).filter(service_request__service__in=seen)
        rows = same.exclude(service_request=service_request).select_related("service_request")
        for row in rows[:MOST_SHOWN]:
            requests[row.service_request_id] = row.service_request
            whys.setdefault(row.service_request_id, []).append(PlaceKind(kind).label)
    newest = sorted(requests, reverse=True)[:MOST_SHOWN]
    return [Neighbour(requests[pk], ", ".join(dict.fromkeys(whys[pk]))) for pk in newest]
