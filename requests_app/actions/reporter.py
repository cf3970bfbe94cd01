"""Who sent an anonymous request: told to nobody but who may ask for it, and never without a trace."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import DataView, Look, User
from requests_app.models import ReporterReveal, ServiceRequest


def reveal_reporter(service_request: ServiceRequest, *, reason: str, by: User) -> User:
    """
    Return who sent the anonymous request, once it is written down that `by` has looked and why. Each look is a line.

    Raises `PermissionDenied` for whoever may not see the request or its reporter, ValueError when nobody is hidden
    there, and ValidationError when the `reason` is too short or too long.
    """
    if not service_request.is_anonymous:
        raise ValueError("Its reporter is not hidden")
    if not by.has_perm("requests_app.see_reporter") or not by.has_perm(service_request.kind.view_permission):
        raise PermissionDenied("This one may not see who sent it")
    reveal = ReporterReveal(service_request=service_request, by=by, reason=reason.strip())
    with transaction.atomic():
        reveal.full_clean()
        reveal.save()
        # also in the trail, where every look is looked for; whose request it is stays hidden there
        DataView.objects.create(
            by=by, kind=Look.REVEAL, page="Скрытый заявитель", number=service_request.number, reason=reveal.reason
        )
    reporter = service_request.owner
    if reporter is None:
        raise ValueError("Nobody's request is never anonymous: a constraint keeps it")
    return reporter
