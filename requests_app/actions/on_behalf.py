"""What was written down for somebody without a cabinet is given to a cabinet: by a person, with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import notifications
from requests_app.actions.steps import TransitionNotAllowed, may_process
from requests_app.models import ServiceRequest


def link_to_cabinet(service_request: ServiceRequest, *, owner: User, reason: str, by: User) -> ServiceRequest:
    """
    Let the consumer `owner` see the request as their own, and tell them. The snapshot of the applicant stays. Returns
    the request as it is now.

    Raises `TransitionNotAllowed` when it is in a cabinet already or is not for `by`, and ValidationError when the
    `reason` is too short or too long.
    """
    if not may_process(service_request, by=by):
        raise TransitionNotAllowed("Привязать заявку может только тот, кто обрабатывает такие заявки.")
    if not (owner.is_active and owner.is_consumer):
        raise TransitionNotAllowed("Это не\N{NO-BREAK SPACE}кабинет потребителя.")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if locked.owner_id == owner.pk:
            return locked
        if locked.owner_id:
            raise TransitionNotAllowed("Эта заявка уже в\N{NO-BREAK SPACE}кабинете потребителя.")
        reception = locked.reception
        reception.linked_by, reception.linked_at, reception.link_reason = by, timezone.now(), reason.strip()
        reception.full_clean(exclude=["service_request", "by", "visit"])
        reception.save(update_fields=["linked_by", "linked_at", "link_reason"])
        locked.owner = owner
        locked.save(update_fields=["owner"])
        notifications.given_to_cabinet(locked)
    return locked
