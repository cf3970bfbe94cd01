"""The terms that a new installation starts with."""

from collections.abc import Iterable
from datetime import date

from requests_app.models import ServiceTerm
from requests_app.services.base import Service

_FROM_THE_BEGINNING = date(2026, 1, 1)


def seed(services: Iterable[Service], *, using: str) -> None:
    """Make a `ServiceTerm` from the declared default for every service that has none; existing rows stay."""
    terms = ServiceTerm.objects.using(using)
    known = set(terms.values_list("service", flat=True))
    terms.bulk_create(
        ServiceTerm(
            service=service.slug,
            days=service.default_term.days,
            day_kind=service.default_term.day_kind,
            legal_basis=service.default_term.legal_basis,
            valid_from=_FROM_THE_BEGINNING,
        )
        for service in services
        if service.slug not in known
    )
