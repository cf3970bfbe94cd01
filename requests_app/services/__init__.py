"""The services, in the order in which the cabinet shows them. A tenth one is a module and a name here."""

from typing import Any

from django.http import Http404

from requests_app.lifecycle import Life
from requests_app.services import (
    appointment,
    complaint,
    consultation,
    document_copies,
    inquiry,
    invoice,
    meter_readings,
    survey,
    violation_report,
)
from requests_app.services.base import VIEW_REQUESTS, Service

SERVICES: tuple[Service, ...] = (
    inquiry.SERVICE,
    consultation.SERVICE,
    complaint.SERVICE,
    appointment.SERVICE,
    violation_report.SERVICE,
    meter_readings.SERVICE,
    document_copies.SERVICE,
    invoice.SERVICE,
    survey.SERVICE,
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


def with_term() -> list[str]:
    """The slugs of the services whose requests have a term to keep."""
    return [service.slug for service in SERVICES if service.life.has_term]


def choices() -> list[tuple[str, str]]:
    """For `choices` of model fields, filters and forms."""
    return [(service.slug, service.noun) for service in SERVICES]


def appeals() -> list[str]:
    """The slugs of the services whose requests are appeals for the regulator."""
    return [service.slug for service in SERVICES if service.counts_as_appeal]


def seen_by(user: Any) -> list[str]:
    """The slugs of the services whose requests this colleague may see, in the order of the services."""
    return [service.slug for service in SERVICES if user.has_perm(service.view_permission)]


def closed_to(user: Any) -> list[str]:
    """The slugs of the services with a permission of their own that this colleague has not."""
    closed = (service for service in SERVICES if service.view_permission != VIEW_REQUESTS)
    return [service.slug for service in closed if not user.has_perm(service.view_permission)]
