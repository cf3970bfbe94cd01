"""How much each colleague has to do, and has done: figures of what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from requests_app.colleagues import processing_staff
from requests_app.lifecycle import OPEN_STATUSES
from requests_app.models import Absence, ServiceRequest
from requests_app.start_page.selection import ANSWERED_DAYS, answered_within

SOON_DAYS = 7  # as in the filter of the list


@dataclass(frozen=True, kw_only=True)
class Load:
    """One line. `absent_until` is the last day of an absence that lasts today."""

    colleague: User
    absent_until: date | None
    open: int = 0
    soon: int = 0
    late: int = 0
    answered_week: int = 0
    answered_month: int = 0


def workload(user: User) -> list[Load]:
    """A line for each colleague who handles requests, by name, counted over what `user` may see; two queries."""
    today = timezone.localdate()
    away = Absence.objects.on(today).filter(who=OuterRef("pk")).order_by("-until")
    people = processing_staff(with_superusers=False).annotate(absent_until=Subquery(away.values("until")[:1]))
    counts = _counts(user, today)
    return [Load(colleague=one, absent_until=one.absent_until, **counts.get(one.pk, {})) for one in people]


def _counts(user: User, today: date) -> Mapping[int, dict[str, Any]]:
    in_week, in_month = (answered_within(days, today) for days in ANSWERED_DAYS)
    is_open = Q(status__in=OPEN_STATUSES)
    found = ServiceRequest.objects.visible_to(user).filter(is_open | in_month, assignee__isnull=False)
    counted: Any = (
        found.order_by()
        .values("assignee")
        .annotate(
            open=Count("pk", filter=is_open),
            soon=Count("pk", filter=is_open & Q(due_on__gte=today, due_on__lte=today + timedelta(days=SOON_DAYS))),
            late=Count("pk", filter=is_open & Q(due_on__lt=today)),
            answered_week=Count("pk", filter=in_week),
            answered_month=Count("pk", filter=in_month),
        )
    )
    return {row.pop("assignee"): row for row in counted}
