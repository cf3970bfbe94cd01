"""The official codes of an appeal, which staff give."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from requests_app.actions.steps import may_process
from requests_app.codes import Category
from requests_app.models import ServiceRequest


def set_codes(
    service_request: ServiceRequest, *, category: str, measures_done: str, measures_planned: str, by: User
) -> None:
    """
    Correct the category of the appeal and tell what was done and is planned about it: columns 10–26, 30 and 31 of table
    4.9 of Annex 7 to the Unified standards of service (Order of the Ministry of Energy No. 186 of 15.04.2014).

    Raises `PermissionDenied` for whoever may not process requests and ValueError for an unknown category.
    """
    if not may_process(service_request, by=by):
        raise PermissionDenied("Codes are for those who process requests")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        locked.category = Category(category)
        locked.measures_done, locked.measures_planned = measures_done, measures_planned
        locked.save(update_fields=["category", "measures_done", "measures_planned"])
