"""The services, in the order in which the cabinet shows them. A tenth one is a module and a name here."""

from django.http import Http404

from requests_app.lifecycle import Life
from requests_app.services import complaint, consultation, inquiry, meter_readings
from requests_app.services.base import Service

SERVICES: tuple[Service, ...] = (
    inquiry.SERVICE,
    consultation.SERVICE,
    complaint.SERVICE,
    meter_readings.SERVICE,
)

_BY_SLUG = {service.slug: service for service in SERVICES}


def get(slug: str) -> Service:
    """The service called `slug`; raises KeyError for an unknown one."""
    return _BY_SLUG[slug]


def get_or_404(slug: str) -> Service:
    """The service of an address; raises Http404 for an unknown one."""
    if slug not in _BY_SLUG:
        raise Http404
    return _BY_SLUG[slug]


def lives() -> list[Life]:
    """The lives that requests of these services lead, each once."""
    return list({id(service.life): service.life for service in SERVICES}.values())


def choices() -> list[tuple[str, str]]:
    """For `choices` of model fields, filters and forms."""
    return [(service.slug, service.noun) for service in SERVICES]
