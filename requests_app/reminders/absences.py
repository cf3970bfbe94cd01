"""The work of a colleague whose absence begins today is handed over, and who receives it is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from requests_app import actions
from requests_app.models import Absence
from requests_app.reminders.base import Reminder


def due(now: datetime) -> Iterable[int]:
    begun = Absence.objects.on(timezone.localdate(now)).filter(handed_over_at=None)
    return begun.order_by("pk").values_list("pk", flat=True)


def write(pk: int, now: datetime) -> bool:
    return actions.begin_absence(pk)


REMINDERS = (Reminder(name="absence", due=due, write=write),)
