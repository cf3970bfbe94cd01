"""A complaint of the demo whose answer takes longer than was promised, and why."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.demo.people import SUPERVISOR
from requests_app.lifecycle import Status
from requests_app.models import CalendarDay, ServiceRequest

_REASON = "Ждём замеры напряжения: их снимают прибором семь дней подряд."
_LONGER = timedelta(days=10)


def extend_one() -> None:
    """The open complaint whose term ends last, unless some term was extended already."""
    if ServiceRequest.objects.filter(extensions__isnull=False).exists():
        return
    at_work = ServiceRequest.objects.filter(service="complaint", status=Status.IN_PROGRESS)
    service_request = at_work.filter(due_on__gt=timezone.localdate()).order_by("due_on").last()
    if service_request is None:
        return
    is_working = CalendarDay.objects.working_day_check()
    until = service_request.due_on + _LONGER
    while not is_working(until):
        until += timedelta(days=1)
    supervisor = User.objects.get(email=SUPERVISOR)
    actions.extend_term(service_request, until=until, reason=_REASON, by=supervisor)
