"""Within how many days a service is answered: the rows that staff edit, over what the service declares."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from requests_app.deadlines import DayKind, add_working_days, due_date
from requests_app.models import CalendarDay, ServiceTerm
from requests_app.services.base import DefaultTerm, Service

_FROM_THE_BEGINNING = date(2026, 1, 1)


def current(service: Service, *, on: date) -> ServiceTerm | DefaultTerm:
    """The term of `service` that is in force on that day; the declared one when staff have none."""
    return ServiceTerm.objects.current(on=on).filter(service=service.slug).first() or service.default_term


def due_on(days: int, day_kind: str, *, start: date | None = None) -> date:
    """The last day of a term that starts to run on `start`, today in Moscow when it is left out."""
    is_working = CalendarDay.objects.working_day_check()
    return due_date(start=start or timezone.localdate(), days=days, kind=DayKind(day_kind), is_working=is_working)


def next_working_day(today: date) -> date:
    """What the desk calls tomorrow: on Friday it is Monday. One query."""
    return add_working_days(today, 1, CalendarDay.objects.working_day_check())


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
