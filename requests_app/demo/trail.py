"""Looks of some days, so that the trail has something to show. Made directly: a look has no action but being there."""

from datetime import timedelta

from django.utils import timezone

from accounts.actions import reveal_snils
from accounts.models import Consumer, DataView, Look, User
from requests_app.demo.people import OPERATOR
from requests_app.models import ServiceRequest

REASON = "Запрос ОПФР по Ростовской области № 60-11/4871 от 16.11.2026"


def make_trail() -> None:
    """Only where nobody has looked yet."""
    if DataView.objects.exists():
        return
    operator, supervisor = User.objects.get(email=OPERATOR), User.objects.get(email="supervisor@example.org")
    rows = []
    named = ServiceRequest.objects.filter(owner__email__endswith="@example.org", is_anonymous=False)
    for step, service_request in enumerate(named.order_by("pk")[:12]):
        about = {"by": supervisor if step % 4 == 3 else operator, "consumer_id": service_request.owner_id}
        at = timezone.now() - timedelta(hours=7 * step + 1)
        rows.append(DataView(kind=Look.PAGE, page="Заявка", number=service_request.number, at=at, **about))
        if step % 3 == 0:
            rows.append(DataView(kind=Look.SEARCH, page="Заявки", number="email", count=step + 1, at=at, **about))
    rows.append(DataView(kind=Look.EXPORT, page="Показания", count=240, by=supervisor))
    DataView.objects.bulk_create(rows)
    person = Consumer.objects.get(user__email="person@example.org")
    reveal_snils(person, reason=REASON, by=supervisor)
