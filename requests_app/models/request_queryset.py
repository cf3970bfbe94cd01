"""The questions that everybody asks of requests."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from requests_app.lifecycle import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from requests_app.models.request import ServiceRequest  # noqa: F401  in the type below


class ServiceRequestQuerySet(models.QuerySet["ServiceRequest"]):
    def visible_to(self, user: Any) -> Self:
        """
        What this colleague may know of: the requests of those services whose permission is theirs. Nothing for a consumer.

        Everything that staff read of requests goes through it, so a closed queue is closed in every list and address.
        """
        from requests_app import services  # the services import the models

        seen = services.seen_by(user) if user.is_staff else []
        hidden = [slug for slug, _ in services.choices() if slug not in seen]
        # the shorter list: leaving one service out must not keep the database from its index of the newest
        return self.exclude(service__in=hidden) if len(hidden) < len(seen) else self.filter(service__in=seen)

    def urgent_and_new(self) -> Self:
        """Somebody is in danger there, and nobody has taken it yet."""
        return self.filter(is_urgent=True, status=Status.REGISTERED)

    def owned_by(self, user: Any) -> Self:
        """Nobody owns those of applicants without a cabinet: `None` has none."""
        return self.none() if user is None else self.filter(owner=user)

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def overdue(self, *, on: date) -> Self:
        return self.open().filter(due_on__lt=on)

    def awaiting_consumer(self) -> Self:
        """A question of ours stands unanswered."""
        return self.filter(status=Status.AWAITING_CONSUMER)

    def due_by(self, day: date, *, on: date) -> Self:
        """Open, not late yet on `on`, to be answered by `day`."""
        return self.open().filter(due_on__gte=on, due_on__lte=day)

    def waiting_for_consumer(self) -> Self:
        """The consumer is to do something: answer a question, or say whether the answer helped."""
        return self.filter(status__in=[Status.ANSWERED, Status.AWAITING_CONSUMER])

    def newest_first(self) -> Self:
        return self.order_by("-submitted_at", "-pk")

    def locked(self) -> Self:
        """Hold the rows until the transaction ends; others may read them and refer to them, but not change them."""
        return self.select_for_update(of=("self",), no_key=True)
