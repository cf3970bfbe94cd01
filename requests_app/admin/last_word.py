"""Who had the last word: what the applicant has written since staff wrote to them, or took a step, is news to the desk."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from requests_app.lifecycle import FINAL_STATUSES
from requests_app.models import Audience, Message, StatusChange


def with_last_word(service_requests: QuerySet[Any]) -> QuerySet[Any]:
    """
    For `has_last_word`, without a query for each. Every value is that of one row, found by an index; `Exists` over a long
    list would let the database read all messages first.
    """
    said = Message.objects.filter(service_request=OuterRef("pk"), audience=Audience.CONSUMER).order_by("-pk")
    steps = StatusChange.objects.filter(service_request=OuterRef("pk")).exclude(by=OuterRef("owner")).order_by("-pk")
    found: QuerySet[Any] = service_requests.annotate(
        last_writer=Subquery(said.values("author")[:1]),
        last_written_at=Subquery(said.values("created_at")[:1]),
        staff_acted_at=Subquery(steps.values("at")[:1]),
    )
    return found


def has_last_word(service_request: Any) -> bool:
    """
    Has the applicant written, and staff neither to them since nor taken a step? A note among staff is no answer; what was
    sent in with the request is no message; and what is finished waits for nobody. Of requests `with_last_word`.
    """
    if service_request.owner_id is None or service_request.status in FINAL_STATUSES:
        return False
    if service_request.last_writer != service_request.owner_id:
        return False
    acted_at = service_request.staff_acted_at
    return acted_at is None or service_request.last_written_at > acted_at
