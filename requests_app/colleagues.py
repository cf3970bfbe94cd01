"""Which of the staff handle requests."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from accounts.models import User
from requests_app.services.base import Service

PROCESS_REQUESTS = "requests_app.process_servicerequest"
EXTEND_TERMS = "requests_app.extend_servicerequest"
CORRECT_CODES = "requests_app.correct_codes_servicerequest"
READ_ANSWERS = "requests_app.read_answerreview"
EXPORT_LISTS = "requests_app.export_list"


def processing_staff(service: Service | None = None, *, with_superusers: bool = True) -> QuerySet[User]:
    """
    Those who handle requests, by name; with a `service`, those who may know of its requests. Superusers may everything,
    but are not on duty.
    """
    staff = _permitted(PROCESS_REQUESTS, with_superusers).filter(is_staff=True)
    if service:
        staff = staff.filter(pk__in=_permitted(service.view_permission, with_superusers).values("pk"))
    return staff.order_by("name", "email")


def supervising_staff() -> QuerySet[User]:
    """Those who answer for the terms, without superusers: who may extend them."""
    return processing_staff(with_superusers=False).filter(pk__in=_permitted(EXTEND_TERMS, False).values("pk"))


def _permitted(permission: str, with_superusers: bool) -> QuerySet[User]:
    return ModelBackend().with_perm(permission, include_superusers=with_superusers)
